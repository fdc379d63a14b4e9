import { spawnSync } from 'node:child_process';
import { withClient, databaseUrl } from '../../../src/node/connection.ts';
import { serverIdentity } from '../../../src/node/serverIdentity.ts';
import { startEmbeddedServer } from '../../../src/node/servers/embedded.ts';
import { measuredRun } from '../../../src/node/staging/measuredRun.ts';
import type { ScratchServer } from '../../../src/node/staging/scratchServer.ts';
import { serverCache } from '../../../test/support/server.ts';
import { quantile, type Figure } from '../measure.ts';
import { benchProgress } from '../progress.ts';
import { benchHistory } from './history.ts';
import { SCALE } from './statements.ts';

/** So many that every statement takes more than a second. */
const ROWS = 3_000_000 * SCALE;
const PAIRS = Number(process.env['LOCKKEEPER_BENCH_PAIRS'] ?? 20);

/** On a busy machine: no more pairs after so many milliseconds, but at least so many. */
const LIMIT = 110_000;
const FEWEST = 5;

const SCHEMA = 'CREATE TABLE orders (id bigint PRIMARY KEY, amount int, note text);';

/** Each is undone after each time, so that all times are of the same work on the same clone. */
const CASES = [
  { name: 'CREATE INDEX', sql: 'CREATE INDEX bench_index ON orders (note)', undo: 'DROP INDEX bench_index' },
  {
    name: 'ADD CHECK',
    sql: "ALTER TABLE orders ADD CONSTRAINT bench_check CHECK (note !~ '(x+y)+z')",
    undo: 'ALTER TABLE orders DROP CONSTRAINT bench_check',
  },
] as const;

/** The time that the profiler, with probes and sampling, measures for a statement, against psql's own on the same database, in turns. */
export async function overhead(): Promise<readonly Figure[]> {
  if (spawnSync('psql', ['--version']).error) {
    return [{ what: 'overhead against psql', measured: 'psql is not installed', goal: 'under 5 %', reached: null }];
  }
  const server = await startEmbeddedServer({ major: 18, cacheDirectory: serverCache, durable: true });
  try {
    await withClient(server.url, {}, (client) => client.query('CREATE DATABASE bench'));
    const url = databaseUrl(server.url, 'bench');
    const identity = await withClient(url, {}, async (client) => {
      await client.query(SCHEMA);
      await client.query(
        `INSERT INTO orders SELECT i, (i::bigint * 7919) % 100000, md5(i::text) FROM generate_series(1, ${String(ROWS)}) i`,
      );
      await client.query('VACUUM (ANALYZE) orders');
      return serverIdentity(client);
    });
    const scratch: ScratchServer = {
      url,
      identity,
      place: 'embedded',
      environment: null,
      holdsData: false,
      inPlace: false,
      snapshot: { source: 'made for the bench', takenAt: null, bytes: 0 },
    };
    const figures: Figure[] = [];
    for (const one of CASES) figures.push(await compare(scratch, one));
    return figures;
  } finally {
    await server.stop();
  }
}

async function compare(server: ScratchServer, { name, sql, undo }: (typeof CASES)[number]): Promise<Figure> {
  const ratios: number[] = [];
  const own: number[] = [];
  const theirs: number[] = [];
  const begin = performance.now();
  const progress = benchProgress();
  for (let pair = 0; pair < PAIRS && (pair < FEWEST || performance.now() - begin < LIMIT); pair += 1) {
    // Who comes first changes, so that neither always finds the warmer cache.
    const both = pair % 2 === 0 ? [byProfiler, byPsql] : [byPsql, byProfiler];
    const times = new Map<unknown, number>();
    for (const measure of both) {
      await withClient(server.url, {}, (client) => client.query('CHECKPOINT'));
      times.set(measure, await measure(server, sql));
      await withClient(server.url, {}, (client) => client.query(undo));
    }
    const [profiled, plain] = [times.get(byProfiler) ?? NaN, times.get(byPsql) ?? NaN];
    own.push(profiled);
    theirs.push(plain);
    ratios.push(profiled / plain);
    progress.show(`${name} in pairs with psql`, `${String(pair + 1)} of ${String(PAIRS)}`);
  }
  progress.clear();
  const ratio = quantile(ratios, 0.5);
  const median = (times: readonly number[]): string => `${(quantile(times, 0.5) / 1000).toFixed(2)} s`;
  return {
    what: `overhead on ${name}`,
    measured: `${(100 * (ratio - 1)).toFixed(1)} % (${median(own)} against psql ${median(theirs)}, ${String(ratios.length)} pairs)`,
    goal: 'under 5 %',
    reached: ratio < 1.05,
  };
}

async function byProfiler(server: ScratchServer, sql: string): Promise<number> {
  const analysis = benchHistory(SCHEMA, sql);
  const migration = analysis.migrations[1];
  if (migration === undefined) throw new Error('there are two migrations');
  const run = await withClient(server.url, {}, (control) =>
    withClient(server.url, {}, (watch) =>
      withClient(server.url, {}, (work) =>
        measuredRun({
          work,
          watch,
          control,
          server,
          migration,
          history: analysis.history,
          settings: analysis.settings,
          prepared: {
            tables: [{ table: 'public.orders', role: 'touched', rows: ROWS, wanted: ROWS, bytes: 0, shortfall: null }],
            notes: [],
            snapshot: { source: 'made-up rows', takenAt: null, statistics: null, bytes: 0, fraction: null },
          },
          productionMajor: null,
          probing: true,
          phase: 'measuring',
          signal: undefined,
          onStatement: () => undefined,
        }),
      ),
    ),
  );
  if (run.failure !== null) throw new Error(run.failure.message);
  return run.statements[0]?.milliseconds ?? NaN;
}

/** psql's own \timing: the statement with its implicit commit. */
function byPsql(server: ScratchServer, sql: string): Promise<number> {
  const { stdout, stderr, status } = spawnSync('psql', ['-X', '-q', server.url, '-c', '\\timing on', '-c', sql], {
    encoding: 'utf8',
  });
  const match = /Time: ([\d.]+) ms/.exec(stdout);
  if (status !== 0 || match === null) throw new Error(`psql: ${stderr}`);
  return Promise.resolve(Number(match[1]));
}
