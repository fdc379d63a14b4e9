import { BUILTIN_TYPE_STORAGE } from '../catalog/builtinTypes.ts';
import { qualifiedKey } from '../catalog/catalog.ts';
import type { Catalog, Constraint, Relation, TableRelation, TypeReference } from '../catalog/catalog.ts';
import { hasColumns, indexById, isIndex, isTable, isView } from '../catalog/lookup.ts';
import { mayHaveOthers, RELATION_OIDS } from './otherSystemRows.ts';
import type { Cell, Filters, Wanted } from './otherSystemRows.ts';

export type SystemRow = Readonly<Record<string, Cell>>;

export interface SystemRows {
  readonly rows: readonly SystemRow[];
  /** The server has no others that could matter; `joined`: as long as the tables that these are joined with have no others. */
  readonly complete: boolean | 'joined';
}

export const relationOid = (id: number): string => `relation:${String(id)}`;
export const typeOid = (id: number): string => `type:${String(id)}`;
export const schemaOid = (name: string): string => `schema:${name}`;

type Maker = (catalog: Catalog, filters: Filters) => SystemRow[];

/**
 * The rows that one of PostgreSQL's system catalogs, or a view of the information schema, has for what a replayed
 * catalog holds. Null for those that tell of other things (roles, activity, settings) and for other tables.
 */
export function systemRows(
  catalog: Catalog,
  schema: string | undefined,
  name: string,
  wanted: Wanted,
): SystemRows | null {
  const maker =
    schema === 'information_schema'
      ? INFORMATION_SCHEMA[name]
      : schema === undefined || schema === 'pg_catalog'
        ? PG_CATALOG[name]
        : undefined;
  if (maker === undefined) return null;
  const open = catalog.gaps.some(({ kind }) => kind === 'missing baseline' || kind === 'dynamic SQL');
  const others = !open && mayHaveOthers(catalog, name, wanted);
  const complete = !others || (OF_A_RELATION.some((column) => wanted.joined.has(column)) && 'joined');
  return { rows: maker(catalog, wanted.equal), complete: !open && complete };
}

/** Columns that hold a relation's name. */
const NAMES = ['relname', 'table_name', 'tablename', 'viewname', 'matviewname', 'sequencename', 'sequence_name'];
const OWN_NAMES = [...NAMES, 'indexname', 'event_object_table'];
const OF_A_RELATION = ['attrelid', 'conrelid'];

/** Relations that can be meant; all if nothing tells. */
function relations(catalog: Catalog, filters: Filters, names: readonly string[] = OWN_NAMES): Relation[] {
  for (const column of RELATION_OIDS) {
    const oid = filters.get(column);
    if (typeof oid !== 'string') continue;
    const found = catalog.relations.get(Number(oid.replace('relation:', '')));
    return found === undefined ? [] : [found];
  }
  for (const column of names) {
    const name = filters.get(column);
    if (typeof name !== 'string') continue;
    return [...catalog.schemas.keys()].flatMap((schema) => {
      const id = catalog.relationByName.get(qualifiedKey(schema, name));
      return id === undefined ? [] : (catalog.relations.get(id) ?? []);
    });
  }
  return [...catalog.relations.values()];
}

const tables = (catalog: Catalog, filters: Filters): TableRelation[] => relations(catalog, filters).filter(isTable);

const RELKIND: Readonly<Record<Relation['kind'], string>> = {
  table: 'r',
  'partitioned table': 'p',
  'foreign table': 'f',
  view: 'v',
  'materialized view': 'm',
  sequence: 'S',
  index: 'i',
  'partitioned index': 'I',
  'composite type': 'c',
};
const TYPTYPE: Readonly<Record<string, string>> = { enum: 'e', domain: 'd', range: 'r', base: 'b', shell: 'p' };
const CONTYPE: Readonly<Record<Constraint['kind'], readonly [string, string]>> = {
  check: ['c', 'CHECK'],
  'not null': ['n', 'CHECK'],
  'primary key': ['p', 'PRIMARY KEY'],
  unique: ['u', 'UNIQUE'],
  exclude: ['x', ''],
  'foreign key': ['f', 'FOREIGN KEY'],
};

/** Before 18 a NOT NULL is no constraint in pg_constraint. */
function constraints(catalog: Catalog, filters: Filters): [TableRelation, Constraint][] {
  const name = filters.get('conname') ?? filters.get('constraint_name');
  if (typeof name === 'string') {
    const anywhere = [...catalog.schemas.keys()].some((schema) =>
      catalog.constraintNames.has(qualifiedKey(schema, name)),
    );
    if (!anywhere) return [];
  }
  return tables(catalog, filters).flatMap((table) =>
    table.constraints
      .filter((each) => (name === undefined || each.name === name) && (each.kind !== 'not null' || catalog.major >= 18))
      .map((each): [TableRelation, Constraint] => [table, each]),
  );
}

const columnRows: Maker = (catalog, filters) =>
  relations(catalog, filters).flatMap((relation) =>
    hasColumns(relation)
      ? relation.columns.map((column) => ({
          attrelid: relationOid(relation.id),
          attname: column.name,
          attnum: column.number,
          attisdropped: false,
          attnotnull: column.notNull,
          atthasdef: column.default !== null,
          attidentity: column.identity === 'always' ? 'a' : column.identity === null ? '' : 'd',
        }))
      : [],
  );

const PG_CATALOG: Readonly<Record<string, Maker>> = {
  pg_class: (catalog, filters) =>
    relations(catalog, filters).map((relation) => ({
      oid: relationOid(relation.id),
      relname: relation.name,
      relnamespace: schemaOid(relation.schema),
      relkind: RELKIND[relation.kind],
      relrowsecurity: isTable(relation) ? relation.rowSecurity === 'on' : false,
    })),
  pg_namespace: (catalog) => [...catalog.schemas.keys()].map((name) => ({ oid: schemaOid(name), nspname: name })),
  pg_type: (catalog) => [
    ...[...catalog.types.values()].map((type) => ({
      oid: typeOid(type.id),
      typname: type.name,
      typnamespace: schemaOid(type.schema),
      typtype: TYPTYPE[type.kind],
    })),
    ...[...catalog.relations.values()].flatMap((relation) =>
      hasColumns(relation)
        ? [{ oid: undefined, typname: relation.name, typnamespace: schemaOid(relation.schema), typtype: 'c' }]
        : [],
    ),
    ...builtinTypes,
  ],
  pg_enum: (catalog) =>
    [...catalog.types.values()].flatMap((type) =>
      type.kind === 'enum' ? type.labels.map((label) => ({ enumtypid: typeOid(type.id), enumlabel: label })) : [],
    ),
  pg_constraint: (catalog, filters) => [
    ...constraints(catalog, filters).map(([table, constraint]) => ({
      conname: constraint.name,
      conrelid: relationOid(table.id),
      connamespace: schemaOid(table.schema),
      contype: CONTYPE[constraint.kind][0],
      convalidated: constraint.validated,
      confrelid:
        constraint.kind === 'foreign key' && constraint.referenced !== null ? relationOid(constraint.referenced) : '0',
    })),
    ...[...catalog.types.values()].flatMap((type) =>
      type.kind === 'domain'
        ? type.constraints.map(({ name }) => ({
            conname: name,
            conrelid: '0',
            contypid: typeOid(type.id),
            contype: 'c',
          }))
        : [],
    ),
  ],
  pg_index: (catalog, filters) =>
    (filters.has('indexrelid') ? relations(catalog, filters) : indexesOfTables(catalog, filters)).flatMap((index) =>
      isIndex(index)
        ? [
            {
              indexrelid: relationOid(index.id),
              indrelid: relationOid(index.table),
              indisunique: index.unique,
              indisvalid: index.valid,
            },
          ]
        : [],
    ),
  pg_indexes: (catalog, filters) =>
    (filters.has('indexname') ? relations(catalog, filters, ['indexname']) : indexesOfTables(catalog, filters)).flatMap(
      (index) => {
        const table = isIndex(index) ? catalog.relations.get(index.table) : undefined;
        return table === undefined
          ? []
          : [{ schemaname: index.schema, tablename: table.name, indexname: index.name, indexdef: undefined }];
      },
    ),
  pg_tables: (catalog, filters) =>
    tables(catalog, filters)
      .filter(({ kind }) => kind !== 'foreign table')
      .map((table) => ({ schemaname: table.schema, tablename: table.name, rowsecurity: table.rowSecurity === 'on' })),
  pg_views: (catalog, filters) => named(catalog, filters, 'view', 'viewname'),
  pg_matviews: (catalog, filters) => named(catalog, filters, 'materialized view', 'matviewname'),
  pg_sequences: (catalog, filters) => named(catalog, filters, 'sequence', 'sequencename'),
  pg_attribute: columnRows,
  pg_trigger: (catalog, filters) =>
    relations(catalog, filters).flatMap((relation) =>
      'triggers' in relation
        ? relation.triggers.map(({ name }) => ({
            tgname: name,
            tgrelid: relationOid(relation.id),
            tgisinternal: false,
          }))
        : [],
    ),
  pg_policies: (catalog, filters) =>
    tables(catalog, filters).flatMap(({ schema, name, policies }) =>
      policies.map((policy) => ({ schemaname: schema, tablename: name, policyname: policy.name })),
    ),
  pg_policy: (catalog, filters) =>
    tables(catalog, filters).flatMap(({ id, policies }) =>
      policies.map((policy) => ({ polname: policy.name, polrelid: relationOid(id) })),
    ),
  pg_rules: (catalog, filters) =>
    tables(catalog, filters).flatMap(({ schema, name, rules }) =>
      rules.map((rule) => ({ schemaname: schema, tablename: name, rulename: rule.name })),
    ),
  pg_proc: (catalog) =>
    [...catalog.functions.values()].map(({ id, name, schema, kind }) => ({
      oid: `function:${String(id)}`,
      proname: name,
      pronamespace: schemaOid(schema),
      prokind: kind === 'procedure' ? 'p' : kind === 'aggregate' ? 'a' : kind === 'window' ? 'w' : 'f',
    })),
  pg_extension: (catalog) => [...catalog.extensions.keys(), 'plpgsql'].map((name) => ({ extname: name })),
  pg_publication: (catalog) => others(catalog, 'publication', 'pubname'),
  pg_event_trigger: (catalog) => others(catalog, 'event trigger', 'evtname'),
};

const INFORMATION_SCHEMA: Readonly<Record<string, Maker>> = {
  tables: (catalog, filters) =>
    relations(catalog, filters).flatMap((relation) =>
      isTable(relation) || relation.kind === 'view'
        ? [
            {
              table_schema: relation.schema,
              table_name: relation.name,
              table_type:
                relation.kind === 'view' ? 'VIEW' : relation.kind === 'foreign table' ? 'FOREIGN' : 'BASE TABLE',
            },
          ]
        : [],
    ),
  views: (catalog, filters) =>
    relations(catalog, filters).flatMap((relation) =>
      relation.kind === 'view' ? [{ table_schema: relation.schema, table_name: relation.name }] : [],
    ),
  columns: (catalog, filters) =>
    relations(catalog, filters).flatMap((relation) =>
      isTable(relation) || (isView(relation) && relation.kind === 'view')
        ? relation.columns.map((column) => ({
            table_schema: relation.schema,
            table_name: relation.name,
            column_name: column.name,
            ordinal_position: column.number,
            is_nullable: column.notNull ? 'NO' : 'YES',
            is_identity: column.identity === null ? 'NO' : 'YES',
            is_generated: column.generated === null ? 'NEVER' : 'ALWAYS',
            column_default: column.default === null ? null : undefined,
            data_type: dataType(column.type),
            udt_name: column.type.arrayDimensions > 0 ? `_${column.type.name}` : column.type.name,
            character_maximum_length: undefined,
          }))
        : [],
    ),
  table_constraints: (catalog, filters) =>
    constraints(catalog, filters)
      .filter(([, { kind }]) => kind !== 'exclude')
      .map(([table, constraint]) => ({
        constraint_schema: table.schema,
        constraint_name: constraint.name,
        table_schema: table.schema,
        table_name: table.name,
        constraint_type: CONTYPE[constraint.kind][1],
      })),
  referential_constraints: (catalog, filters) =>
    constraints(catalog, filters)
      .filter(([, { kind }]) => kind === 'foreign key')
      .map(([table, { name }]) => ({ constraint_schema: table.schema, constraint_name: name })),
  key_column_usage: (catalog, filters) =>
    constraints(catalog, filters).flatMap(([table, constraint]) =>
      constraint.kind === 'foreign key' || constraint.kind === 'primary key' || constraint.kind === 'unique'
        ? constraint.columns.map((number) => ({
            constraint_schema: table.schema,
            constraint_name: constraint.name,
            table_schema: table.schema,
            table_name: table.name,
            column_name: table.columns.find((column) => column.number === number)?.name,
          }))
        : [],
    ),
  schemata: (catalog) => [...catalog.schemas.keys()].map((name) => ({ schema_name: name })),
  sequences: (catalog, filters) =>
    relations(catalog, filters).flatMap((relation) =>
      relation.kind === 'sequence' ? [{ sequence_schema: relation.schema, sequence_name: relation.name }] : [],
    ),
  triggers: (catalog, filters) =>
    relations(catalog, filters).flatMap((relation) =>
      'triggers' in relation
        ? relation.triggers.map(({ name }) => ({
            trigger_schema: relation.schema,
            trigger_name: name,
            event_object_schema: relation.schema,
            event_object_table: relation.name,
          }))
        : [],
    ),
  routines: (catalog) =>
    [...catalog.functions.values()].map(({ name, schema, kind }) => ({
      routine_schema: schema,
      routine_name: name,
      routine_type: kind === 'procedure' ? 'PROCEDURE' : 'FUNCTION',
    })),
};

function indexesOfTables(catalog: Catalog, filters: Filters): Relation[] {
  return relations(catalog, filters, NAMES).flatMap((relation) =>
    'indexes' in relation ? relation.indexes.flatMap((id) => indexById(catalog, id) ?? []) : [],
  );
}

function named(catalog: Catalog, filters: Filters, kind: Relation['kind'], column: string): SystemRow[] {
  return relations(catalog, filters).flatMap((relation) =>
    relation.kind === kind ? [{ schemaname: relation.schema, [column]: relation.name }] : [],
  );
}

function others(catalog: Catalog, kind: string, column: string): SystemRow[] {
  return [...catalog.others.values()].flatMap((other) => (other.kind === kind ? [{ [column]: other.name }] : []));
}

const builtinTypes: readonly SystemRow[] = [...BUILTIN_TYPE_STORAGE.keys()].map((name) => ({
  oid: `builtin:${name}`,
  typname: name,
  typnamespace: schemaOid('pg_catalog'),
  typtype: 'b',
}));

/** `data_type` of information_schema.columns. */
function dataType(type: TypeReference): Cell {
  if (type.arrayDimensions > 0) return 'ARRAY';
  if (type.id !== null) return type.schema === 'pg_catalog' ? undefined : 'USER-DEFINED';
  return type.schema === 'pg_catalog' ? (DATA_TYPES[type.name] ?? type.name) : undefined;
}

const DATA_TYPES: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  bool: 'boolean',
  varchar: 'character varying',
  bpchar: 'character',
  timestamptz: 'timestamp with time zone',
  timestamp: 'timestamp without time zone',
  timetz: 'time with time zone',
  time: 'time without time zone',
  varbit: 'bit varying',
};
