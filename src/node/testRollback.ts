import type { HistoryAnalysis } from '../core/analyze.ts';
import type { RollbackTest } from '../core/report/rollbackTest.ts';
import type { Parser } from '../core/sql/parser.ts';
import type { History } from '../core/tools/tool.ts';
import { throwIfAborted } from './apply/cancellation.ts';
import { demandRunnable } from './apply/runnable.ts';
import { withClient, type SessionOptions } from './connection.ts';
import { ConnectionError } from './connectionError.ts';
import { HistoryWalk, type LabRequest } from './rollbackTest/lab.ts';
import { demandNeeds } from './rollbackTest/needs.ts';
import { rolesOf } from './replay/roles.ts';
import { testMigration, type Sources } from './rollbackTest/testMigration.ts';
import { withTestServer, type TestServer } from './rollbackTest/testServer.ts';
import { RunError } from './runError.ts';
import { sessionSettings } from './serverIdentity.ts';
import type { StagingTarget } from './staging/scratchServer.ts';

export interface RollbackTestsRequest {
  readonly history: HistoryAnalysis;
  /** `Migration.id`s; tested in the history's order. */
  readonly migrations: readonly string[];
  readonly parser: Parser;
  readonly target: StagingTarget | TestServer;
  /** Default: the written script where there is one, else the synthesized one. */
  readonly sources?: Sources;
  /** What the server refuses is left out of the history and named; else it ends the test. */
  readonly tolerant?: boolean;
  /** So many databases at a time; default 1. */
  readonly jobs?: number;
  /** Rows put into each touched table before up; default 20. */
  readonly rows?: number;
  /** Milliseconds that one script may take; default 60,000. */
  readonly timeout?: number;
  readonly session?: SessionOptions | undefined;
  readonly onTest?: (test: RollbackTest) => void;
  readonly onProgress?: ((progress: { readonly message: string }) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** For one migration alone. */
export interface RollbackTestRequest extends Omit<RollbackTestsRequest, 'migrations' | 'jobs' | 'onTest'> {
  readonly migration: string;
}

const DEFAULT_ROWS = 20;
const DEFAULT_TIMEOUT = 60_000;

/**
 * *Test Rollback* of one migration: the history before it replayed into an empty database, rows put into the tables that
 * it touches, up, rows as the new version writes them, down, compared with before, up again. A script that fails is a
 * result, not an error. Whatever happens, database or server are gone afterwards.
 *
 * @throws RunError 'cancelled', 'migration', 'script', 'tool', 'production', 'not possible', 'replay failed';
 *   ConnectionError; ServerError ('no binaries': ask the user, then give `mayFetch`)
 */
export async function testRollback(request: RollbackTestRequest): Promise<RollbackTest> {
  const [test] = await testRollbacks({ ...request, migrations: [request.migration] });
  if (test === undefined) throw new RunError('migration', `${request.migration} was not tested.`);
  return test;
}

/** The same for several migrations of one history, which is replayed once. @throws as `testRollback` */
export async function testRollbacks(request: RollbackTestsRequest): Promise<readonly RollbackTest[]> {
  const { history: analysis, target, signal } = request;
  const { history } = analysis;
  const wanted = indexesOf(request);
  if (history.dialect !== 'postgresql')
    throw new RunError('tool', `${history.id} is a MySQL history: Lockkeeper checks its text, and runs nothing.`);
  if (request.tolerant !== true) {
    for (const one of analysis.migrations.slice(0, (wanted.at(-1) ?? 0) + 1)) demandRunnable(history, one);
  }
  const hooks = { signal, onProgress: (message: string) => request.onProgress?.({ message }) };
  return withTestServer(target, hooks, async (server) => {
    await demandNeeds(server, request, wanted);
    const frame = {
      at: server.identity.now,
      server: {
        version: server.identity.version,
        major: server.identity.major,
        place: server.throwAway ? ('embedded' as const) : ('environment' as const),
      },
      environment: server.environment,
      settings: await withClient(server.url, request.session ?? {}, sessionSettings),
    };
    // Roles are the cluster's: two databases can't both make them.
    const alone = rolesOf(history, request.parser).made.size > 0;
    const jobs = Math.max(1, Math.min(alone ? 1 : (request.jobs ?? 1), Math.ceil(wanted.length / 4)));
    const found: RollbackTest[][] = await Promise.all(
      chunks(wanted, jobs).map((chunk) => testChunk({ request, history, server, chunk, frame })),
    );
    return found.flat();
  });
}

function indexesOf({ history, migrations }: RollbackTestsRequest): readonly number[] {
  const places = new Map(history.migrations.map(({ migration }, index) => [migration.id, index]));
  return migrations
    .map((id) => {
      const index = places.get(id);
      if (index === undefined) throw new RunError('migration', `${history.history.id} has no migration ${id}.`);
      return index;
    })
    .sort((a, b) => a - b);
}

/** Neighbours stay together, since a walk goes forward. */
function chunks(indexes: readonly number[], count: number): (readonly number[])[] {
  const size = Math.ceil(indexes.length / count);
  return Array.from({ length: count }, (_, part) => indexes.slice(part * size, (part + 1) * size));
}

interface Chunk {
  readonly request: RollbackTestsRequest;
  readonly history: History;
  readonly server: TestServer;
  readonly chunk: readonly number[];
  readonly frame: Pick<RollbackTest, 'at' | 'server' | 'environment' | 'settings'>;
}

async function testChunk({ request, history, server, chunk, frame }: Chunk): Promise<RollbackTest[]> {
  const { parser, signal, tolerant = false } = request;
  const lab: LabRequest = {
    history,
    settings: request.history.settings,
    parser,
    serverUrl: server.url,
    makeRoles: server.throwAway,
    tolerant,
    timeout: request.timeout ?? DEFAULT_TIMEOUT,
    session: request.session,
    signal,
  };
  const tests: RollbackTest[] = [];
  let phase = 'starting';
  try {
    await HistoryWalk.use(lab, async (walk) => {
      for (const index of chunk) {
        throwIfAborted(signal, 'testing the rollback');
        const tested = await testMigration({
          walk,
          history,
          parser,
          index,
          sources: request.sources ?? 'written',
          rows: request.rows ?? DEFAULT_ROWS,
          frame,
          onPhase: (now) => {
            phase = now;
            request.onProgress?.({ message: now });
          },
        });
        for (const test of tested.tests) {
          tests.push(test);
          request.onTest?.(test);
        }
        if (index !== chunk.at(-1)) await walk.advance(tested.up);
      }
    });
  } catch (error) {
    if (error instanceof ConnectionError && error.reason === 'lost' && signal?.aborted !== true)
      throw new ConnectionError('lost', `${error.message} It happened in ${phase}.`, { cause: error });
    throw error;
  }
  return tests;
}
