import type { IndexElem, IndexStmt, Node } from '@pgsql/types';
import type {
  ConstraintDeferral,
  Expression,
  IndexKey,
  IndexRelation,
  Relation,
  TableRelation,
  ViewRelation,
} from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { columnsRead, expressionOf } from '../expressions.ts';
import { figureName } from '../figuredNames.ts';
import { chooseRelationName, columnNamesAddition, indexColumnNames } from '../generatedNames.ts';
import { columnNamed, indexesOf, isTable, isView, relationAt } from '../lookup.ts';
import { definitions, definitionText, nameOf, nameOfRangeVar, strings } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { requireFreeRelationName, requireRelation } from '../targets.ts';

export type IndexedRelation = TableRelation | ViewRelation;

/** An index to be made: columns by name, so that partitions, whose attnums differ, can have the same one. */
export interface IndexPlan {
  /** Null: generated. */
  readonly name: string | null;
  readonly method: string;
  readonly unique: boolean;
  readonly nullsNotDistinct: boolean;
  readonly elements: readonly IndexElem[];
  readonly include: readonly string[];
  readonly where: Node | undefined;
  readonly options: Readonly<Record<string, string>>;
  readonly tablespace: string | null;
  readonly constraint: ConstraintPlan | null;
}

export interface ConstraintPlan extends ConstraintDeferral {
  readonly kind: 'primary key' | 'unique' | 'exclude';
  /** The tree that it was made from; exclusion constraints keep it. */
  readonly definition: Expression;
  readonly comment?: string | null;
}

/** CREATE INDEX. */
export function createIndex(draft: Draft, node: IndexStmt): void {
  const relation = requireRelation(draft, nameOfRangeVar(node.relation));
  if (!isTable(relation) && relation.kind !== 'materialized view') {
    throw new Refusal('42809', `cannot create index on relation "${relation.name}"`);
  }
  const name = node.idxname ?? null;
  if (name !== null) {
    if (node.if_not_exists === true && relationAt(draft, relation.schema, name) !== undefined) return;
    requireFreeRelationName(draft, relation.schema, name);
  }
  if (relation.kind === 'foreign table') throw new Refusal('42809', 'cannot create index on a foreign table');
  if (relation.kind === 'partitioned table' && node.concurrent === true) {
    throw new Refusal('0A000', `cannot create index on partitioned table "${relation.name}" concurrently`);
  }
  const elements = elementsOf(node.indexParams);
  const plan: IndexPlan = {
    name,
    method: node.accessMethod ?? 'btree',
    unique: node.unique === true,
    nullsNotDistinct: node.nulls_not_distinct === true,
    elements,
    include: elementsOf(node.indexIncludingParams).map((element) => element.name ?? ''),
    where: node.whereClause,
    options: optionsOf(node.options),
    tablespace: node.tableSpace ?? null,
    constraint: null,
  };
  addIndex(draft, relation, plan, { only: node.relation?.inh !== true, parent: null });
}

export function elementsOf(nodes: readonly Node[] | undefined): IndexElem[] {
  return (nodes ?? []).flatMap((node) => ('IndexElem' in node ? [node.IndexElem] : []));
}

export function optionsOf(nodes: readonly Node[] | undefined): Readonly<Record<string, string>> {
  if (nodes === undefined) return NO_OPTIONS;
  return Object.fromEntries(
    definitions(nodes).map((definition) => [
      (definition.defnamespace === undefined ? '' : `${definition.defnamespace}.`) + (definition.defname ?? ''),
      definitionText(definition),
    ]),
  );
}

export const NO_OPTIONS: Readonly<Record<string, string>> = {};

/**
 * Makes an index, on a partitioned table on its partitions too (DefineIndex): an equal index of a partition is taken,
 * else one is made.
 *
 * @returns the new index's id
 */
export function addIndex(
  draft: Draft,
  relation: IndexedRelation,
  plan: IndexPlan,
  { only, parent }: { readonly only: boolean; readonly parent: IndexRelation | null },
): number {
  if (isTable(relation)) requirePartitionKey(relation, plan);
  requireOperatorClasses(draft, relation, plan);
  const index = planIndex(draft, relation, plan, parent);
  const partitions = relation.kind === 'partitioned table' ? relation.children : [];
  draft.addRelation(only && partitions.length > 0 ? { ...index, valid: false } : index);
  attachToTable(draft, relation, index.id);
  if (parent !== null) {
    const current = draft.index(parent.id);
    draft.put({ ...current, children: [...current.children, index.id] });
  }
  draft.linkAll(index.predicate?.uses, index.id);
  for (const key of index.keys) draft.linkAll(key.expression?.uses, index.id);
  if (plan.constraint !== null && isTable(relation))
    addIndexConstraint(draft, relation, index, plan.constraint, parent);
  if (!only) {
    for (const id of partitions) {
      const partition = draft.table(id);
      if (partition.kind === 'foreign table') {
        if (plan.unique)
          throw new Refusal('42809', `cannot create unique index on partitioned table "${relation.name}"`);
        continue;
      }
      adoptOrAddIndex(draft, partition, plan, index.id);
    }
  }
  return index.id;
}

/** Built-in types of columns that have no default operator class of a method (pg_opclass); an extension may bring one for gin. */
const UNINDEXED: Readonly<Record<string, ReadonlySet<string>>> = {
  btree: new Set(['json', 'xml', 'point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle']),
  gin: new Set([
    'json',
    'text',
    'varchar',
    'bpchar',
    'int2',
    'int4',
    'int8',
    'uuid',
    'bool',
    'timestamp',
    'timestamptz',
  ]),
};

function requireOperatorClasses(draft: Draft, relation: IndexedRelation, plan: IndexPlan): void {
  const unindexed = UNINDEXED[plan.method];
  if (unindexed === undefined || (plan.method === 'gin' && draft.extensions.has('btree_gin'))) return;
  for (const { name, opclass } of plan.elements) {
    const type = name === undefined || opclass !== undefined ? undefined : columnNamed(relation, name)?.type;
    if (type === undefined || type.schema !== 'pg_catalog' || type.arrayDimensions > 0 || !unindexed.has(type.name))
      continue;
    const made = [...draft.others.values()].some(({ kind }) => kind === 'operator class');
    if (made) return;
    throw new Refusal(
      '42704',
      `data type ${type.name} has no default operator class for access method "${plan.method}"`,
    );
  }
}

/** A unique index of a partitioned table must hold all columns of its partition key. */
function requirePartitionKey(table: TableRelation, plan: IndexPlan): void {
  if (table.partitionKey === null || (!plan.unique && plan.constraint?.kind !== 'exclude')) return;
  for (const { column } of table.partitionKey.columns) {
    const name = table.columns.find(({ number }) => number === column)?.name;
    if (name === undefined || !plan.elements.some((element) => element.name === name)) {
      throw new Refusal('0A000', 'unique constraint on partitioned table must include all partitioning columns');
    }
  }
}

/** Gives a partition the counterpart of its parent's index: an equal one that it has already, or a new one. */
export function adoptOrAddIndex(draft: Draft, partition: TableRelation, plan: IndexPlan, parentId: number): void {
  const parent = draft.index(parentId);
  const existing = findEqualIndex(draft, partition, parent, plan);
  if (existing !== undefined) {
    adoptIndex(draft, existing, parent);
    return;
  }
  addIndex(draft, partition, { ...plan, name: null }, { only: false, parent });
}

/** Hangs a partition's index, and its constraint, under the parent's (IndexSetParentIndex). */
export function adoptIndex(draft: Draft, index: IndexRelation, parent: IndexRelation): void {
  draft.put({ ...index, parent: parent.id });
  const current = draft.index(parent.id);
  draft.put({ ...current, children: [...current.children, index.id], valid: current.valid && index.valid });
  if (index.constraint === null || parent.constraint === null) return;
  const constraint = draft.table(index.table).constraints.find(({ id }) => id === index.constraint);
  if (constraint !== undefined) {
    draft.putConstraint(index.table, { ...constraint, parent: parent.constraint, inheritCount: 1, local: false });
  }
}

function findEqualIndex(
  draft: Draft,
  partition: TableRelation,
  parent: IndexRelation,
  plan: IndexPlan,
): IndexRelation | undefined {
  const parentTable = draft.table(parent.table);
  return indexesOf(draft, partition).find((index) => {
    if (index.parent !== null || !sameDefinition(index, partition, parent, parentTable)) return false;
    if (plan.constraint === null) return true;
    const constraint = partition.constraints.find(({ id }) => id === index.constraint);
    // Up to 16 a UNIQUE constraint was taken for a PRIMARY KEY too.
    return draft.major < 17 ? constraint !== undefined : constraint?.kind === plan.constraint.kind;
  });
}

/** CompareIndexInfo: the same keys, in order, by name, with the same method, uniqueness and predicate. */
export function sameDefinition(
  a: IndexRelation,
  tableA: TableRelation,
  b: IndexRelation,
  tableB: TableRelation,
): boolean {
  if (a.unique !== b.unique || a.method !== b.method || a.keys.length !== b.keys.length) return false;
  if (a.nullsNotDistinct !== b.nullsNotDistinct || a.include.length !== b.include.length) return false;
  const nameA = (number: number | null): string =>
    tableA.columns.find((column) => column.number === number)?.name ?? '';
  const nameB = (number: number | null): string =>
    tableB.columns.find((column) => column.number === number)?.name ?? '';
  const keysEqual = a.keys.every((key, at) => {
    const other = b.keys[at];
    return (
      other !== undefined &&
      nameA(key.column) === nameB(other.column) &&
      key.collation === other.collation &&
      key.operatorClass === other.operatorClass &&
      sameExpression(key.expression, other.expression)
    );
  });
  const includesEqual = a.include.every((number, at) => nameA(number) === nameB(b.include[at] ?? null));
  return keysEqual && includesEqual && sameExpression(a.predicate, b.predicate);
}

/** Equal as written; places in the text apart. */
export function sameExpression(a: Expression | null, b: Expression | null): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  if (a.tree === null || b.tree === null) return a.text === b.text;
  return withoutPlaces(a.tree) === withoutPlaces(b.tree);
}

function withoutPlaces(tree: Node): string {
  return JSON.stringify(tree, (key, value: unknown) => (key === 'location' ? undefined : value));
}

function attachToTable(draft: Draft, relation: IndexedRelation, index: number): void {
  const current = draft.relations.get(relation.id);
  if (current !== undefined && (isTable(current) || isView(current))) {
    draft.put({ ...current, indexes: [...current.indexes, index] });
  }
}

function addIndexConstraint(
  draft: Draft,
  table: TableRelation,
  index: IndexRelation,
  plan: ConstraintPlan,
  parent: IndexRelation | null,
): void {
  const id = draft.newId();
  draft.put({ ...draft.index(index.id), constraint: id });
  const parentConstraint = parent?.constraint ?? null;
  const common = {
    id,
    name: index.name,
    deferrable: plan.deferrable,
    initiallyDeferred: plan.initiallyDeferred,
    validated: true,
    enforced: true,
    noInherit: false,
    local: parentConstraint === null,
    inheritCount: parentConstraint === null ? 0 : 1,
    parent: parentConstraint,
    comment: plan.comment ?? null,
    index: index.id,
    columns: index.keys.flatMap((key) => key.column ?? []),
  };
  if (plan.kind === 'exclude') {
    draft.addConstraint(table.id, { ...common, kind: 'exclude', definition: plan.definition });
  } else {
    draft.addConstraint(table.id, { ...common, kind: plan.kind, nullsNotDistinct: index.nullsNotDistinct });
  }
}

/** The index as it will be, named. */
function planIndex(
  draft: Draft,
  relation: IndexedRelation,
  plan: IndexPlan,
  parent: IndexRelation | null,
): IndexRelation {
  const readColumns = new Set<number>();
  const keys = plan.elements.map((element): IndexKey => {
    const { key, reads } = planKey(draft, relation, element, plan.method);
    for (const number of reads) readColumns.add(number);
    return key;
  });
  const include = plan.include.map((name) => columnNumber(relation, name));
  if (plan.where !== undefined) for (const number of columnsRead(relation, plan.where)) readColumns.add(number);
  const index: IndexRelation = {
    kind: relation.kind === 'partitioned table' ? 'partitioned index' : 'index',
    id: draft.newId(),
    schema: relation.schema,
    name: plan.name ?? chooseIndexName(draft, relation, plan),
    persistence: relation.persistence,
    owner: null,
    comment: null,
    privileges: [],
    options: plan.options,
    tablespace: plan.tablespace,
    extension: null,
    table: relation.id,
    method: plan.method,
    unique: plan.unique,
    nullsNotDistinct: plan.nullsNotDistinct,
    valid: true,
    keys,
    include,
    predicate: plan.where === undefined ? null : expressionOf(draft, plan.where),
    expressionColumns: [...readColumns],
    constraint: null,
    parent: parent?.id ?? null,
    children: [],
  };
  requireFreeRelationName(draft, index.schema, index.name);
  return index;
}

function planKey(
  draft: Draft,
  relation: IndexedRelation,
  element: IndexElem,
  method: string,
): { readonly key: IndexKey; readonly reads: readonly number[] } {
  const { name, collation: under } = plainColumn(element);
  const descending = element.ordering === 'SORTBY_DESC';
  const column = name === undefined ? null : columnNumber(relation, name);
  const collation = strings(element.collation).at(-1) ?? under;
  const own = column === null ? null : relation.columns.find(({ number }) => number === column)?.collation;
  const operatorClass = strings(element.opclass).at(-1) ?? null;
  const key = {
    column,
    expression: column !== null || element.expr === undefined ? null : expressionOf(draft, element.expr),
    collation: collation === own || collation === 'default' ? null : collation,
    operatorClass: operatorClass !== null && isDefaultOperatorClass(operatorClass, method) ? null : operatorClass,
    descending,
    nullsFirst:
      element.nulls_ordering === 'SORTBY_NULLS_FIRST' || (descending && element.nulls_ordering !== 'SORTBY_NULLS_LAST'),
  };
  return { key, reads: column !== null ? [] : columnsRead(relation, element.expr) };
}

/** A column in parentheses, with COLLATE or without, is no expression (ComputeIndexAttrs). */
function plainColumn({ name, expr }: IndexElem): {
  readonly name: string | undefined;
  readonly collation: string | null;
} {
  if (name !== undefined || expr === undefined) return { name, collation: null };
  if ('ColumnRef' in expr) return { name: nameOf(expr.ColumnRef.fields).name, collation: null };
  if ('CollateClause' in expr) {
    const inner = plainColumn({ ...(expr.CollateClause.arg === undefined ? {} : { expr: expr.CollateClause.arg }) });
    return { ...inner, collation: strings(expr.CollateClause.collname).at(-1) ?? null };
  }
  return { name: undefined, collation: null };
}

function columnNumber(relation: Relation & IndexedRelation, name: string): number {
  const column = columnNamed(relation, name);
  if (column === undefined) throw new Refusal('42703', `column "${name}" does not exist`);
  return column.number;
}

/** ChooseIndexName. */
function chooseIndexName(draft: Draft, relation: IndexedRelation, plan: IndexPlan): string {
  const { schema, name: name1 } = relation;
  const kind = plan.constraint?.kind;
  if (kind === 'primary key') {
    return chooseRelationName(draft, schema, { name1, name2: null, label: 'pkey' }, { constraint: true });
  }
  const own = [...plan.elements.map((element) => element.name ?? figureName(element.expr) ?? 'expr'), ...plan.include];
  const label = kind === 'exclude' ? 'excl' : kind === 'unique' ? 'key' : 'idx';
  const name2 = columnNamesAddition(indexColumnNames(own));
  return chooseRelationName(draft, schema, { name1, name2, label }, { constraint: kind !== undefined });
}

/** Built-in operator classes that are nobody's default (pg_opclass.opcdefault of 18); all other `…_ops` named after a type are. */
const NON_DEFAULT =
  /pattern_ops$|_bloom_ops$|_minmax_multi_ops$|_path_ops$|^varchar_ops$|^cidr_ops$|trgm_ops$|^kd_point_ops$/;
const BUILTIN_CLASS =
  /^(array|bit|bool|bpchar|bytea|char|date|enum|float[48]|inet|int[248]|interval|jsonb|macaddr8?|money|multirange|name|network|numeric|oid|oidvector|pg_lsn|point|poly|quad_point|range|record|text|tid|time|timestamp|timestamptz|timetz|tsquery|tsvector|uuid|varbit|xid8?|box|circle)(_minmax|_inclusion)?_ops$/;

function isDefaultOperatorClass(name: string, method: string): boolean {
  if (NON_DEFAULT.test(name) || (name === 'inet_ops' && method === 'gist')) return false;
  return BUILTIN_CLASS.test(name);
}
