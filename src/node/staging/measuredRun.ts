import type { AnalysisSettings, MigrationAnalysis } from '../../core/analyze.ts';
import { catalogFingerprint } from '../../core/catalog/compare.ts';
import { migrationDigest } from '../../core/digest.ts';
import type { FilledTable, MeasuredStatement, Snapshot, StagingRun, Stall } from '../../core/report/stagingRun.ts';
import { duration } from '../../core/report/figures.ts';
import type { Statement } from '../../core/sql/statement.ts';
import { standsIn } from '../../core/tools/supabaseSchema.ts';
import type { History } from '../../core/tools/tool.ts';
import { serverIdentity, sessionSettings } from '../serverIdentity.ts';
import type { Measured } from './measure.ts';
import { startProbes, type RunningProbes } from './probes.ts';
import { installRewriteTrigger } from './rewriteTrigger.ts';
import { RunClock } from './runClock.ts';
import type { ScratchServer } from './servers/stagingServer.ts';
import { touchedTables } from './touchedTables.ts';
import { watchedRun, type RunSessions } from './watchedRun.ts';

/** What was done before the migration could be run. */
export interface Prepared {
  readonly tables: readonly FilledTable[];
  readonly notes: readonly string[];
  readonly snapshot: Snapshot;
}

export interface RunRequest extends RunSessions {
  readonly server: ScratchServer;
  readonly history: History;
  readonly migration: MigrationAnalysis;
  readonly prepared: Prepared;
  readonly settings: AnalysisSettings;
  /** By the statistics of production; null: not known. */
  readonly productionMajor: number | null;
  /** Sessions that feel what users would feel; off only to compare. */
  readonly probing: boolean;
  readonly phase: string;
  readonly signal: AbortSignal | undefined;
  readonly onStatement: (statement: Statement) => void;
}

/** Each table gets a reader and a writer: more than this many would measure the client. */
const PROBED_TABLES = 4;

/** Runs the migration on the prepared database, with probe sessions on the tables that it touches, and gives the whole result. */
export async function measuredRun(request: RunRequest): Promise<StagingRun> {
  const { work, watch, control, server, history, migration, prepared, phase, signal } = request;
  const sessionValues = await sessionSettings(work);
  const withRows = new Set(prepared.tables.filter(({ rows }) => rows > 0).map(({ table }) => table));
  // In place nothing is made that a ROLLBACK would not undo.
  const reasons = server.identity.superuser && !server.inPlace && (await installRewriteTrigger(watch));
  const probed = (request.probing ? touchedTables(migration) : [])
    .filter((table) => withRows.has(table))
    .slice(0, PROBED_TABLES);
  const clock = new RunClock();
  const current = { began: 0 };
  const probes = await startProbes(server.url, probed, clock.now, () => current.began);
  let felt: Awaited<ReturnType<RunningProbes['stop']>> = { probes: [], stalls: [] };
  const unfelt: string[] = [];
  let milliseconds = 0;
  const context = {
    work,
    watch,
    control,
    major: server.identity.major,
    local: server.place === 'embedded',
    phase,
    signal,
  };
  let measured: Measured;
  try {
    clock.restart();
    measured = await watchedRun(context, {
      migration,
      rollBack: server.inPlace,
      clock,
      onStatement: ({ statement }) => {
        current.began = clock.now();
        request.onStatement(statement);
      },
    });
  } finally {
    milliseconds = clock.now();
    // Their connections fail with the run's own; that error is the one to show.
    await probes.stop().then(
      (result) => (felt = result),
      (error: unknown) => unfelt.push(error instanceof Error ? error.message : String(error)),
    );
  }
  return rounded({
    version: 2,
    history: history.id,
    migration: migration.migration.id,
    path: history.root === '.' ? migration.migration.path : `${history.root}/${migration.migration.path}`,
    tool: migration.migration.tool,
    transactionMode: migration.migration.transactionMode,
    digest: migrationDigest(migration.migration),
    base: catalogFingerprint(migration.before),
    at: (await serverIdentity(watch)).now,
    server: {
      place: server.place,
      environment: server.environment,
      version: server.identity.version,
      major: server.identity.major,
    },
    settings: sessionValues,
    outcome: measured.failure === null ? 'completed' : 'failed',
    failure: measured.failure,
    notComparable: notComparable(request),
    snapshot: prepared.snapshot,
    tables: prepared.tables,
    statements: measured.statements,
    transactions: measured.transactions,
    probes: felt.probes,
    // Before the first statement there is nothing that could have stalled anybody.
    stalls: felt.stalls
      .filter((stall) => stall.start + stall.milliseconds > 0)
      .flatMap((stall) => {
        const during = statementAt(measured.statements, stall);
        // Between two statements no lock is asked for: the machine, or the checkpoint that is made there.
        if (during !== undefined && stall.start + stall.milliseconds < during.start) return [];
        return [{ ...stall, statement: during?.index ?? null }];
      }),
    differences: measured.differences,
    rollback: null,
    lockQueue: null,
    growth: null,
    milliseconds,
    notes: [
      ...unfelt.map((why) => `What other sessions would feel was not measured: ${why}`),
      ...notes(request, measured, reasons),
    ],
  });
}

/** The first statement that was still running when the stall began: what comes later in its transaction only prolongs it. */
function statementAt(
  statements: StagingRun['statements'],
  stall: Omit<Stall, 'statement'>,
): MeasuredStatement | undefined {
  // An operation begins up to a pause before the lock that stops it.
  const began = stall.start + Math.min(10, stall.milliseconds / 2);
  return statements.find((one) => one.start + one.milliseconds >= began) ?? statements.at(-1);
}

/** Four digits after the point: times of a tenth of a microsecond, fractions of a hundredth of a per cent. */
export function rounded<T>(result: T): T {
  const text = JSON.stringify(result, (_, value: unknown) =>
    typeof value === 'number' ? Math.round(value * 10_000) / 10_000 : value,
  );
  return JSON.parse(text) as T;
}

/** Locks and rewrites differ from major to major: a run on another one is no evidence about production. */
function notComparable({ productionMajor, server }: RunRequest): string | null {
  const { major } = server.identity;
  if (productionMajor === null || productionMajor === major) return null;
  return `measured on PostgreSQL ${major}, production is PostgreSQL ${productionMajor}`;
}

function notes(
  { settings, server, history, prepared }: RunRequest,
  { failure, statements }: Measured,
  reasons: boolean,
): string[] {
  const found = [...prepared.notes];
  if (standsIn(history) && !server.holdsData)
    found.push(
      "Supabase's own schemas (auth, storage …) were stood in for: what is measured on their tables says nothing of the real ones.",
    );
  const wanted = settings.major;
  const { major } = server.identity;
  if (major !== wanted)
    found.push(
      `Measured on PostgreSQL ${major}, while this project is set to ${wanted}: locks and rewrites may differ.`,
    );
  found.push(
    ...prepared.tables.flatMap(({ table, leftNull }) => (leftNull === undefined ? [] : [`${table}: ${leftNull}.`])),
  );
  const empty = prepared.tables.filter(({ role, rows }) => role === 'touched' && rows === 0).map(({ table }) => table);
  for (const { index, waitedFor } of statements) {
    if (!waitedFor.some(({ mutual }) => mutual)) continue;
    found.push(
      `Statement ${index + 1} and a session that works on the same rows waited for each other. In production that is a deadlock, and the server ends one of the two: take the strongest lock first, or do the parts in transactions of their own.`,
    );
  }
  const waited = statements.reduce((sum, one) => sum + (one.processorWait ?? 0), 0);
  const took = statements.reduce((sum, one) => sum + one.milliseconds, 0);
  if (waited > 500 && waited > took / 5) {
    found.push(
      `This machine was busy with other programs: of ${duration(took)}, ${duration(waited)} went by waiting for a processor. Estimates leave that out.`,
    );
  }
  if (server.inPlace)
    found.push('Run in place, in one transaction that was rolled back: what the COMMIT costs was not measured.');
  if (!reasons && statements.some(({ rewritten }) => rewritten.length > 0))
    found.push(
      `Why tables were rewritten was not asked of the server: that takes ${server.inPlace ? 'a database of its own' : 'a superuser'}.`,
    );
  if (empty.length > 0) found.push(`Measured without rows: ${empty.join(', ')}. Their times say nothing.`);
  // Data exceptions and integrity constraint violations.
  if (failure?.sqlState?.startsWith('22') === true || failure?.sqlState?.startsWith('23') === true) {
    found.push(
      'It failed on rows that Lockkeeper made up. It will fail in production only if rows like these are there: look for them before you rely on it.',
    );
  }
  return found;
}
