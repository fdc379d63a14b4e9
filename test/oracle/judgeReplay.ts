import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FetchedHistory } from '../../scripts/fetch-migrations.ts';
import { lockStrength } from '../../src/core/effects/effect.ts';
import { parseScript } from '../../src/core/sql/script.ts';
import { parser } from '../support/parser.ts';
import { failsOnRow } from './failsOnRow.ts';
import { forgetsPrepared, isCopyFromClient, isTransactionControl, runWithRoles } from './histories.ts';
import { readRelations } from './observe.ts';
import type { ObservedEffect, Relations } from './observe.ts';
import { emptyDatabase } from './session.ts';
import type { OracleSession } from './session.ts';

/** A statement that a server took, and what it showed there. */
export interface JudgedStatement {
  readonly path: string;
  readonly text: string;
  readonly dangerous: boolean;
  /** Fails on a table with a row; null: not tried, or nothing could be told. */
  readonly fails: boolean | null;
  readonly effects: readonly ObservedEffect[];
  /** False: of a file that only makes the tables, or its locks could not be read. */
  readonly judged: boolean;
}

/** A statement that runs longer than this is ended: a script may have switched statement_timeout off. Seconds. */
const MOST_SECONDS = 20;

/** A history's statements in the order in which they ran; what the server refused is left out. */
export async function replayForJudge(
  session: OracleSession,
  { project, files }: FetchedHistory,
  folder: string,
): Promise<readonly JudgedStatement[]> {
  await emptyDatabase(session);
  const judged: JudgedStatement[] = [];
  let relations = await readRelations(session.work);
  for (const { name, role } of files) {
    const atStart = relations;
    // Each file in a session of its own, as `psql -f` runs it.
    await session.work.query('RESET SESSION AUTHORIZATION; RESET ALL; DISCARD TEMP');
    const text = readFileSync(join(folder, project, name), 'utf8');
    for (const statement of parseScript(text, { parser, dialect: 'postgresql' }).statements) {
      const { text: sql, tree } = statement;
      if (tree === null || isTransactionControl(statement)) continue;
      if (isCopyFromClient(statement) || forgetsPrepared(statement)) continue;
      const fails = role === 'ours' ? null : await failsOnRow(session, sql, tree, atStart);
      const outcome = await limited(session, runWithRoles(session, sql, relations));
      if (!outcome.ok) continue;
      relations = outcome.relations;
      judged.push({
        path: name,
        text: sql,
        // TRUNCATE makes new files, but empty ones: that does not grow with the table.
        dangerous: fails === true || (!('TruncateStmt' in tree) && isDangerous(outcome.effects, atStart)),
        fails,
        // Outside a transaction block the locks are let go before they can be read.
        judged: outcome.exact && role !== 'ours',
        effects: outcome.effects,
      });
    }
  }
  return judged;
}

async function limited<T>({ work, watch }: OracleSession, running: Promise<T>): Promise<T> {
  const pid = (work as unknown as { processID: number }).processID;
  const timer = setInterval(() => {
    watch.query('SELECT pg_catalog.pg_cancel_backend($1)', [pid]).catch(() => undefined);
  }, MOST_SECONDS * 1000);
  try {
    return await running;
  } finally {
    clearInterval(timer);
  }
}

function isDangerous(effects: readonly ObservedEffect[], atStart: Relations): boolean {
  return effects.some(
    ({ oid, lock, work }) =>
      atStart.has(oid) &&
      lockStrength(lock) >= lockStrength('SHARE') &&
      work.some((kind) => kind === 'scan' || kind === 'rewrite' || kind === 'index build'),
  );
}
