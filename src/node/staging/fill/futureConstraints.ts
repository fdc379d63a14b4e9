import { qualifiedKey, type Catalog, type TableRelation } from '../../../core/catalog/catalog.ts';
import { expressionText } from '../../../core/sql/expressionText.ts';
import type { CheckShape, ColumnShape, ForeignKeyShape, TableShape } from './tableShape.ts';

/**
 * What the profiled migrations themselves will demand of the rows: foreign keys, CHECKs, unique keys, NOT NULL and other
 * types that come with them. Made-up rows that know nothing of it would make a sound migration fail.
 *
 * @param before the catalog that the database has now; `after`: the one that it will have
 */
export function withFuture(
  shapes: ReadonlyMap<number, TableShape>,
  before: Catalog,
  after: Catalog,
): Map<number, TableShape> {
  const context: Context = { shapes, after, oidById: new Map(), pairs: new Map() };
  const { oidById, pairs } = context;
  for (const shape of shapes.values()) {
    const id = before.relationByName.get(qualifiedKey(shape.schema, shape.relation));
    if (id === undefined) continue;
    oidById.set(id, shape.oid);
    const [now, then] = [tableOf(before, id), tableOf(after, id)];
    if (now && then) pairs.set(shape.oid, { now, then });
  }
  return new Map(
    [...shapes].map(([oid, shape]) => {
      const pair = pairs.get(oid);
      return [oid, pair ? extended(shape, pair.now, pair.then, context) : shape];
    }),
  );
}

interface Context {
  readonly shapes: ReadonlyMap<number, TableShape>;
  readonly after: Catalog;
  /** Server's OID by the replay's id. */
  readonly oidById: Map<number, number>;
  readonly pairs: Map<number, { readonly now: TableRelation; readonly then: TableRelation }>;
}

/** The server's numbers of replayed columns, by the names that they have now; null if one of them is not there yet. */
function serverNumbers(shape: TableShape, now: TableRelation, numbers: readonly number[]): number[] | null {
  const found = numbers.flatMap((number) => {
    const name = now.columns.find((column) => column.number === number)?.name;
    return shape.columns.find((column) => column.name === name)?.number ?? [];
  });
  return found.length === numbers.length && found.length > 0 ? found : null;
}

function tableOf(catalog: Catalog, id: number): TableRelation | undefined {
  const relation = catalog.relations.get(id);
  return relation && (relation.kind === 'table' || relation.kind === 'partitioned table') ? relation : undefined;
}

function extended(
  shape: TableShape,
  now: TableRelation,
  then: TableRelation,
  { shapes, after, oidById, pairs }: Context,
): TableShape {
  const numbersOf = (numbers: readonly number[]): number[] | null => serverNumbers(shape, now, numbers);
  const known = new Set(now.constraints.map(({ id }) => id));
  const added = then.constraints.filter(({ id }) => !known.has(id));
  const checks = added.flatMap((one): CheckShape[] => {
    const columns = one.kind === 'check' ? numbersOf(one.columns) : null;
    return one.kind === 'check' && columns
      ? [{ name: one.name, columns, expression: expressionText(one.expression) }]
      : [];
  });
  const foreignKeys = added.flatMap((one): ForeignKeyShape[] => {
    if (one.kind !== 'foreign key') return [];
    const columns = numbersOf(one.columns);
    const parent = one.referenced === null ? undefined : oidById.get(one.referenced);
    const parentShape = shapes.get(parent ?? 0);
    const parentNow = pairs.get(parent ?? 0)?.now;
    const parentColumns = parentShape && parentNow && serverNumbers(parentShape, parentNow, one.referencedColumns);
    if (columns === null) return [];
    // Parents made by the migrations themselves have no rows yet: 0 stands for "nobody".
    return [
      parent !== undefined && parentColumns
        ? { name: one.name, columns, parent, parentColumns, future: true }
        : { name: one.name, columns, parent: 0, parentColumns: [], future: true },
    ];
  });
  const uniques = then.indexes
    .filter((id) => !now.indexes.includes(id))
    .flatMap((id) => {
      const index = after.relations.get(id);
      if (index?.kind !== 'index' && index?.kind !== 'partitioned index') return [];
      const numbers = index.keys.flatMap(({ column }) => column ?? []);
      const columns = index.unique && numbers.length === index.keys.length ? numbersOf(numbers) : null;
      return columns ? [columns] : [];
    });
  return {
    ...shape,
    checks: [...shape.checks, ...checks],
    // The wider key first: it decides the columns that it shares with a narrower one.
    foreignKeys: [...shape.foreignKeys, ...foreignKeys].sort((a, b) => b.columns.length - a.columns.length),
    uniques: [...shape.uniques, ...uniques],
    columns: shape.columns.map((column) => futureColumn(column, now, then, after)),
  };
}

function futureColumn(column: ColumnShape, now: TableRelation, then: TableRelation, after: Catalog): ColumnShape {
  const present = now.columns.find(({ name }) => name === column.name);
  const future = present && then.columns.find(({ number }) => number === present.number);
  if (present === undefined || future === undefined) return column;
  const changes = present.type.name !== future.type.name || present.type.schema !== future.type.schema;
  const type = future.type.id === null ? undefined : after.types.get(future.type.id);
  return {
    ...column,
    notNull: column.notNull || future.notNull,
    // A default may be NULL or not meet what comes: values are made instead.
    becomes:
      !changes || future.type.arrayDimensions > 0
        ? null
        : type?.kind === 'enum'
          ? { labels: type.labels }
          : { type: future.type.name },
  };
}
