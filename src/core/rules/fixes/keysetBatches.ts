import type { DeleteStmt, Node, UpdateStmt } from '@pgsql/types';
import type { StatementAnalysis } from '../../analyze.ts';
import type { TableRelation } from '../../catalog/catalog.ts';
import {
  columnNames,
  columnNumbered,
  indexesOf,
  isTable,
  primaryKeyOf,
  resolveRelation,
} from '../../catalog/lookup.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { dollarQuote, qualifiedName, quoteIdentifier } from '../../sql/quote.ts';
import { nodeAs, stringValue, walkTree } from '../../sql/tree.ts';
import { containsNode } from '../containsNode.ts';
import type { Piece } from './piece.ts';
import { tokensOf } from './tokens.ts';

/** Rows between two commits: some milliseconds of work, so that nobody waits long for a row. */
export const BATCH_ROWS = 5000;

export interface Batches {
  /** One DO block, closed by `;`. */
  readonly sql: string;
  readonly table: TableRelation;
  /** Bare names of what the block rests on. */
  readonly key: readonly string[];
  /** Columns that it sets. */
  readonly assigned: readonly string[];
  /** Columns and tables that it reads or sets. */
  readonly columns: readonly string[];
  readonly tables: readonly string[];
}

/**
 * An UPDATE or DELETE of many rows as one DO block that goes through the table by its key and commits each batch. Null where
 * no key is known, and where rows done twice, or seen after others have changed, would end otherwise: the block may be
 * interrupted, and has to do no harm when it is run again.
 */
export function keysetBatches({ statement, before }: StatementAnalysis): Batches | null {
  const update = nodeAs(statement.tree, 'UpdateStmt');
  const changing: UpdateStmt | DeleteStmt | undefined = update ?? nodeAs(statement.tree, 'DeleteStmt');
  const target = changing?.relation;
  if (!changing || !target?.relname || changing.withClause || hasReturning(changing)) return null;
  const table = resolveRelation(before, target.schemaname, target.relname);
  if (!table || !isTable(table) || table.kind === 'foreign table') return null;
  if (table.kind === 'table' && table.children.length > 0) return null;
  const key = keyOf(before, table);
  const assigned = update ? assignedColumns(update) : [];
  if (!key || assigned.some((name) => key.includes(name))) return null;
  if (update && !mayRunAgain(update)) return null;
  if (mentionsTable(changing, target.relname)) return null;
  const written =
    target.schemaname === undefined
      ? quoteIdentifier(target.relname)
      : qualifiedName(target.schemaname, target.relname);
  const alias = quoteIdentifier(target.alias?.aliasname ?? target.relname);
  const sql = block({ text: statement.text, written, alias, only: target.inh !== true, key, taken: columnsOf(table) });
  return { sql, table, key, assigned, ...mentioned(changing) };
}

/**
 * The same for a column that a migration adds: every row without a value gets one, the column's default unless told.
 *
 * @param catalog with the table, which need not have the column yet
 * @param value SQL
 */
export function keysetFill(
  catalog: Catalog,
  table: TableRelation,
  column: string,
  value = 'DEFAULT',
): Pick<Batches, 'sql' | 'key'> | null {
  const key = keyOf(catalog, table);
  if (!key || table.kind === 'foreign table' || (table.kind === 'table' && table.children.length > 0)) return null;
  const written = qualifiedName(table.schema === 'public' ? null : table.schema, table.name);
  const name = quoteIdentifier(column);
  const text = `UPDATE ${written} SET ${name} = ${value}\nWHERE ${name} IS NULL`;
  return {
    sql: block({ text, written, alias: quoteIdentifier(table.name), only: false, key, taken: columnsOf(table) }),
    key,
  };
}

/** The DO block as a piece. */
export function batchPiece({ sql }: Pick<Batches, 'sql'>, name: string): Piece {
  return {
    name,
    sql,
    runs: 'committing',
    note: `Commits every ${String(BATCH_ROWS)} rows, so nothing else may stand in this query. It can be run again where it was interrupted.`,
  };
}

function hasReturning(changing: UpdateStmt | DeleteStmt): boolean {
  const { returningList, returningClause } = changing as { returningList?: unknown; returningClause?: unknown };
  return returningList !== undefined || returningClause !== undefined;
}

/** The columns of the primary key, else of a unique index over all rows whose columns are all NOT NULL. */
function keyOf(catalog: Catalog, table: TableRelation): readonly string[] | null {
  const primary = primaryKeyOf(table);
  if (primary) return columnNames(table, primary.columns);
  for (const index of indexesOf(catalog, table)) {
    if (!index.unique || !index.valid || index.predicate !== null || index.method !== 'btree') continue;
    const columns = index.keys.map(({ column }) => (column === null ? undefined : columnNumbered(table, column)));
    if (columns.every((column) => column?.notNull === true)) return columns.map((column) => column?.name ?? '');
  }
  return null;
}

function assignedColumns({ targetList }: UpdateStmt): readonly string[] {
  return (targetList ?? []).flatMap((node) => nodeAs(node, 'ResTarget')?.name ?? []);
}

/** What is assigned does not hang on what was there: or only on rows that the WHERE leaves out once they are done. */
function mayRunAgain(update: UpdateStmt): boolean {
  const assigned = assignedColumns(update);
  const reads = (tree: unknown): boolean =>
    containsNode(
      tree,
      (kind, body) =>
        kind === 'ColumnRef' && assigned.includes(stringValue((body['fields'] as Node[] | undefined)?.at(-1)) ?? ''),
    );
  const leavesOut = conjuncts(update.whereClause).some((part) => {
    const test = nodeAs(part, 'NullTest');
    return (
      test?.nulltesttype === 'IS_NULL' &&
      assigned.includes(stringValue(nodeAs(test.arg, 'ColumnRef')?.fields?.at(-1)) ?? '')
    );
  });
  return (
    leavesOut ||
    (update.targetList ?? []).every((node) => {
      const target = nodeAs(node, 'ResTarget');
      const fills = nodeAs(target?.val, 'CoalesceExpr');
      const [first, ...others] = fills?.args ?? [];
      const isOwn = stringValue(nodeAs(first, 'ColumnRef')?.fields?.at(-1)) === target?.name;
      return fills && isOwn ? !reads(others) : !reads(target?.val);
    })
  );
}

function conjuncts(node: Node | undefined): readonly Node[] {
  if (!node) return [];
  const expression = nodeAs(node, 'BoolExpr');
  return expression?.boolop === 'AND_EXPR' ? (expression.args ?? []).flatMap(conjuncts) : [node];
}

function mentioned(changing: UpdateStmt | DeleteStmt): {
  readonly columns: readonly string[];
  readonly tables: readonly string[];
} {
  const columns = new Set<string>('targetList' in changing ? assignedColumns(changing) : []);
  const tables = new Set<string>([changing.relation?.relname ?? '']);
  walkTree([changing as unknown as Node], (kind, body) => {
    if (kind === 'ColumnRef') columns.add(stringValue((body['fields'] as Node[] | undefined)?.at(-1)) ?? '');
    if (kind === 'RangeVar') tables.add(String(body['relname']));
    return true;
  });
  return { columns: [...columns], tables: [...tables] };
}

/** A subquery over the table itself would see what earlier batches have done. */
function mentionsTable(changing: UpdateStmt | DeleteStmt, name: string): boolean {
  const { relation: _, ...rest } = changing;
  return containsNode(rest, (kind, body) => kind === 'RangeVar' && body['relname'] === name);
}

function columnsOf({ columns }: TableRelation): readonly string[] {
  return columns.map(({ name }) => name);
}

interface Parts {
  readonly text: string;
  readonly written: string;
  readonly alias: string;
  readonly only: boolean;
  readonly key: readonly string[];
  /** All columns of the table: no variable may have the name of one. */
  readonly taken: readonly string[];
}

function block({ text, written, alias, only, key, taken }: Parts): string {
  const variable = (name: string, index: number): string => {
    const bare = key.length === 1 ? name : `${name}_${String(index + 1)}`;
    const isTaken = taken.includes(bare) || new RegExp(`\\b${bare}\\b`, 'i').test(text);
    return isTaken ? `lockkeeper_${bare}` : bare;
  };
  const columns = key.map(quoteIdentifier);
  const first = key.map((_, index) => variable('batch_start', index));
  const last = key.map((_, index) => variable('batch_end', index));
  const row = (parts: readonly string[]): string => (parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(', ')})`);
  const list = columns.join(', ');
  const backwards = columns.map((column) => `${column} DESC`).join(', ');
  const source = only ? `ONLY ${written}` : written;
  const own = columns.map((column) => `${alias}.${column}`);
  const range = `${row(own)} >= ${row(first)} AND ${row(own)} <= ${row(last)}`;
  const body = `
DECLARE
${[...first, ...last].map((name, index) => `  ${name} ${written}.${columns[index % columns.length] ?? ''}%TYPE;`).join('\n')}
BEGIN
  SELECT ${list} INTO ${first.join(', ')} FROM ${source} ORDER BY ${list} LIMIT 1;
  WHILE ${first[0] ?? ''} IS NOT NULL LOOP
    SELECT ${list} INTO ${last.join(', ')} FROM (
      SELECT ${list} FROM ${source} WHERE ${row(columns)} >= ${row(first)} ORDER BY ${list} LIMIT ${String(BATCH_ROWS)}
    ) AS batch ORDER BY ${backwards} LIMIT 1;
${indent(limited(text, range))};
    COMMIT;
    SELECT ${list} INTO ${first.join(', ')} FROM ${source} WHERE ${row(columns)} > ${row(last)} ORDER BY ${list} LIMIT 1;
  END LOOP;
END
`;
  return `DO ${dollarQuote(body)};`;
}

/** The statement for one batch: its WHERE, and the range. */
function limited(text: string, range: string): string {
  const tokens = tokensOf(text);
  const where = tokens.find(({ kind, text: word, depth }) => kind === 'word' && word === 'where' && depth === 0);
  const end = tokens.at(-1)?.end ?? text.length;
  if (!where) return `${text.slice(0, end)}\nWHERE ${range}`;
  const condition = text.slice(where.end, end).trim();
  return `${text.slice(0, where.end)} (${condition}${condition.includes('--') ? '\n' : ''})\n  AND ${range}`;
}

function indent(sql: string): string {
  // A line within a string keeps its place.
  return tokensOf(sql).some(({ kind, text }) => kind === 'string' && text.includes('\n'))
    ? sql
    : sql.replaceAll(/^(?=.)/gm, '    ');
}
