import type { Client } from 'pg';
import type { AnalysisSettings, HistoryAnalysis, MigrationAnalysis } from '../../src/core/analyze.ts';
import { analyzeHistory } from '../../src/core/analyze.ts';
import type { SchemaDifference } from '../../src/core/report/rollbackTest.ts';
import type { Rollback } from '../../src/core/rollback/rollback.ts';
import { synthesizeRollback } from '../../src/core/rollback/rollback.ts';
import { parseScript } from '../../src/core/sql/script.ts';
import { historyFromFiles } from '../../src/core/tools/history.ts';
import type { TransactionMode } from '../../src/core/tools/tool.ts';
import type { SchemaSnapshot } from '../../src/node/rollbackTest/schemaSnapshot.ts';
import { COLUMN_ORDER, compareSnapshots, schemaSnapshot } from '../../src/node/rollbackTest/schemaSnapshot.ts';
import { parser } from './parser.ts';

/** Plain SQL files as one history, analysed. */
export function analysedFiles(
  files: readonly { readonly path: string; readonly text: string }[],
  { major, mode = 'explicit' }: { readonly major: AnalysisSettings['major']; readonly mode?: TransactionMode },
): HistoryAnalysis {
  const history = historyFromFiles({ id: 'test', tool: 'plain', root: 'test', files, transactionMode: mode });
  return analyzeHistory(history, { parser, settings: { major, timeZone: null } });
}

export interface UpAndDown {
  readonly rollback: Rollback;
  /** `claim`: what the script says of itself. The others: what the server showed. */
  readonly claim: Rollback['grade']['schema']['state'] | 'declined';
  readonly outcome: 'restored' | 'columnOrder' | 'different' | 'down failed' | 'up failed' | 'declined';
  readonly differences: readonly SchemaDifference[];
  readonly message: string | null;
  /** The schema before up, if it is needed again. */
  readonly before: SchemaSnapshot;
}

/** Statements that open or close a transaction block. */
export const TRANSACTION_CONTROL = /^(BEGIN|START TRANSACTION|COMMIT|END|ROLLBACK|ABORT)$/;

/**
 * Up and down below a savepoint that is rolled back to: CONCURRENTLY is left out, and so is the script's own transaction
 * control. The client must be in a transaction; what is there stays as it was before.
 */
export async function upAndDown(
  client: Client,
  analysis: HistoryAnalysis,
  migration: MigrationAnalysis,
): Promise<UpAndDown> {
  const rollback = synthesizeRollback(migration, analysis.history);
  const claim = rollback.declined === null ? rollback.grade.schema.state : 'declined';
  const before = await schemaSnapshot(client);
  const common = { rollback, claim, before, differences: [], message: null } as const;
  await client.query('SAVEPOINT before_up');
  try {
    const upError = await runUp(client, migration);
    if (upError !== null) return { ...common, outcome: 'up failed', message: upError };
    if (rollback.declined !== null) return { ...common, outcome: 'declined', message: rollback.declined };
    await client.query('RESET ALL');
    const downError = await runAll(
      client,
      parseScript(rollback.text, { parser, dialect: 'postgresql' })
        .statements.filter(({ kind }) => !TRANSACTION_CONTROL.test(kind))
        .map(({ text }) => insideTransaction(text)),
    );
    if (downError !== null) return { ...common, outcome: 'down failed', message: downError };
    const differences = compareSnapshots(before, await schemaSnapshot(client));
    const onlyOrder = differences.every(({ property }) => property === COLUMN_ORDER);
    const outcome = differences.length === 0 ? 'restored' : onlyOrder ? 'columnOrder' : 'different';
    return { ...common, outcome, differences };
  } finally {
    await client.query('ROLLBACK TO before_up');
  }
}

/** Runs an up script inside the client's transaction. Gives what the server said against it; null: nothing. */
export function runUp(client: Client, migration: MigrationAnalysis): Promise<string | null> {
  const texts = migration.statements
    .filter(({ statement }) => !TRANSACTION_CONTROL.test(statement.kind))
    .map(({ statement }) => insideTransaction(statement.text));
  return runAll(client, texts);
}

/** A statement as it can run in a transaction block. */
export function insideTransaction(text: string): string {
  return text.replace(/\sCONCURRENTLY\b/i, '');
}

/** Runs statements until one fails; gives its text and what the server said. */
async function runAll(client: Client, texts: readonly string[]): Promise<string | null> {
  for (const text of texts) {
    try {
      await client.query(text);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return `${error.message} -- ${text.slice(0, 300)}`;
    }
  }
  return null;
}
