import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { serverCache } from '../../../test/support/server.ts';
import { quantile, type Figure } from '../measure.ts';
import { benchProgress } from '../progress.ts';

const CLI = resolve('dist/cli/main.js');
const TABLES = 200;
const PER_MIGRATION = 4;
const WARM = Number(process.env['LOCKKEEPER_BENCH_STARTS'] ?? 5);
const COLD = Math.min(3, WARM);

interface Times {
  /** Milliseconds from the command to its first statement. */
  readonly first: number;
  readonly whole: number;
}

/**
 * From the command to the first statement, of the built command line on an embedded server, 200 tables without rows.
 * Warm: run before, and what that run wrote has reached the disk. Cold: nothing of Node, Lockkeeper and PostgreSQL is in
 * the kernel's file cache; the download of PostgreSQL is no part of it.
 */
export async function start(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-start-'));
  // The server has a user of its own where root runs this.
  chmodSync(folder, 0o755);
  try {
    const last = workspaceWithTables(folder);
    const progress = benchProgress();
    const measure = async (name: string, rounds: number, before: () => void): Promise<Times[]> => {
      const times: Times[] = [];
      for (let round = 0; round < rounds; round += 1) {
        progress.show(`From the command to the first statement, ${name}`, `${String(round + 1)} of ${String(rounds)}`);
        before();
        times.push(await profileOnce(folder, last));
      }
      progress.clear();
      return times;
    };
    await profileOnce(folder, last);
    const warm = await measure('warm', WARM, flush);
    const what = `${String(TABLES)} tables without rows`;
    const figures = [figureOf(`first statement, ${what}, warm`, warm, 3)];
    try {
      figures.push(figureOf('the same, cold', await measure('cold', COLD, dropFileCache), 10));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall !== 'open') throw error;
      const measured = 'the file cache may not be emptied here';
      figures.push({ what: 'the same, cold', measured, goal: 'under 10 s', reached: null });
    }
    return figures;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @returns the id of the migration to profile */
function workspaceWithTables(folder: string): string {
  mkdirSync(join(folder, 'work', 'migrations'), { recursive: true });
  mkdirSync(join(folder, 'cache', 'lockkeeper'), { recursive: true });
  symlinkSync(serverCache, join(folder, 'cache', 'lockkeeper', 'servers'));
  writeFileSync(join(folder, 'work', 'lockkeeper.jsonc'), '{"postgresVersion": 18}\n');
  const name = (place: number): string => `${String(place).padStart(4, '0')}.sql`;
  const write = (file: string, text: string): void => {
    writeFileSync(join(folder, 'work', 'migrations', file), text);
  };
  for (let place = 0; place * PER_MIGRATION < TABLES; place += 1) {
    const tables = Array.from({ length: PER_MIGRATION }, (_, one) => place * PER_MIGRATION + one);
    write(
      name(place + 1),
      tables
        .map(
          (table) => `CREATE TABLE table_${String(table)} (
  id bigserial PRIMARY KEY,
  parent_id bigint${table === 0 ? '' : ` REFERENCES table_${String(table - 1)}`},
  name text NOT NULL,
  created timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX table_${String(table)}_parent ON table_${String(table)} (parent_id);
`,
        )
        .join(''),
    );
  }
  const last = name(TABLES / PER_MIGRATION + 1);
  write(last, `ALTER TABLE table_${String(TABLES - 1)} ADD COLUMN note text;\n`);
  return last;
}

async function profileOnce(folder: string, migration: string): Promise<Times> {
  const begin = performance.now();
  const child = spawn(process.execPath, [CLI, 'profile', '--environment', 'embedded', '--rows', '0', migration], {
    cwd: join(folder, 'work'),
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      XDG_CACHE_HOME: join(folder, 'cache'),
      XDG_STATE_HOME: join(folder, 'state'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let first = Number.NaN;
  let said = '';
  child.stdout.resume();
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (Number.isNaN(first) && said.includes(`${migration}, line 1`)) first = performance.now() - begin;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0 || Number.isNaN(first)) throw new Error(`profile ended with ${String(code)}: ${said}`);
  return { first, whole: performance.now() - begin };
}

function flush(): void {
  spawnSync('sync');
}

/** For root on Linux. https://www.kernel.org/doc/html/latest/admin-guide/sysctl/vm.html#drop-caches */
function dropFileCache(): void {
  flush();
  writeFileSync('/proc/sys/vm/drop_caches', '3\n');
}

function figureOf(what: string, times: readonly Times[], goal: number): Figure {
  const median = (of: (one: Times) => number): string => (quantile(times.map(of), 0.5) / 1000).toFixed(1);
  const first = quantile(
    times.map((one) => one.first),
    0.5,
  );
  return {
    what,
    measured: `${median((one) => one.first)} s (whole command ${median((one) => one.whole)} s)`,
    goal: `under ${String(goal)} s`,
    reached: first < goal * 1000,
  };
}
