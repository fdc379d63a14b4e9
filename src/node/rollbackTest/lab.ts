import type { Client } from 'pg';
import type { AnalysisSettings, HistoryAnalysis, MigrationAnalysis } from '../../core/analyze.ts';
import { analyzeHistory } from '../../core/analyze.ts';
import type { LeftOut } from '../../core/report/rollbackTest.ts';
import type { Parser } from '../../core/sql/parser.ts';
import { standsIn } from '../../core/tools/supabaseSchema.ts';
import type { History, Migration } from '../../core/tools/tool.ts';
import { backendPid, throwIfAborted } from '../apply/cancellation.ts';
import { databaseUrl, withClient, type SessionOptions } from '../connection.ts';
import { applyBaseline } from '../replay/baseline.ts';
import { replayError } from '../replay/replayError.ts';
import { makeRoles } from '../replay/roles.ts';
import { RunError } from '../runError.ts';
import { createOwnDatabase, dropOwnDatabase, ownDatabaseName } from '../staging/ownDatabases.ts';
import { isTransactionControl } from '../apply/executionPlan.ts';
import { fitsTransaction, runAsTool } from './cycle.ts';
import { acceptedText, isNeverRun } from './refusedStatements.ts';
import type { SchemaSnapshot } from './schemaSnapshot.ts';
import { schemaSnapshot } from './schemaSnapshot.ts';
import { isStatementError, type TestSession } from './session.ts';

export interface LabRequest {
  readonly history: History;
  readonly settings: AnalysisSettings;
  readonly parser: Parser;
  /** A server on which databases may be made and dropped. Holds a password: never print it. */
  readonly serverUrl: string;
  /** Roles that the history names are made: on a throw-away server only. */
  readonly makeRoles: boolean;
  /**
   * What this server refuses (an extension that it lacks) is left out of the history and named, instead of ending the
   * test: for whole folders of other people's migrations.
   */
  readonly tolerant: boolean;
  /** Milliseconds that one script may take. */
  readonly timeout: number;
  readonly session?: SessionOptions | undefined;
  readonly signal?: AbortSignal | undefined;
}

const REPLAY = { purpose: 'rollback test', phase: 'replaying the history' } as const;

/** A place in a history: the database is as it is just before the migration. */
export interface Place {
  readonly migration: MigrationAnalysis;
  /** As it lies on disk, with nothing left out. */
  readonly original: Migration;
  readonly before: SchemaSnapshot;
  readonly leftOut: readonly LeftOut[];
  /** Nothing of the migration is left. */
  readonly nothingLeft: boolean;
}

/**
 * A database that walks along a history: each migration is met in the state that those before it leave, and the history
 * is replayed once. Not for use by two at a time.
 */
export class HistoryWalk {
  readonly #request: LabRequest;
  readonly #control: Client;
  #name: string;
  #client: Client | null = null;
  #backend = 0;
  #closed: (() => void) | null = null;
  #ended: Promise<void> = Promise.resolve();
  /** Index of the migration that comes next. */
  #next = 0;
  /** With what is left out taken away. */
  #migrations: Migration[];
  #analysis: HistoryAnalysis;
  #snapshot: SchemaSnapshot | null = null;
  readonly #leftOut = new Map<number, readonly LeftOut[]>();

  private constructor(request: LabRequest, control: Client, name: string) {
    this.#request = request;
    this.#control = control;
    this.#name = name;
    this.#migrations = [...request.history.migrations];
    this.#analysis = this.#analysed(0, undefined);
  }

  /** Opens a walk at the history's start, runs `work`, and drops its database. */
  static async use<T>(request: LabRequest, work: (walk: HistoryWalk) => Promise<T>): Promise<T> {
    return withClient(request.serverUrl, { applicationName: 'lockkeeper control' }, async (control) => {
      const walk = new HistoryWalk(request, control, ownDatabaseName());
      await walk.#make();
      try {
        await walk.#start();
        return await work(walk);
      } finally {
        await walk.#disconnect();
        await dropOwnDatabase(control, walk.#name).catch(() => undefined);
      }
    });
  }

  /** The session in the walk's own database, for work in a transaction that is rolled back. */
  session(): TestSession {
    return this.#sessionOf(this.#connected(), this.#backend);
  }

  /**
   * Goes to the state before a migration. Only forward, but for a fresh start.
   * @throws RunError 'replay failed' where an earlier one does not run and the walk is not tolerant
   */
  async goTo(index: number, onStep?: (index: number) => void): Promise<Place> {
    if (index < this.#next) await this.#restart();
    while (this.#next < index) {
      throwIfAborted(this.#request.signal, 'replaying the history');
      onStep?.(this.#next);
      if (this.#request.tolerant) await this.#tryOut();
      await this.#advance();
    }
    const migration = this.#current();
    if (migration.statements.some(({ statement }) => isNeverRun(statement))) await this.leaveOut();
    return this.#place();
  }

  /** Takes out of the next migration what this server refuses, if the walk is tolerant; else nothing. */
  async leaveOut(): Promise<Place> {
    if (this.#request.tolerant) await this.#tryOut();
    return this.#place();
  }

  async #tryOut(): Promise<void> {
    const index = this.#next;
    const migration = this.#current();
    if (this.#leftOut.has(index)) return;
    const { text, leftOut } = await acceptedText(this.#connected(), migration);
    this.#leftOut.set(index, leftOut);
    if (text === migration.migration.text) return;
    this.#migrations[index] = { ...migration.migration, text };
    this.#analysis = this.#analysed(index + 1, {
      ...this.#analysis,
      migrations: this.#analysis.migrations.slice(0, index),
    });
  }

  async #place(): Promise<Place> {
    const index = this.#next;
    const original = this.#request.history.migrations[index];
    const migration = this.#current();
    if (original === undefined) throw new RangeError(`no migration ${index}`);
    this.#snapshot ??= await schemaSnapshot(this.#connected());
    const leftOut = this.#leftOut.get(index) ?? [];
    const nothingLeft = leftOut.length > 0 && migration.statements.length === 0;
    return { migration, original, before: this.#snapshot, leftOut, nothingLeft };
  }

  /** The next migration, analysed. */
  #current(): MigrationAnalysis {
    const index = this.#next;
    if (this.#analysis.migrations.length <= index) this.#analysis = this.#analysed(index + 1, this.#analysis);
    const migration = this.#analysis.migrations[index];
    if (migration === undefined) throw new RangeError(`no migration ${index}`);
    return migration;
  }

  /** Takes the migration for good; `after` is the schema with it, where a test has seen it already. */
  async advance(after: SchemaSnapshot | null): Promise<void> {
    // What was not seen to run might stop half-way, in a state that no replay knows.
    if (after === null && this.#request.tolerant) await this.#tryOut();
    await this.#advance();
    this.#snapshot = after;
  }

  /** Runs `work` in a copy of the database, which is dropped afterwards. */
  async inClone<T>(work: (session: TestSession) => Promise<T>): Promise<T> {
    await this.#disconnect();
    const clone = ownDatabaseName();
    try {
      const { major } = this.#request.settings;
      await createOwnDatabase(this.#control, { major, name: clone, template: { name: this.#name, bytes: 0 } });
      return await withClient(this.#url(clone), this.#options(), async (client) =>
        work(this.#sessionOf(client, await backendPid(client))),
      );
    } finally {
      await dropOwnDatabase(this.#control, clone).catch(() => undefined);
      await this.#connect();
    }
  }

  async #make(): Promise<void> {
    await createOwnDatabase(this.#control, { major: this.#request.settings.major, name: this.#name });
  }

  async #start(): Promise<void> {
    const { history, parser, makeRoles: may, tolerant } = this.#request;
    if (may) await makeRoles(this.#control, history, parser);
    await this.#connect();
    const client = this.#connected();
    await applyBaseline(client, { history, parser, tolerant, ...REPLAY });
    await client.query('DISCARD ALL');
  }

  async #restart(): Promise<void> {
    await this.#disconnect();
    await dropOwnDatabase(this.#control, this.#name);
    this.#name = ownDatabaseName();
    await this.#make();
    this.#next = 0;
    this.#snapshot = null;
    await this.#start();
  }

  async #advance(): Promise<void> {
    const migration = this.#current();
    const client = this.#connected();
    if (!this.#request.tolerant || !(await ranTogether(client, migration))) {
      try {
        await runAsTool(client, migration.statements);
      } catch (error) {
        if (!isStatementError(error)) throw error;
        if (!this.#request.tolerant) throw replayError(migration.migration.path, error, REPLAY);
        await runOneByOne(client, migration);
      }
    }
    await client.query('DISCARD ALL');
    this.#next += 1;
    this.#snapshot = null;
  }

  #analysed(count: number, previous: HistoryAnalysis | undefined): HistoryAnalysis {
    const { history, parser, settings } = this.#request;
    const part = { ...history, migrations: this.#migrations.slice(0, count) };
    return analyzeHistory(part, { parser, settings, ...(previous ? { previous } : {}) });
  }

  async #connect(): Promise<void> {
    await new Promise<void>((ready, failed) => {
      this.#ended = withClient(this.#url(this.#name), this.#options(), async (client) => {
        this.#client = client;
        this.#backend = await backendPid(client);
        await new Promise<void>((close) => {
          this.#closed = close;
          ready();
        });
      });
      this.#ended.catch(failed);
    });
  }

  async #disconnect(): Promise<void> {
    this.#client = null;
    this.#closed?.();
    await this.#ended.catch(() => undefined);
  }

  #connected(): Client {
    if (this.#client === null) throw new RunError('not possible', 'The session with the test database was lost.');
    return this.#client;
  }

  #sessionOf(client: Client, backend: number): TestSession {
    const { timeout, signal } = this.#request;
    return { client, control: this.#control, backend, timeout, signal };
  }

  #url(name: string): string {
    return databaseUrl(this.#request.serverUrl, name);
  }

  #options(): SessionOptions {
    const { session, history } = this.#request;
    // As Supabase sets it for the role that runs migrations.
    const path = standsIn(history) ? { search_path: '"$user", public, extensions' } : {};
    const settings = {
      client_min_messages: 'error',
      jit: 'off',
      synchronous_commit: 'off',
      ...path,
      ...session?.settings,
    };
    return { applicationName: 'lockkeeper rollback test', ...session, settings };
  }
}

/** The last resort: whatever the server takes, so that later migrations find what they can. */
async function runOneByOne(client: Client, { script }: MigrationAnalysis): Promise<void> {
  for (const { kind, text } of script.statements) {
    if (isTransactionControl(kind)) continue;
    try {
      await client.query(text);
    } catch (error) {
      if (!isStatementError(error)) throw error;
    }
  }
}

/** In one transaction, where that can be: nothing is half done if it fails, and LOCK TABLE runs whatever tool it was for. */
async function ranTogether(client: Client, { script }: MigrationAnalysis): Promise<boolean> {
  if (!fitsTransaction(script.statements)) return false;
  await client.query('BEGIN');
  try {
    for (const { kind, text } of script.statements) if (!isTransactionControl(kind)) await client.query(text);
    await client.query('COMMIT');
    return true;
  } catch (error) {
    if (!isStatementError(error)) throw error;
    await client.query('ROLLBACK');
    return false;
  }
}
