import type { Node } from '@pgsql/types';
import pg from 'pg';
import { nodeAs } from '../../src/core/sql/tree.ts';
import type { Relations } from './observe.ts';
import type { OracleSession } from './session.ts';

/** Values that a column of a category takes, as PostgreSQL's pg_type.typcategory has them; `U` goes by the type. */
const VALUES: Readonly<Record<string, string>> = {
  N: '1',
  S: 'x',
  D: '2026-01-01',
  B: 'true',
  A: '{}',
  I: '127.0.0.1',
  T: '1 second',
  R: 'empty',
  uuid: '00000000-0000-0000-0000-000000000001',
  json: '{}',
  jsonb: '{}',
  bytea: '',
  tsvector: '',
  xml: '<a/>',
};

interface NeededColumn {
  readonly name: string;
  readonly type: string;
  readonly category: string;
  readonly base: string;
  readonly label: string | null;
}

/**
 * Whether an ALTER TABLE fails as soon as its table holds one row: the row is put there with as little in it as the table
 * allows, the statement tried, and all of it undone.
 *
 * @returns null where that can't be told: no row can be made, or the statement is another
 */
export async function failsOnRow(
  { work }: Pick<OracleSession, 'work'>,
  sql: string,
  tree: Node,
  atStart: Relations,
): Promise<boolean | null> {
  const alter = nodeAs(tree, 'AlterTableStmt');
  const name = alter?.relation?.relname;
  if (alter?.objtype !== 'OBJECT_TABLE' || name === undefined) return null;
  const schema = alter.relation?.schemaname;
  const quoted = [...(schema === undefined ? [] : [schema]), name].map((part) => pg.escapeIdentifier(part)).join('.');
  try {
    await work.query('BEGIN');
    const { rows } = await work.query<{ oid: number | null }>('SELECT to_regclass($1)::oid::int AS oid', [quoted]);
    const oid = rows[0]?.oid;
    if (oid == null || !atStart.has(oid)) return null;
    const insert = await insertion(work, quoted, oid);
    if (insert === null) return null;
    await work.query("SET LOCAL session_replication_role = 'replica'");
    await work.query(insert);
    await work.query('SAVEPOINT filled');
    const filled = await codeOf(work, sql);
    await work.query('ROLLBACK TO SAVEPOINT filled');
    // It may fail for another reason, and then says nothing about rows.
    await work.query(`DELETE FROM ONLY ${quoted}`);
    return filled !== null && (await codeOf(work, sql)) === null;
  } catch (error) {
    if (error instanceof pg.DatabaseError) return null;
    throw error;
  } finally {
    await work.query('ROLLBACK');
  }
}

async function codeOf(work: pg.Client, sql: string): Promise<string | null> {
  try {
    await work.query(sql);
    return null;
  } catch (error) {
    if (error instanceof pg.DatabaseError) return error.code ?? 'unknown';
    throw error;
  }
}

/** An INSERT of one row; null where a column takes a type that has no value here. */
async function insertion(work: pg.Client, table: string, oid: number): Promise<string | null> {
  const { rows } = await work.query<NeededColumn>(
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, b.typcategory AS category, b.typname AS base,
            (SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = b.oid ORDER BY e.enumsortorder LIMIT 1) AS label
       FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
       JOIN pg_type b ON b.oid = CASE WHEN t.typbasetype = 0 THEN t.oid ELSE t.typbasetype END
      WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
        AND (a.attnotnull OR t.typnotnull) AND NOT a.atthasdef AND a.attidentity = ''`,
    [oid],
  );
  const values: string[] = [];
  for (const { type, category, base, label } of rows) {
    const value = label ?? VALUES[base] ?? VALUES[category];
    if (value === undefined) return null;
    values.push(`${pg.escapeLiteral(value)}::${type}`);
  }
  const columns = rows.map(({ name }) => pg.escapeIdentifier(name)).join(', ');
  return rows.length === 0
    ? `INSERT INTO ${table} DEFAULT VALUES`
    : `INSERT INTO ${table} (${columns}) VALUES (${values.join(', ')})`;
}
