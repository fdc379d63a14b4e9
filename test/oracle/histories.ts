import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { FetchedHistory } from '../../scripts/fetch-migrations.ts';
import { parseScript } from '../../src/core/sql/script.ts';
import type { Statement } from '../../src/core/sql/statement.ts';
import { parser } from '../support/parser.ts';
import { compare } from './compare.ts';
import { readRelations, type ObservedEffect, type Relations } from './observe.ts';
import { predictHistory } from './predict.ts';
import { emptyDatabase, runStatement, type OracleSession } from './session.ts';
import { Tally } from './tally.ts';

/** `usual`: what `npm run fetch:migrations` brings. `more`: the wider set of `--more`. */
export type FetchedSet = 'usual' | 'more';
const FOLDERS: Readonly<Record<FetchedSet, string>> = {
  usual: fileURLToPath(new URL('../../.cache/migrations', import.meta.url)),
  more: fileURLToPath(new URL('../../.cache/migrations-more', import.meta.url)),
};

/** The fetched histories, none where nothing was fetched (`scripts/fetch-migrations.ts`). */
export function fetchedHistories(set: FetchedSet = 'usual'): readonly FetchedHistory[] {
  const manifest = join(FOLDERS[set], 'manifest.json');
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
    text: readFileSync(join(FOLDERS[set], history.project, name), 'utf8'),
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
  replayed.forEach((each, position) => {
    if (ours.has(each.file)) return;
    const tallies = [
      [asTheyAre, all.get(`${each.file} ${String(each.statement.index)}`)],
      [asTheyRan, acceptedLines[position]],
    ] as const;
    for (const [tally, line] of tallies) {
      if (line === undefined)
        throw new Error(`${each.file}, statement ${String(each.statement.index)}: not in explain's lines`);
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
  return { asTheyAre, asTheyRan };
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
    await session.work.query('RESET ALL; DISCARD TEMP');
    for (const statement of parseScript(text, { parser, dialect: 'postgresql' }).statements) {
      if (isTransactionControl(statement) || statement.error !== null || isCopyFromClient(statement)) continue;
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
async function runWithRoles(
  session: OracleSession,
  sql: string,
  relations: Relations,
): ReturnType<typeof runStatement> {
  const outcome = await runStatement(session, sql, relations, true);
  const role =
    outcome.ok || outcome.sqlState !== '42704' ? undefined : /^role "(.+)" does not exist$/.exec(outcome.message)?.[1];
  if (role === undefined) return outcome;
  await session.work.query(`CREATE ROLE ${pg.escapeIdentifier(role)}`);
  return runWithRoles(session, sql, relations);
}

function isTransactionControl({ tree }: Statement): boolean {
  return tree !== null && 'TransactionStmt' in tree;
}

function isCopyFromClient({ tree }: Statement): boolean {
  return tree !== null && 'CopyStmt' in tree && tree.CopyStmt.is_from === true && tree.CopyStmt.filename === undefined;
}
