import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { FetchedHistory } from '../../scripts/fetch-migrations.ts';
import type { ServerMajor } from '../../src/core/catalog/catalog.ts';
import { emptyCatalog } from '../../src/core/catalog/emptyCatalog.ts';
import { replayStatement } from '../../src/core/catalog/replay.ts';
import { parseScript } from '../../src/core/sql/script.ts';
import type { Statement } from '../../src/core/sql/statement.ts';
import { parser } from '../support/parser.ts';
import { compare } from './compare.ts';
import { readRelations, type ObservedEffect, type Relations } from './observe.ts';
import { predictHistory } from './predict.ts';
import { emptyDatabase, runStatement, type OracleSession } from './session.ts';
import { Tally } from './tally.ts';

/** `usual`: what `npm run fetch:migrations` brings. `more`: the wider set of `--more`. Else a folder with a manifest. */
export type FetchedSet = 'usual' | 'more' | (string & {});
const FOLDERS: Readonly<Record<string, string>> = {
  usual: fileURLToPath(new URL('../../.cache/migrations', import.meta.url)),
  more: fileURLToPath(new URL('../../.cache/migrations-more', import.meta.url)),
};

/** Where a set's projects lie. */
export function fetchedFolder(set: FetchedSet): string {
  return FOLDERS[set] ?? resolve(set);
}

/** The fetched histories, none where nothing was fetched (`scripts/fetch-migrations.ts`). */
export function fetchedHistories(set: FetchedSet = 'usual'): readonly FetchedHistory[] {
  const manifest = join(fetchedFolder(set), 'manifest.json');
  if (!existsSync(manifest)) return [];
  const histories = JSON.parse(readFileSync(manifest, 'utf8')) as FetchedHistory[];
  return histories.flatMap((history) => (history.each === true ? oneByOne(history) : [history]));
}

/** A history for each file, where they do not follow on each other. */
function oneByOne(history: FetchedHistory): FetchedHistory[] {
  const base = history.files
    .filter(({ role }) => role !== 'migration')
    .map((file) => ({ ...file, role: 'ours' as const }));
  return history.files
    .filter(({ role }) => role === 'migration')
    .map((file) => ({ ...history, files: [...base, file] }));
}

interface ReplayedStatement {
  readonly file: string;
  readonly statement: Statement;
  readonly effects: readonly ObservedEffect[];
  readonly exact: boolean;
  readonly atStart: Relations;
}

export interface HistoryTallies {
  /** Against the analysis of the files as they are, with what the server refuses in them. */
  readonly asTheyAre: Tally;
  /** Against the analysis of those statements only that the server accepted. */
  readonly asTheyRan: Tally;
  /** Statements that the server accepted and the replay thinks it refuses, and wrong answers whether one may run in a transaction block. */
  readonly misjudged: readonly string[];
}

/** Replays a history on the server, statement by statement, each in a transaction of its own, and compares both ways. */
export function compareFetchedHistory(
  session: OracleSession,
  history: FetchedHistory,
  set: FetchedSet = 'usual',
): Promise<HistoryTallies> {
  const scripts = history.files.map(({ name, role }) => ({
    path: name,
    compared: role !== 'ours',
    text: readFileSync(join(fetchedFolder(set), history.project, name), 'utf8'),
  }));
  return compareScripts(session, history.project, scripts);
}

/** One script of a history; those that are not compared only make the tables. */
export interface ReplayedScript {
  readonly path: string;
  readonly text: string;
  readonly compared: boolean;
}

export async function compareScripts(
  session: OracleSession,
  where: string,
  scripts: readonly ReplayedScript[],
): Promise<HistoryTallies> {
  const { replayed, refused } = await replay(session, scripts);
  const asTheyAre = new Tally();
  const asTheyRan = new Tally();
  asTheyAre.refused = refused;
  const ours = new Set(scripts.filter(({ compared }) => !compared).map(({ path }) => path));

  const all = new Map(
    predictHistory(session.major, scripts).map((line) => [`${line.file} ${String(line.index)}`, line]),
  );
  const accepted = scripts.map(({ path }) => ({
    path,
    text: replayed
      .filter(({ file }) => file === path)
      .map(({ statement }) => `${statement.text};\n`)
      .join(''),
  }));
  const acceptedLines = predictHistory(session.major, accepted);
  const transactional: string[] = [];
  replayed.forEach((each, position) => {
    if (ours.has(each.file)) return;
    const tallies = [
      [asTheyAre, all.get(`${each.file} ${String(each.statement.index)}`)],
      [asTheyRan, acceptedLines[position]],
    ] as const;
    for (const [tally, line] of tallies) {
      if (line === undefined)
        throw new Error(`${each.file}, statement ${String(each.statement.index)}: not in explain's lines`);
      if (tally === asTheyRan && line.transactional !== each.exact)
        transactional.push(`said to be ${line.transactional ? '' : 'not '}transactional\n  ${textOf(each)}`);
      // What ran outside a transaction block has let go of its locks: nothing exact to compare here, the cases do it.
      if (!each.exact) continue;
      const pairs = compare(line.effects, each.effects, {
        kind: line.kind,
        exact: true,
        compareWork: true,
        opaque: line.opaque,
        empty: new Set(each.effects.filter(({ empty }) => empty).map(({ oid }) => oid)),
        atStart: each.atStart,
      });
      tally.add(where, each.statement.text, `${each.file}:${String(each.statement.startLine)}`, pairs);
    }
  });
  return { asTheyAre, asTheyRan, misjudged: [...transactional, ...refusals(session.major, replayed)] };
}

/** What a DO block makes is not replayed here: later statements about it may be told wrongly. */
function refusals(major: ServerMajor, replayed: readonly ReplayedStatement[]): string[] {
  let catalog = emptyCatalog(major);
  let file = '';
  const { session } = catalog;
  return replayed.flatMap((each) => {
    const { file: own, statement } = each;
    if (own !== file) catalog = { ...catalog, session };
    file = own;
    const { catalog: after, error } = replayStatement(catalog, statement);
    catalog = after;
    if (error === null) return [];
    return [`${error.code} ${error.message}\n  ${textOf(each)}`];
  });
}

function textOf({ file, statement }: ReplayedStatement): string {
  return `${statement.text.replaceAll(/\s+/g, ' ').slice(0, 300)}   -- ${file}:${String(statement.startLine)}`;
}

async function replay(
  session: OracleSession,
  scripts: readonly { readonly path: string; readonly text: string }[],
): Promise<{ replayed: ReplayedStatement[]; refused: number }> {
  await emptyDatabase(session);
  const replayed: ReplayedStatement[] = [];
  let refused = 0;
  let relations = await readRelations(session.work);
  for (const { path, text } of scripts) {
    const atStart = relations;
    // Each file in a session of its own, as `psql -f` runs it.
    await session.work.query('RESET SESSION AUTHORIZATION; RESET ALL; DISCARD TEMP');
    for (const statement of parseScript(text, { parser, dialect: 'postgresql' }).statements) {
      if (statement.error !== null || isTransactionControl(statement)) continue;
      if (isCopyFromClient(statement) || forgetsPrepared(statement)) continue;
      const outcome = await runWithRoles(session, statement.text, relations);
      if (!outcome.ok) {
        refused += 1;
        continue;
      }
      relations = outcome.relations;
      replayed.push({ file: path, statement, effects: outcome.effects, exact: outcome.exact, atStart });
    }
  }
  return { replayed, refused };
}

/** Projects name roles of their own; those are made as they come up. */
export async function runWithRoles(
  session: OracleSession,
  sql: string,
  relations: Relations,
): ReturnType<typeof runStatement> {
  const outcome = await runStatement(session, sql, relations, true);
  const role =
    outcome.ok || outcome.sqlState !== '42704' ? undefined : /^role "(.+)" does not exist$/.exec(outcome.message)?.[1];
  if (role === undefined) return outcome;
  // Not as the role that the script itself may have become.
  try {
    await session.watch.query(`CREATE ROLE ${pg.escapeIdentifier(role)}`);
  } catch (error) {
    // "public" and "none" can be no role's name.
    if (error instanceof pg.DatabaseError) return outcome;
    throw error;
  }
  return runWithRoles(session, sql, relations);
}

/** BEGIN, COMMIT and the like: each statement runs in a transaction of its own. */
export function isTransactionControl({ tree }: Statement): boolean {
  return tree !== null && 'TransactionStmt' in tree;
}

/** Would take the oracle's own prepared statements away. */
export function forgetsPrepared({ tree }: Statement): boolean {
  if (tree === null) return false;
  if ('DeallocateStmt' in tree) return tree.DeallocateStmt.name === undefined;
  return 'DiscardStmt' in tree && tree.DiscardStmt.target !== 'DISCARD_TEMP';
}

/** COPY whose rows come from the client. */
export function isCopyFromClient({ tree }: Statement): boolean {
  return tree !== null && 'CopyStmt' in tree && tree.CopyStmt.is_from === true && tree.CopyStmt.filename === undefined;
}
