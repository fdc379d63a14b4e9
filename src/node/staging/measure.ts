import type { Client } from 'pg';
import pg from 'pg';
import type { MigrationAnalysis, StatementAnalysis } from '../../core/analyze.ts';
import { shortened } from '../../core/report/figures.ts';
import { differences } from '../../core/report/differences.ts';
import type {
  BackendFigures,
  Difference,
  HeldLock,
  MeasuredStatement,
  MeasuredTransaction,
  StatementFailure,
} from '../../core/report/stagingRun.ts';
import type { LockMode } from '../../core/effects/effect.ts';
import { throwIfAborted } from '../apply/cancellation.ts';
import { executionPlan, isTransactionControl, statementSql, type ExecutionStep } from '../apply/executionPlan.ts';
import { serverMessage } from '../apply/serverMessage.ts';
import { writeOut } from './checkpoint.ts';
import { FigureReader, figuresBetween, scansBetween, type ScanCounts } from './backendFigures.ts';
import { ProcessorClock, waitForOthers } from './processorWait.ts';
import { RewriteListener } from './rewriteTrigger.ts';
import type { RunClock } from './runClock.ts';
import { sampled, type Samples } from './sampling.ts';
import {
  addedLocks,
  heldModes,
  isNewIndex,
  newFiles,
  serverRelations,
  type HeldModes,
  type Known,
  type ServerRelations,
} from './serverObjects.ts';

export interface MeasureRequest {
  /** The session that runs the migration, with the settings of the real apply. */
  readonly work: Client;
  readonly backend: number;
  /** A second session, to watch and to cancel. */
  readonly watch: Client;
  /** The server's. */
  readonly major: number;
  /** The server runs on this machine and is ours alone: what it waits for a processor can be read, and checkpoints are ours to make. */
  readonly local: boolean;
  /** All in one transaction that ends with ROLLBACK: in a database that is not ours. */
  readonly rollBack?: boolean;
  /** Only the statements count: of a rollback, which is no migration of a history, too. */
  readonly migration: Pick<MigrationAnalysis, 'statements'>;
  readonly clock: RunClock;
  readonly phase: string;
  readonly signal: AbortSignal | undefined;
  readonly onStatement: (statement: StatementAnalysis) => void;
}

export interface Measured {
  readonly statements: readonly MeasuredStatement[];
  readonly transactions: readonly MeasuredTransaction[];
  readonly differences: readonly Difference[];
  readonly failure: StatementFailure | null;
  /** Sessions that the statement which failed was seen to wait for, by application name. */
  readonly blockedBy: readonly string[];
}

/**
 * Runs one migration statement by statement, in the transactions that its tool would use, and records what the server
 * did. A statement that fails ends the run and is part of the result.
 * @throws RunError 'cancelled'; errors of the connection as they are
 */
export async function measureMigration(request: MeasureRequest): Promise<Measured> {
  const processor = request.local ? await ProcessorClock.of(request.backend) : null;
  const run = new Run(request, { relations: await serverRelations(request.work), processor });
  const { statements } = request.migration;
  const steps: readonly ExecutionStep[] =
    request.rollBack === true ? [{ kind: 'wrapped', statements }] : executionPlan(statements);
  for (const step of steps) {
    const failure = await run.step(step);
    if (failure !== null) return { ...run.result(), failure };
  }
  return { ...run.result(), failure: null };
}

/** What one statement cost and left, before it is known in which transaction. */
interface Timed {
  readonly start: number;
  readonly milliseconds: number;
  readonly rows: number | null;
  readonly processorWait: number | null;
  readonly samples: Samples;
}

class Run {
  readonly #request: MeasureRequest;
  readonly #atStart: ServerRelations;
  readonly #statements: MeasuredStatement[] = [];
  readonly #transactions: MeasuredTransaction[] = [];
  readonly #differences: Difference[] = [];
  readonly #figures: FigureReader;
  readonly #rewrites: RewriteListener;
  readonly #processor: ProcessorClock | null;
  #scans: ScanCounts | null = null;
  #blockedBy: readonly string[] = [];
  #before: ServerRelations;
  #held: HeldModes = new Map();

  constructor(
    request: MeasureRequest,
    { relations, processor }: { readonly relations: ServerRelations; readonly processor: ProcessorClock | null },
  ) {
    this.#request = request;
    this.#processor = processor;
    this.#atStart = relations;
    this.#before = relations;
    this.#figures = new FigureReader(request);
    this.#rewrites = new RewriteListener(request.work);
  }

  result(): Omit<Measured, 'failure'> {
    return {
      statements: this.#statements,
      transactions: this.#transactions,
      differences: this.#differences,
      blockedBy: this.#blockedBy,
    };
  }

  async step(step: ExecutionStep): Promise<StatementFailure | null> {
    this.#held = new Map();
    const first = step.statements[0];
    if (first === undefined) return null;
    const { work, clock, local, watch } = this.#request;
    // Before the first one, whoever prepared the database has done so.
    if (local && this.#statements.length > 0) await clock.aside(() => writeOut(watch));
    if (step.kind === 'single' && !canBeWrapped(first)) return this.#bare(first);
    const id = this.#transactions.length;
    const counters = await this.#figures.counters();
    const start = clock.now();
    let ended: { start: number; milliseconds: number } | null = null;
    this.#scans = null;
    if (step.kind !== 'scripted') {
      await work.query('BEGIN');
      this.#scans = await this.#figures.scansInTransaction();
    }
    for (const statement of step.statements) {
      const outcome = await this.#observed(statement, step.kind === 'single' ? null : id);
      if ('sqlState' in outcome) {
        await work.query('ROLLBACK');
        if (step.kind === 'single' && outcome.sqlState === INVALID_TRANSACTION_TERMINATION)
          return this.#bare(statement);
        return outcome;
      }
      if (isTransactionControl(statement.statement.kind)) ended = outcome;
    }
    const commit = step.kind === 'scripted' ? ended : await this.#commit();
    if (commit !== null && 'sqlState' in commit) return commit;
    const commitMilliseconds = commit?.milliseconds ?? 0;
    const milliseconds = clock.now() - start;
    const figures = figuresBetween(counters, await this.#figures.counters());
    if (step.kind === 'single') {
      // Alone in its transaction: the commit is part of the statement, the reading of pg_locks between is not.
      const last = this.#statements.pop();
      if (last) this.#statements.push({ ...last, milliseconds: last.milliseconds + commitMilliseconds, figures });
      return null;
    }
    this.#transactions.push({
      id,
      start,
      milliseconds,
      commitMilliseconds,
      figures,
      statements: step.statements.map(({ statement }) => statement.index),
    });
    return null;
  }

  async #commit(): Promise<{ start: number; milliseconds: number } | StatementFailure> {
    const start = this.#request.clock.now();
    try {
      await this.#request.work.query(this.#request.rollBack === true ? 'ROLLBACK' : 'COMMIT');
      return { start, milliseconds: this.#request.clock.now() - start };
    } catch (error) {
      await this.#request.work.query('ROLLBACK');
      return failureOf(error, null);
    }
  }

  /** Inside a transaction block: own pg_locks and files right after the statement. */
  async #observed(analysis: StatementAnalysis, transaction: number | null): Promise<Timed | StatementFailure> {
    const { work, backend } = this.#request;
    const wal = await this.#walPosition();
    const timed = await this.#timed(analysis, false);
    if ('sqlState' in timed) return timed;
    const control = isTransactionControl(analysis.statement.kind);
    const held = control ? new Map<number, Set<LockMode>>() : await heldModes(work, backend);
    const after = await serverRelations(work);
    const scans = { before: this.#scans, after: await this.#figures.scansInTransaction() };
    const transactional = { analysis, transaction, timed, wal, held, earlier: this.#held, after, scans };
    await this.#record({ ...transactional, figures: null, complete: true });
    this.#held = held;
    this.#scans = scans.after;
    return timed;
  }

  /** By itself, as CONCURRENTLY, VACUUM and CALL must run: a second session looks at its locks meanwhile. */
  async #bare(analysis: StatementAnalysis): Promise<StatementFailure | null> {
    const counters = await this.#figures.counters();
    const scans = await this.#figures.scansOfDatabase();
    const wal = await this.#walPosition();
    const timed = await this.#timed(analysis, true);
    if ('sqlState' in timed) return timed;
    const after = await serverRelations(this.#request.work);
    await this.#record({
      analysis,
      transaction: null,
      timed,
      wal,
      held: timed.samples.held,
      earlier: new Map(),
      after,
      figures: figuresBetween(counters, await this.#figures.counters()),
      scans: { before: scans, after: await this.#figures.scansOfDatabase() },
      complete: false,
    });
    return null;
  }

  async #timed(analysis: StatementAnalysis, locks: boolean): Promise<Timed | StatementFailure> {
    const { work, watch, backend, major, clock, onStatement, signal, phase } = this.#request;
    throwIfAborted(signal, phase);
    onStatement(analysis);
    const before = (await this.#processor?.read()) ?? null;
    const { value, seen } = await sampled({ watch, backend, major, locks }, async () => {
      const start = clock.now();
      try {
        const { command, rowCount } = await work.query(statementSql(analysis));
        return { start, milliseconds: clock.now() - start, rows: ROW_COMMANDS.has(command) ? rowCount : null };
      } catch (error) {
        throwIfAborted(signal, phase);
        return failureOf(error, analysis.statement.index);
      }
    });
    const wait = waitForOthers(before, (await this.#processor?.read()) ?? null);
    if (!('sqlState' in value)) return { ...value, processorWait: wait, samples: seen };
    this.#blockedBy = seen.waitedFor.map(({ session }) => session);
    return value;
  }

  async #record(seen: {
    readonly analysis: StatementAnalysis;
    readonly transaction: number | null;
    readonly timed: Timed;
    readonly wal: number;
    readonly held: HeldModes;
    readonly earlier: HeldModes;
    readonly after: ServerRelations;
    readonly figures: BackendFigures | null;
    readonly scans: { readonly before: ScanCounts | null; readonly after: ScanCounts | null };
    readonly complete: boolean;
  }): Promise<void> {
    const { analysis, after, timed } = seen;
    const known: Known = [this.#before, after];
    const name = (oid: number): string =>
      known.map((one) => one.get(oid)?.name).find((found) => found !== undefined) ?? '';
    const added: HeldLock[] = [...addedLocks(seen.earlier, seen.held, known)].map(([oid, lock]) => ({
      relation: name(oid),
      lock,
      newRelation: !this.#atStart.has(oid),
    }));
    const files = newFiles(this.#before, after);
    this.#statements.push({
      index: analysis.statement.index,
      kind: analysis.statement.kind,
      text: shortened(analysis.statement.text, 300),
      startLine: analysis.statement.startLine,
      start: timed.start,
      milliseconds: timed.milliseconds,
      processorWait: timed.processorWait,
      transaction: seen.transaction,
      locks: added.sort((a, b) => a.relation.localeCompare(b.relation)),
      locksSeenBy: seen.complete ? 'own pg_locks' : 'polled',
      ...files,
      rewriteReasons: this.#rewrites.take(name),
      scans: scansBetween(seen.scans.before, seen.scans.after, known),
      walBytes: Math.max(0, (await this.#walPosition()) - seen.wal),
      figures: seen.figures,
      rows: timed.rows,
      waits: timed.samples.waits,
      phases: timed.samples.phases,
      waitedFor: timed.samples.waitedFor,
      repeats: null,
    });
    this.#differences.push(
      ...differences(analysis, {
        added,
        held: heldByName(seen.held, known, name),
        complete: seen.complete,
        rewritten: files.rewritten,
        withFile: new Set(
          [...this.#before.values()].filter((one) => one.kind === 'r' && after.has(one.oid)).map((one) => one.name),
        ),
      }),
    );
    this.#before = after;
  }

  /** From the watching session, so that it costs the migration nothing. */
  async #walPosition(): Promise<number> {
    const { rows } = await this.#request.watch.query<{ position: string }>(
      "SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0') AS position",
    );
    return Number(rows[0]?.position ?? 0);
  }
}

/** A procedure or DO block that commits: it can't run inside a block of ours. */
const INVALID_TRANSACTION_TERMINATION = '2D000';
const ROW_COMMANDS = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'SELECT', 'COPY']);
/** Do something else, or nothing, inside a transaction block. */
const ONLY_BARE = new Set(['LOCK TABLE', 'SAVEPOINT', 'DECLARE CURSOR', 'CALL', 'SET CONSTRAINTS']);

/** May a statement that the tool runs in autocommit be put into a transaction of its own, without another outcome? */
function canBeWrapped({ statement, effects }: StatementAnalysis): boolean {
  return effects.transactional && !ONLY_BARE.has(statement.kind) && !isTransactionControl(statement.kind);
}

function heldByName(held: HeldModes, known: Known, name: (oid: number) => string): Map<string, Set<LockMode>> {
  const byName = new Map<string, Set<LockMode>>();
  for (const [oid, modes] of held) {
    const relation = known.map((relations) => relations.get(oid)).find((found) => found !== undefined);
    if (relation === undefined || isNewIndex(relation, known)) continue;
    const owner = name(relation.table ?? oid);
    byName.set(owner, new Set([...(byName.get(owner) ?? []), ...modes]));
  }
  return byName;
}

/** Not the statement's fault: the server going away (57P), out of disk, memory or connections (53), a broken disk (58), a bug (XX). */
const SERVER_TROUBLE = /^(57P|53|58|XX)/;

/** @throws what is not the server's refusal of a statement; a lost connection is no DatabaseError at all */
function failureOf(error: unknown, statement: number | null): StatementFailure {
  if (!(error instanceof pg.DatabaseError) || SERVER_TROUBLE.test(error.code ?? '')) throw error;
  return { statement, message: serverMessage(error), sqlState: error.code ?? null };
}
