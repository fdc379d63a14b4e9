import type { StatementAnalysis } from '../../analyze.ts';
import { indexById, resolveRelation } from '../../catalog/lookup.ts';
import { qualifiedName, quoteIdentifier } from '../../sql/quote.ts';
import type { Statement } from '../../sql/statement.ts';
import { nodeAs, stringValues } from '../../sql/tree.ts';
import type { Fix } from '../rule.ts';
import { runnerName } from '../../tools/runnerName.ts';
import { placed } from './place.ts';
import type { Place } from './place.ts';
import { closedStatement, tokensOf } from './tokens.ts';
import { linesWithoutTransaction } from './toolForms.ts';

/**
 * CREATE INDEX made CONCURRENTLY: in its place where the tool runs the statement outside a transaction, else in a migration
 * of its own that the tool runs so; what needs the index comes after it.
 */
export function concurrentIndexFixes(place: Place): readonly Fix[] {
  const index = nodeAs(place.statement.statement.tree, 'IndexStmt');
  const sql = withConcurrently(place.statement.statement.text, 'index');
  const table = index?.relation?.relname;
  if (!index || sql === null || table === undefined) return [];
  const name = index.idxname ?? newIndexName(place.statement);
  const known = resolveRelation(place.statement.before, index.relation?.schemaname, table);
  if (index.if_not_exists === true && index.idxname !== undefined && known) return rebuiltIndexFixes(place);
  const columns = (index.indexParams ?? []).flatMap((node) => nodeAs(node, 'IndexElem')?.name ?? []);
  return placed(place, {
    title: 'Create the index concurrently',
    here: null,
    pieces: [{ name: name ?? `index_${table}`, sql: closedStatement(sql), runs: 'without a transaction' }],
    rests: { names: name === undefined ? [] : [name], tables: [table], columns },
    // A nameless one might be meant by any name.
    tailFollows: name === undefined,
  });
}

/** IF NOT EXISTS would take what a failed attempt left behind for done: that is dropped first, and the index made without it. */
export function rebuiltIndexFixes(place: Place): readonly Fix[] {
  const index = nodeAs(place.statement.statement.tree, 'IndexStmt');
  const [name, table] = [index?.idxname, index?.relation?.relname];
  const sql = rebuiltSql(place.statement.statement);
  if (sql === null || name === undefined || table === undefined) return [];
  return placed(place, {
    title: 'Drop what a failed attempt may have left, and create the index concurrently',
    here: null,
    pieces: [
      { name: `drop_${name}`, sql: sql.drop, runs: 'without a transaction' },
      { name, sql: closedStatement(sql.create), runs: 'without a transaction' },
    ],
    rests: { names: [name], tables: [table], columns: [] },
  });
}

/** CREATE INDEX IF NOT EXISTS as two statements, without IF NOT EXISTS; null where it is not written so, or has no name. */
function rebuiltSql({ text, tree }: Statement): { readonly drop: string; readonly create: string } | null {
  const index = nodeAs(tree, 'IndexStmt');
  const written = index?.concurrent === true ? text : withConcurrently(text, 'index');
  const tokens = written === null ? [] : tokensOf(written);
  const at = tokens.findIndex(({ kind, text: word, depth }) => kind === 'word' && word === 'if' && depth === 0);
  const [from, to] = [tokens[at], tokens[at + 3]];
  if (written === null || index?.idxname === undefined || !from || !to) return null;
  return {
    drop: `DROP INDEX CONCURRENTLY IF EXISTS ${qualifiedName(index.relation?.schemaname, index.idxname)};`,
    create: written.slice(0, from.start) + written.slice(to.start),
  };
}

/** DROP INDEX made CONCURRENTLY; several at once are dropped one by one. */
export function dropIndexFixes(place: Place): readonly Fix[] {
  const { statement, before } = place.statement;
  const drop = nodeAs(statement.tree, 'DropStmt');
  if (!drop || drop.removeType !== 'OBJECT_INDEX' || drop.behavior === 'DROP_CASCADE') return [];
  const indexes = (drop.objects ?? []).map((node) => stringValues(nodeAs(node, 'List')?.items));
  const known = indexes.map((path) => resolveRelation(before, path.at(-2), path.at(-1) ?? ''));
  // Neither the index of a partitioned table nor that of a constraint can be dropped so.
  if (
    known.some((one) => one !== undefined && (one.kind !== 'index' || one.constraint !== null || one.parent !== null))
  )
    return [];
  const names = indexes.map((path) => path.at(-1) ?? '');
  const sql = withConcurrently(statement.text, 'index');
  const single = indexes.length === 1 && sql !== null ? [closedStatement(sql)] : null;
  const ifExists = drop.missing_ok === true ? 'IF EXISTS ' : '';
  const statements =
    single ?? indexes.map((path) => `DROP INDEX CONCURRENTLY ${ifExists}${path.map(quoteIdentifier).join('.')};`);
  return placed(place, {
    title: 'Drop the index concurrently',
    here: null,
    pieces: statements.map((each, index) => ({
      name: `drop_${names[index] ?? 'index'}`,
      sql: each,
      runs: 'without a transaction',
    })),
    rests: { names, tables: [], columns: [] },
  });
}

/** REINDEX made CONCURRENTLY. */
export function reindexFixes(place: Place): readonly Fix[] {
  const reindex = nodeAs(place.statement.statement.tree, 'ReindexStmt');
  const keyword = reindex?.kind && REINDEX_WORDS[reindex.kind];
  const sql = keyword ? withConcurrently(place.statement.statement.text, keyword) : null;
  if (!reindex || sql === null) return [];
  const name = reindex.relation?.relname ?? reindex.name ?? '';
  return placed(place, {
    title: 'Reindex concurrently',
    here: null,
    pieces: [{ name: `reindex_${name}`, sql: closedStatement(sql), runs: 'without a transaction' }],
    rests: { names: [], tables: [name], columns: [] },
  });
}

const REINDEX_WORDS: Readonly<Record<string, string>> = {
  REINDEX_OBJECT_INDEX: 'index',
  REINDEX_OBJECT_TABLE: 'table',
  REINDEX_OBJECT_SCHEMA: 'schema',
  REINDEX_OBJECT_DATABASE: 'database',
};

/** REFRESH MATERIALIZED VIEW made CONCURRENTLY, in its place: where the view is filled and has a unique index on all rows and plain columns. */
export function refreshFixes(place: Place): readonly Fix[] {
  const { statement, before } = place.statement;
  const refresh = nodeAs(statement.tree, 'RefreshMatViewStmt');
  if (!refresh?.relation || refresh.skipData === true) return [];
  const view = resolveRelation(before, refresh.relation.schemaname, refresh.relation.relname ?? '');
  if (view?.kind !== 'materialized view' || !view.populated) return [];
  const isUsable = view.indexes.some((id) => {
    const index = indexById(before, id);
    return (
      index?.unique === true &&
      index.valid &&
      index.predicate === null &&
      index.keys.every((key) => key.column !== null)
    );
  });
  const word = tokensOf(statement.text).find(({ kind, text }) => kind === 'word' && text === 'view');
  if (!isUsable || !word) return [];
  const at = statement.start + word.end;
  return placed(place, {
    title: 'Refresh concurrently',
    here: [{ start: at, end: at, newText: concurrently(statement.text, word) }],
    pieces: [],
    rests: { names: [], tables: [], columns: [] },
  });
}

/** The statement with CONCURRENTLY behind the keyword; null where it stands there already, or the keyword is not found. */
function withConcurrently(text: string, keyword: string): string | null {
  const tokens = tokensOf(text);
  const at = tokens.findIndex(
    ({ kind, depth, text: word }, index) => index > 0 && kind === 'word' && depth === 0 && word === keyword,
  );
  const found = tokens[at];
  if (!found || tokens[at + 1]?.text === 'concurrently') return null;
  return `${text.slice(0, found.end)}${concurrently(text, found)}${text.slice(found.end)}`;
}

/** In the case that the writer likes. */
function concurrently(text: string, { start, end }: { readonly start: number; readonly end: number }): string {
  return /[a-z]/.test(text.slice(start, end)) ? ' concurrently' : ' CONCURRENTLY';
}

/** The name that PostgreSQL gives to the index of a CREATE INDEX without one. */
function newIndexName({ before, after, statement }: StatementAnalysis): string | undefined {
  const relation = nodeAs(statement.tree, 'IndexStmt')?.relation;
  const table = relation && resolveRelation(after, relation.schemaname, relation.relname ?? '');
  if (!table || !('indexes' in table)) return undefined;
  const made = table.indexes.filter((id) => !before.relations.has(id));
  return made.length === 1 ? indexById(after, made[0] ?? -1)?.name : undefined;
}

/** Longer statements are not repeated in a message. */
const LONGEST_SHOWN = 400;

/** The statement with CONCURRENTLY, to show in a message, and how it is run where the tool can't; null where it is too long for that. */
export function concurrentIndexSql(place: Place): string | null {
  const { statement } = place.statement;
  const keyword = tokensOf(statement.text).find(({ text, kind }) => kind === 'word' && text === 'index');
  if (!keyword || statement.text.length > LONGEST_SHOWN) return null;
  const [head, rest] = [statement.text.slice(0, keyword.end), statement.text.slice(keyword.end).trimEnd()];
  const index = nodeAs(statement.tree, 'IndexStmt');
  const again = index?.if_not_exists === true ? rebuiltSql(statement) : null;
  const sql = again
    ? `${again.drop}  -- what a failed attempt left\n${closedStatement(again.create.trimEnd())}`
    : closedStatement(`${head} CONCURRENTLY${rest}`);
  const { history, migration } = place;
  if (migration.migration.transactionMode === 'implicit' || place.statement.transaction.id === null) return sql;
  const piece = { name: '', sql: 'CREATE INDEX CONCURRENTLY i ON t (c);', runs: 'without a transaction' } as const;
  const lines = linesWithoutTransaction(history, migration.migration, piece);
  if (lines !== null) return `${lines}${sql}`;
  const tool = runnerName(history);
  // Of a tool that is not known nobody can say that it has no way.
  if (tool === null) return sql;
  const found = closedStatement(index?.if_not_exists === true ? `${head}${rest}` : `${head} IF NOT EXISTS${rest}`);
  const then =
    index?.idxname === undefined ? '' : `\n-- and in the migration, which then finds it (with a waiver):\n${found}`;
  return `-- ${tool} would run it in a transaction: by hand, with psql, before the deploy\n${sql}${then}`;
}
