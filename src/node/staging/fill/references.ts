import type { InsertPlan, InsertRequest, Part } from './insertPlan.ts';
import type { ColumnShape, ForeignKeyShape, TableShape } from './tableShape.ts';

/** Columns that are looked up among another table's rows. */
export interface Join {
  readonly key: ForeignKeyShape;
  readonly columns: readonly number[];
  readonly parent: TableShape;
  readonly cardinality: number;
  /** Own columns of the key that an earlier part decides. */
  readonly shared: readonly number[];
}

/** The plan that is being made, for foreign keys that refer to the table itself. */
export interface OwnPlan {
  plan: InsertPlan | null;
  /** Columns of it that are referred to. */
  needs: number[];
}

/**
 * How the columns of foreign keys get their values.
 *
 * @param own null: rows that refer to their own table are left without
 * @returns parts that can be calculated, joins for those that have to be looked up, and columns that stay NULL
 */
export function referenceParts(
  request: InsertRequest,
  own: OwnPlan | null,
):
  | { readonly parts: Part[]; readonly joins: Join[]; readonly empty: ReadonlySet<number> }
  | { readonly reason: string } {
  const { table } = request;
  const parts: Part[] = [];
  const joins: Join[] = [];
  const decided = new Set<number>();
  const empty = new Set<number>();
  const columnOf = (number: number): ColumnShape | undefined => table.columns.find((one) => one.number === number);
  for (const key of table.foreignKeys) {
    const columns = key.columns.filter((number) => !decided.has(number));
    if (columns.length === 0) continue;
    const toItself = key.parent === table.oid;
    if (toItself && own !== null && mayReferToItself(request, key, columns)) {
      own.needs.push(...key.parentColumns);
      parts.push(
        derivedPart(request, key, columns, {
          rows: (rows) => rows,
          most: null,
          column: (number, rows) => own.plan?.column(number, rows) ?? null,
        }),
      );
      for (const number of columns) decided.add(number);
      continue;
    }
    const parent = toItself ? undefined : request.parent(key.parent);
    if (parent === undefined || parent.rows === 0) {
      const nullable = columns.filter((number) => columnOf(number)?.notNull === false);
      if (nullable.length === 0 && key.future === true) continue;
      if (nullable.length === 0) {
        return {
          reason: toItself
            ? `the NOT NULL foreign key ${key.name} refers to the table itself`
            : `${parent?.shape.name ?? 'the table'} that the NOT NULL foreign key ${key.name} refers to holds no rows`,
        };
      }
      // A key with a NULL in it is not checked (MATCH SIMPLE).
      for (const number of nullable) {
        decided.add(number);
        empty.add(number);
      }
      continue;
    }
    const shared = key.columns.filter((number) => decided.has(number) && !empty.has(number));
    for (const number of columns) decided.add(number);
    const { plan, rows: parentRows } = parent;
    const known = columns.every((number) => (plan?.column(parentColumn(key, number), parentRows) ?? null) !== null);
    if (shared.length === 0 && plan !== undefined && known)
      parts.push(
        derivedPart(request, key, columns, {
          rows: () => parentRows,
          most: parentRows,
          column: (number) => plan.column(number, parentRows),
        }),
      );
    else joins.push({ key, columns, parent: parent.shape, cardinality: parentRows, shared });
  }
  return { parts, joins, empty };
}

/** Where statistics say that rows do so, or where they must. */
function mayReferToItself(
  { table, statistics, fresh }: InsertRequest,
  key: ForeignKeyShape,
  columns: readonly number[],
): boolean {
  if (fresh !== true || columns.length !== key.columns.length) return false;
  if (key.parentColumns.some((number) => key.columns.includes(number))) return false;
  const shapes = columns.flatMap((number) => table.columns.find((one) => one.number === number) ?? []);
  return shapes.some(({ notNull, name }) => notNull || (statistics?.columns[name]?.nullFraction ?? 1) < 1);
}

interface Referred {
  readonly rows: (rows: number) => number;
  readonly most: number | null;
  readonly column: InsertPlan['column'];
}

/** The rows that are referred to are known by their plan: their keys need not be looked up. */
function derivedPart(
  request: InsertRequest,
  key: ForeignKeyShape,
  columns: readonly number[],
  referred: Referred,
): Part {
  const { table, statistics } = request;
  const shapes = columns.flatMap((number) => table.columns.find((one) => one.number === number) ?? []);
  const known = shapes.map(({ name }) => statistics?.columns[name]);
  // Of several columns the one with the most values says how many rows are referred to.
  const distinct = (rows: number): number => {
    const most = Math.max(0, ...known.map((one) => distinctValues(one?.distinct ?? 0, rows) ?? 0));
    return Math.min(referred.rows(rows), most || referred.rows(rows));
  };
  return {
    columns,
    distinct,
    most: referred.most,
    nullFraction: shapes.some(({ notNull }) => !notNull)
      ? Math.max(0, ...known.map((one) => one?.nullFraction ?? 0))
      : 0,
    correlation: known[0]?.correlation ?? 0,
    value: (number, index, count, rows) => {
      const all = referred.rows(rows);
      const row = count < all ? `((${index}) * ${all} / ${count})` : `(${index})`;
      return referred.column(parentColumn(key, number), rows)?.(row) ?? 'NULL';
    },
  };
}

function parentColumn(key: ForeignKeyShape, own: number): number {
  return key.parentColumns[key.columns.indexOf(own)] ?? 0;
}

/** pg_stats' n_distinct as a number; null: all different, or not known. */
export function distinctValues(distinct: number, rows: number): number | null {
  if (distinct === 0) return null;
  return distinct > 0 ? distinct : Math.max(1, Math.round(-distinct * rows));
}
