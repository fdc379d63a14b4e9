import type { Node } from '@pgsql/types';
import type { StatementAnalysis } from '../analyze.ts';
import type { TableRelation } from '../catalog/catalog.ts';
import { columnNamed, foreignKeysTo, indexesOf, isTable, primaryKeyOf, resolveRelation } from '../catalog/lookup.ts';
import { deparse } from '../sql/expressionText.ts';
import { qualifiedName, quoteIdentifier } from '../sql/quote.ts';
import { nodeAs } from '../sql/tree.ts';
import type { Lifetimes } from './lifetimes.ts';

export interface DeletedRows {
  readonly sql: string;
  /** The table's name, if others refer to it. */
  readonly referenced: string | null;
}

/** Longer lists are data, not the few rows that belong to a schema. */
const MOST_ROWS = 500;

/**
 * The DELETE that takes away again what an INSERT of the migration wrote: rows given as constants, found by a unique key.
 * Without that, running the migration again meets its own rows. Null: it is no such INSERT, the table goes anyhow, or with
 * ON CONFLICT the rows may have been there before.
 */
export function deleteInserted({ statement, before }: StatementAnalysis, lifetimes: Lifetimes): DeletedRows | null {
  const insert = nodeAs(statement.tree, 'InsertStmt');
  if (insert === undefined || insert.onConflictClause !== undefined || insert.withClause !== undefined) return null;
  const table = resolveRelation(before, insert.relation?.schemaname, insert.relation?.relname ?? '');
  const rows = nodeAs(insert.selectStmt, 'SelectStmt')?.valuesLists;
  if (table === undefined || !isTable(table) || table.persistence === 'temporary' || lifetimes.isBorn(table.id))
    return null;
  if (rows === undefined || rows.length > MOST_ROWS) return null;
  const named = (insert.cols ?? []).map((column) => nodeAs(column, 'ResTarget')?.name ?? '');
  const columns = named.length > 0 ? named : table.columns.map(({ name }) => name);
  const values = rows.map((row) => nodeAs(row, 'List')?.items ?? []);
  const constant = columns.filter((_, place) => values.every((row) => isConstant(row[place])));
  const key = uniqueKeys(before, table).find((names) => names.every((name) => constant.includes(name)));
  if (key === undefined) return null;
  const tuples = values.map((row) => key.map((name) => deparse(row[columns.indexOf(name)] as Node)));
  const list = key.map((name) => quoteIdentifier(name)).join(', ');
  const name = qualifiedName(insert.relation?.schemaname ?? null, table.name);
  const texts = tuples.map((tuple) => (key.length === 1 ? tuple.join('') : `(${tuple.join(', ')})`));
  const sql = `DELETE FROM ${name} WHERE ${key.length === 1 ? list : `(${list})`} IN (${texts.join(', ')})`;
  return { sql, referenced: foreignKeysTo(before, table.id).length > 0 ? table.name : null };
}

/** Columns of the primary key, then of other unique indexes over plain columns of all rows. */
function uniqueKeys(catalog: StatementAnalysis['before'], table: TableRelation): readonly (readonly string[])[] {
  const primary = primaryKeyOf(table)?.index;
  const unique = indexesOf(catalog, table).filter((index) => index.unique && index.predicate === null);
  return unique
    .sort((a, b) => Number(b.id === primary) - Number(a.id === primary))
    .flatMap(({ keys }) => {
      const names = keys.flatMap(({ column }) => table.columns.find(({ number }) => number === column)?.name ?? []);
      return names.length === keys.length &&
        names.every((name) => columnNamed(table, name)?.notNull === true || keys.length === 1)
        ? [names]
        : [];
    });
}

/** A literal, cast or not; not NULL, which no key finds. */
function isConstant(node: Node | undefined): boolean {
  const cast = nodeAs(node, 'TypeCast');
  if (cast !== undefined) return isConstant(cast.arg);
  const constant = nodeAs(node, 'A_Const');
  if (constant !== undefined) return constant.isnull !== true;
  const sign = nodeAs(node, 'A_Expr');
  return sign !== undefined && sign.lexpr === undefined && isConstant(sign.rexpr);
}
