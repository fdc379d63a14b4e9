import type { MigrationAnalysis, StatementAnalysis } from '../analyze.ts';
import type { Column, TableRelation } from '../catalog/catalog.ts';
import { columnNamed, isTable, primaryKeyOf, resolveRelation, sameType } from '../catalog/lookup.ts';
import { deparse } from '../sql/expressionText.ts';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../sql/quote.ts';
import { nodeAs, stringValue } from '../sql/tree.ts';
import type { Node } from '@pgsql/types';
import { keepsEveryValue } from './casts.ts';
import { columnOf } from './naming.ts';

/** The schema in which rows are kept that a migration would destroy. */
export const ARCHIVE_SCHEMA = 'lockkeeper_archive';

/** What a statement destroys, and how it can be kept. */
export interface ArchiveOffer {
  /** Index of the statement in its script. */
  readonly statement: number;
  /** For people: `Keep the values of orders.note`. */
  readonly title: string;
  /** Where in the file's text the statements below go, UTF-16. */
  readonly offset: number;
  readonly insert: string;
}

export interface ArchiveOptions {
  /** `2026-05-01`: after this day the kept rows may be dropped. */
  readonly dropAfter: string;
}

/** For each destructive statement of a migration, what keeps its rows first. Those that are kept already are left out. */
export function archiveOffers(migration: MigrationAnalysis, { dropAfter }: ArchiveOptions): readonly ArchiveOffer[] {
  const names = new Set<string>();
  for (const relation of migration.after.relations.values())
    if (relation.schema === ARCHIVE_SCHEMA) names.add(relation.name);
  const kept = new Set<number>();
  return migration.statements.flatMap((analysis) => {
    const keeps = keptRows(analysis, migration);
    if (keeps !== null) kept.add(keeps.table.id);
    const lost = destroyedBy(analysis, migration).filter(({ table }) => !kept.has(table.id));
    if (lost.length === 0) return [];
    const keep = lost.map((one) => keepRows(one, migration, dropAfter, names));
    const schema = `CREATE SCHEMA IF NOT EXISTS ${ARCHIVE_SCHEMA};\n`;
    return [
      {
        statement: analysis.statement.index,
        title: `Keep ${lost.map(({ words }) => words).join(' and ')} in ${ARCHIVE_SCHEMA} first`,
        offset: analysis.statement.start,
        insert: `${schema}${keep.join('')}`,
      },
    ];
  });
}

interface Destroyed {
  readonly table: TableRelation;
  /** The values that are lost; null: whole rows. */
  readonly columns: readonly Column[] | null;
  /** Which rows; null: all. SQL with the table's own names. */
  readonly where: string | null;
  readonly words: string;
}

function destroyedBy(
  { statement, before, after }: StatementAnalysis,
  migration: MigrationAnalysis,
): readonly Destroyed[] {
  const { tree } = statement;
  if (tree === null) return [];
  const wasThere = (table: TableRelation): boolean =>
    table.id < migration.before.nextId && table.persistence !== 'temporary';
  const target = (relation: { schemaname?: string; relname?: string } | undefined): TableRelation | null => {
    const found = resolveRelation(before, relation?.schemaname, relation?.relname ?? '');
    return found !== undefined && isTable(found) && wasThere(found) ? found : null;
  };
  const update = nodeAs(tree, 'UpdateStmt');
  if (update !== undefined) {
    const table = target(update.relation);
    if (table === null || update.fromClause !== undefined || update.withClause !== undefined) return [];
    const columns = (update.targetList ?? []).flatMap(
      (one) => columnNamed(table, nodeAs(one, 'ResTarget')?.name ?? '') ?? [],
    );
    return columns.length === 0
      ? []
      : [{ table, columns, where: condition(update.whereClause), words: valuesOf(table, columns) }];
  }
  const remove = nodeAs(tree, 'DeleteStmt');
  if (remove !== undefined) {
    const table = target(remove.relation);
    if (table === null || remove.usingClause !== undefined || remove.withClause !== undefined) return [];
    return [{ table, columns: null, where: condition(remove.whereClause), words: `the rows of ${table.name}` }];
  }
  const lost: Destroyed[] = [];
  for (const table of before.relations.values()) {
    if (!isTable(table) || !wasThere(table) || table.partitionOf !== null || table.schema === ARCHIVE_SCHEMA) continue;
    const now = after.relations.get(table.id);
    if (now === table) continue;
    if (now === undefined) lost.push({ table, columns: null, where: null, words: `the rows of ${table.name}` });
    else if (isTable(now)) {
      const columns = table.columns.filter((column) => column.generated === null && losesValues(column, now));
      if (columns.length > 0) lost.push({ table, columns, where: null, words: valuesOf(table, columns) });
    }
  }
  return lost;
}

function losesValues(column: Column, now: TableRelation): boolean {
  const left = now.columns.find(({ number }) => number === column.number);
  if (left === undefined) return true;
  return !sameType(left.type, column.type) && !keepsEveryValue(column.type, left.type);
}

function valuesOf(table: TableRelation, columns: readonly Column[]): string {
  return `the values of ${columns.map(({ name }) => `${table.name}.${name}`).join(', ')}`;
}

function condition(where: Node | undefined): string | null {
  return where === undefined ? null : deparse(where);
}

function keepRows(
  { table, columns, where, words }: Destroyed,
  migration: MigrationAnalysis,
  dropAfter: string,
  names: Set<string>,
): string {
  const name = freeName(`${table.name}_${columns?.map((column) => column.name).join('_') ?? 'rows'}`, names);
  const key = primaryKeyOf(table)?.columns.map((number) => columnOf(table, number)) ?? [];
  const kept = columns === null ? table.columns : [...key, ...columns.filter((column) => !key.includes(column))];
  const list = kept.map((column) => quoteIdentifier(column.name)).join(', ');
  const source = qualifiedName(table.schema === 'public' ? null : table.schema, table.name);
  const target = qualifiedName(ARCHIVE_SCHEMA, name);
  const note = `${words} before ${migration.migration.id}; drop after ${dropAfter}`;
  return (
    `CREATE TABLE ${target} AS SELECT ${list} FROM ${source}${where === null ? '' : ` WHERE ${where}`};\n` +
    `COMMENT ON TABLE ${target} IS ${quoteLiteral(`Kept by Lockkeeper: ${note}`)};\n`
  );
}

/** Names are cut by PostgreSQL at 63 bytes; two must not become one. */
function freeName(wish: string, names: Set<string>): string {
  const base = wish.replaceAll(/[^A-Za-z0-9_]+/g, '_').slice(0, 55);
  let name = base;
  for (let count = 2; names.has(name); count++) name = `${base}_${count}`;
  names.add(name);
  return name;
}

/** Rows that the up script kept, and the statement that puts them back. */
export interface KeptRows {
  readonly table: TableRelation;
  /** Of whole rows: null. */
  readonly columns: readonly string[] | null;
  readonly sql: string;
}

/**
 * If the statement keeps rows in the archive: how they come back, to be run when everything after it has been undone.
 * Null: it is another statement, or the rows have no key by which they could be found.
 */
export function keptRows({ statement, before }: StatementAnalysis, migration: MigrationAnalysis): KeptRows | null {
  const make = nodeAs(statement.tree, 'CreateTableAsStmt');
  const into = make?.into?.rel;
  const select = nodeAs(make?.query, 'SelectStmt');
  if (into?.schemaname !== ARCHIVE_SCHEMA || into.relname === undefined || select === undefined) return null;
  const from = select.fromClause?.length === 1 ? nodeAs(select.fromClause[0], 'RangeVar') : undefined;
  const table = resolveRelation(before, from?.schemaname, from?.relname ?? '');
  if (table === undefined || !isTable(table)) return null;
  const listed = (select.targetList ?? []).map((one) =>
    stringValue(nodeAs(nodeAs(one, 'ResTarget')?.val, 'ColumnRef')?.fields?.at(-1)),
  );
  const columns = listed.flatMap((name) => (name === undefined ? [] : (columnNamed(table, name) ?? [])));
  if (columns.length !== listed.length) return null;
  const archive = qualifiedName(ARCHIVE_SCHEMA, into.relname);
  const target = qualifiedName(table.schema === 'public' ? null : table.schema, table.name);
  const end = migration.after.relations.get(table.id);
  const whole = columns.length === table.columns.length;
  const deleted = migration.statements.some(
    (one) => nodeAs(one.statement.tree, 'DeleteStmt')?.relation?.relname === table.name,
  );
  if (whole && (end === undefined || deleted)) {
    const own = columns.filter(({ generated }) => generated === null);
    const list = own.map(({ name }) => quoteIdentifier(name)).join(', ');
    const always = own.some(({ identity }) => identity === 'always') ? ' OVERRIDING SYSTEM VALUE' : '';
    const again = end === undefined ? '' : ' ON CONFLICT DO NOTHING';
    const insert = `INSERT INTO ${target} (${list})${always} SELECT ${list} FROM ${archive}${again}`;
    return { table, columns: null, sql: [insert, ...counters(target, own, end === undefined)].join(';\n') };
  }
  const key = (primaryKeyOf(table)?.columns ?? []).map((number) => columnOf(table, number));
  const values = columns.filter((column) => !key.includes(column) && column.generated === null);
  if (key.length === 0 || values.length === 0 || !key.every((column) => columns.includes(column))) return null;
  const set = values.map(({ name }) => `${quoteIdentifier(name)} = kept.${quoteIdentifier(name)}`).join(', ');
  const same = key.map(({ name }) => `now.${quoteIdentifier(name)} = kept.${quoteIdentifier(name)}`).join(' AND ');
  return {
    table,
    columns: values.map(({ name }) => name),
    sql: `UPDATE ${target} AS now SET ${set} FROM ${archive} AS kept WHERE ${same}`,
  };
}

/** A serial or identity that was made again starts at 1: it goes on behind the rows that came back. */
function counters(target: string, columns: readonly Column[], madeAgain: boolean): readonly string[] {
  if (!madeAgain) return [];
  return columns
    .filter(({ identity, default: value }) => identity !== null || /nextval/.test(value?.text ?? ''))
    .map(({ name }) => {
      const sequence = `pg_get_serial_sequence(${quoteLiteral(target)}, ${quoteLiteral(name)})`;
      return `SELECT setval(${sequence}, coalesce(max(${quoteIdentifier(name)}), 1), max(${quoteIdentifier(name)}) IS NOT NULL) FROM ${target}`;
    });
}

/** Does a note of `DataNotes.before` speak of what was kept? */
export function speaksOfKept(note: string, { table, columns }: KeptRows): boolean {
  const { name } = table;
  if (columns === null)
    return (
      note === `rows of ${name}` ||
      note.startsWith(`rows of ${name} that `) ||
      (note.startsWith('the position of the sequence ') && note.includes(`${name}_`))
    );
  return (
    columns.some((column) => note === `values of ${name}.${column}` || note.endsWith(`, in ${name}.${column}`)) ||
    new RegExp(`^what line \\d+ \\(UPDATE\\) changed in rows of ${name.replaceAll(/[^\w]/g, '\\$&')}$`).test(note)
  );
}
