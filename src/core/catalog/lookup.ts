import { qualifiedKey } from './catalog.ts';
import type {
  CatalogView,
  Column,
  CompositeTypeRelation,
  Constraint,
  ForeignKeyConstraint,
  IndexRelation,
  Relation,
  SequenceRelation,
  Session,
  TableRelation,
  TypeReference,
  UserFunction,
  UserType,
  ViewRelation,
} from './catalog.ts';

/** Questions about a catalog. All are total: unknown names give `undefined` or an empty list. */

export type RelationWithColumns = TableRelation | ViewRelation | CompositeTypeRelation;

/** The schema where temporary objects lie, under the one name that people can write. */
export const TEMPORARY_SCHEMA = 'pg_temp';

/** Schemas that unqualified names are looked for in, as the session's search_path says; the temporary one is searched before them. */
export function searchedSchemas({ session }: CatalogView): readonly string[] {
  let searched = searchedBy.get(session);
  if (searched === undefined) {
    const { searchPath, role } = session;
    searched = searchPath.flatMap((name) => (name === '$user' ? (role === null ? [] : [role]) : [name]));
    searchedBy.set(session, searched);
  }
  return searched;
}

const searchedBy = new WeakMap<Session, readonly string[]>();

/** Finds a relation of any kind as a statement names it: through search_path when no schema is given. */
export function resolveRelation(catalog: CatalogView, schema: string | undefined, name: string): Relation | undefined {
  if (schema !== undefined) return relationAt(catalog, schema, name);
  const temporary = relationAt(catalog, TEMPORARY_SCHEMA, name);
  if (temporary !== undefined) return temporary;
  for (const searched of catalog.session.searchPath) {
    const found = relationAt(catalog, searched === '$user' ? (catalog.session.role ?? searched) : searched, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The relation of exactly this schema and name. */
export function relationAt(catalog: CatalogView, schema: string, name: string): Relation | undefined {
  const id = catalog.relationByName.get(qualifiedKey(schema, name));
  return id === undefined ? undefined : catalog.relations.get(id);
}

/** A table (plain, partitioned or foreign), by id. */
export function tableById(catalog: CatalogView, id: number): TableRelation | undefined {
  const relation = catalog.relations.get(id);
  return relation !== undefined && isTable(relation) ? relation : undefined;
}

export function indexById(catalog: CatalogView, id: number): IndexRelation | undefined {
  const relation = catalog.relations.get(id);
  return relation !== undefined && isIndex(relation) ? relation : undefined;
}

export function isTable(relation: Relation): relation is TableRelation {
  return relation.kind === 'table' || relation.kind === 'partitioned table' || relation.kind === 'foreign table';
}

export function isIndex(relation: Relation): relation is IndexRelation {
  return relation.kind === 'index' || relation.kind === 'partitioned index';
}

export function isView(relation: Relation): relation is ViewRelation {
  return relation.kind === 'view' || relation.kind === 'materialized view';
}

export function hasColumns(relation: Relation): relation is RelationWithColumns {
  return relation.kind !== 'sequence' && !isIndex(relation);
}

/** A column by name. */
export function columnNamed(relation: RelationWithColumns, name: string): Column | undefined {
  return relation.columns.find((column) => column.name === name);
}

/** A column by attnum. */
export function columnNumbered(relation: RelationWithColumns, number: number): Column | undefined {
  return relation.columns.find((column) => column.number === number);
}

/** Names of columns by attnum; unknown ones are left out. */
export function columnNames(relation: RelationWithColumns, numbers: readonly number[]): string[] {
  return numbers.flatMap((number) => columnNumbered(relation, number)?.name ?? []);
}

export function constraintNamed(table: TableRelation, name: string): Constraint | undefined {
  return table.constraints.find((constraint) => constraint.name === name);
}

/** The primary key of a table. */
export function primaryKeyOf(table: TableRelation): (Constraint & { kind: 'primary key' | 'unique' }) | undefined {
  for (const constraint of table.constraints) if (constraint.kind === 'primary key') return constraint;
  return undefined;
}

/** Indexes of a table or materialized view. */
export function indexesOf(catalog: CatalogView, relation: TableRelation | ViewRelation): IndexRelation[] {
  return relation.indexes.flatMap((id) => indexById(catalog, id) ?? []);
}

/** The table (or materialized view) of an index, or the one that owns a sequence. */
export function owningRelation(catalog: CatalogView, relation: Relation): Relation | undefined {
  if (isIndex(relation)) return catalog.relations.get(relation.table);
  if (relation.kind === 'sequence' && relation.ownedBy !== null)
    return catalog.relations.get(relation.ownedBy.relation);
  return undefined;
}

/** Sequences owned by a table, or by one of its columns (attnum): serial and identity ones. */
export function ownedSequences(catalog: CatalogView, relation: number, column?: number): SequenceRelation[] {
  const found: SequenceRelation[] = [];
  for (const id of catalog.dependents.get(relation) ?? []) {
    const sequence = catalog.relations.get(id);
    if (sequence?.kind !== 'sequence' || sequence.ownedBy?.relation !== relation) continue;
    if (column === undefined || sequence.ownedBy.column === column) found.push(sequence);
  }
  return found;
}

/** All inheritance children and partitions of a table, theirs too, without the table itself; each once, parents before children. */
export function descendants(catalog: CatalogView, table: TableRelation): TableRelation[] {
  const found = new Map<number, TableRelation>();
  const visit = (parent: TableRelation): void => {
    for (const id of parent.children) {
      const child = tableById(catalog, id);
      if (child === undefined || found.has(id)) continue;
      found.set(id, child);
      visit(child);
    }
  };
  visit(table);
  return [...found.values()];
}

/** Parents of a table and theirs: by INHERITS or PARTITION OF. */
export function ancestors(catalog: CatalogView, table: TableRelation): TableRelation[] {
  const found = new Map<number, TableRelation>();
  const visit = (child: TableRelation): void => {
    const parents = child.partitionOf === null ? child.inherits : [child.partitionOf.parent];
    for (const id of parents) {
      const parent = tableById(catalog, id);
      if (parent === undefined || found.has(id)) continue;
      found.set(id, parent);
      visit(parent);
    }
  };
  visit(table);
  return [...found.values()];
}

/** The default partition of a partitioned table. */
export function defaultPartition(catalog: CatalogView, table: TableRelation): TableRelation | undefined {
  for (const id of table.children) {
    const child = tableById(catalog, id);
    if (child?.partitionOf?.bound.kind === 'default') return child;
  }
  return undefined;
}

export interface ForeignKeyOf {
  readonly table: TableRelation;
  readonly constraint: ForeignKeyConstraint;
}

/** Foreign keys of any table that refer to this one (its own too). */
export function foreignKeysTo(catalog: CatalogView, referenced: number): ForeignKeyOf[] {
  const found: ForeignKeyOf[] = [];
  const dependents = catalog.dependents.get(referenced) ?? [];
  // Nothing is noted as hanging on itself.
  for (const id of dependents.includes(referenced) ? dependents : [...dependents, referenced]) {
    const table = tableById(catalog, id);
    for (const constraint of table?.constraints ?? []) {
      if (table !== undefined && constraint.kind === 'foreign key' && constraint.referenced === referenced) {
        found.push({ table, constraint });
      }
    }
  }
  return found;
}

/** Views whose query names this relation directly. */
export function viewsDirectlyOver(catalog: CatalogView, relation: number): ViewRelation[] {
  const found: ViewRelation[] = [];
  for (const id of catalog.dependents.get(relation) ?? []) {
    const view = catalog.relations.get(id);
    if (view !== undefined && isView(view) && view.dependencies.relations.includes(relation)) found.push(view);
  }
  return found;
}

/** Views over this relation, views over those too, nearest first; each once. */
export function viewsOver(catalog: CatalogView, relation: number): ViewRelation[] {
  const found = new Map<number, ViewRelation>();
  let layer = [relation];
  while (layer.length > 0) {
    const next: number[] = [];
    for (const id of layer) {
      for (const view of viewsDirectlyOver(catalog, id)) {
        if (found.has(view.id)) continue;
        found.set(view.id, view);
        next.push(view.id);
      }
    }
    layer = next;
  }
  return [...found.values()];
}

/** The user's type that a reference means: an enum, domain, range …, or the relation whose row type it is. */
export function typeOf(catalog: CatalogView, reference: TypeReference): UserType | Relation | undefined {
  if (reference.id === null) return undefined;
  return catalog.types.get(reference.id) ?? catalog.relations.get(reference.id);
}

/** Finds a user's type (not a row type) as a statement names it. */
export function resolveUserType(catalog: CatalogView, schema: string | undefined, name: string): UserType | undefined {
  const schemas = schema === undefined ? [TEMPORARY_SCHEMA, ...searchedSchemas(catalog)] : [schema];
  for (const searched of schemas) {
    const id = catalog.typeByName.get(qualifiedKey(searched, name));
    if (id !== undefined) return catalog.types.get(id);
  }
  return undefined;
}

export interface ColumnOf {
  readonly relation: RelationWithColumns;
  readonly column: Column;
}

/**
 * Columns of tables, views and materialized views whose type is, or holds, this type: also as an array's element, as
 * the base of a domain, inside a composite type or a range. `id` is a type's, or a relation's for its row type.
 */
export function columnsOfType(catalog: CatalogView, id: number): ColumnOf[] {
  const carriers = new Set<number>([id]);
  const found: ColumnOf[] = [];
  const seen = new Set<number>();
  for (const carrier of carriers) {
    for (const dependent of catalog.dependents.get(carrier) ?? []) {
      const type = catalog.types.get(dependent);
      if (type?.kind === 'domain' && type.base.id === carrier) carriers.add(type.id);
      if (type?.kind === 'range' && type.subtype.id === carrier) carriers.add(type.id);
      const relation = catalog.relations.get(dependent);
      if (relation === undefined || !hasColumns(relation)) continue;
      for (const column of relation.columns) {
        if (column.type.id !== carrier) continue;
        if (!seen.has(relation.id)) carriers.add(relation.id);
        if (relation.kind !== 'composite type') found.push({ relation, column });
      }
      seen.add(relation.id);
    }
  }
  return found;
}

/** Overloads of a function as a statement names it, of all schemas of search_path. */
export function resolveFunctions(catalog: CatalogView, schema: string | undefined, name: string): UserFunction[] {
  const found: UserFunction[] = [];
  for (const searched of schema === undefined ? searchedSchemas(catalog) : [schema]) {
    for (const id of catalog.functionsByName.get(qualifiedKey(searched, name)) ?? []) {
      const overload = catalog.functions.get(id);
      if (overload !== undefined) found.push(overload);
    }
  }
  return found;
}

/** Two references to the same type, modifiers apart. */
export function sameType(a: TypeReference, b: TypeReference): boolean {
  if (a.id !== null || b.id !== null) return a.id === b.id && a.arrayDimensions > 0 === b.arrayDimensions > 0;
  return a.name === b.name && a.schema === b.schema && a.arrayDimensions > 0 === b.arrayDimensions > 0;
}

/** A type as SQL that people read: `numeric(10,2)[]`, `public.status`. */
export function typeText(reference: TypeReference): string {
  const schema = reference.schema === null || reference.schema === 'pg_catalog' ? '' : `${reference.schema}.`;
  return `${schema}${reference.name}${modifiersText(reference)}${'[]'.repeat(reference.arrayDimensions)}`;
}

/** Bits of an interval's fields. utils/datetime.h (YEAR, MONTH, DAY, HOUR, MINUTE, SECOND) */
const INTERVAL_FIELDS = [
  [1 << 2, 'year'],
  [1 << 1, 'month'],
  [1 << 3, 'day'],
  [1 << 10, 'hour'],
  [1 << 11, 'minute'],
  [1 << 12, 'second'],
] as const;
const ALL_INTERVAL_FIELDS = 0x7fff;

function modifiersText({ name, schema, modifiers }: TypeReference): string {
  if (modifiers.length === 0) return '';
  if (name !== 'interval' || schema !== 'pg_catalog') return `(${modifiers.join(',')})`;
  const [fields, precision] = modifiers;
  const digits = precision === undefined ? '' : `(${precision})`;
  if (typeof fields !== 'number' || fields === ALL_INTERVAL_FIELDS) return digits;
  const words = INTERVAL_FIELDS.filter(([bit]) => (fields & bit) !== 0).map(([, word]) => word);
  const [first = ''] = words;
  const last = words.at(-1) ?? '';
  return ` ${first === last ? first : `${first} to ${last}`}${digits}`;
}
