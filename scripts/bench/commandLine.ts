import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, interleaved } from './measure.ts';
import type { Figure } from './measure.ts';
import { squawkCommand } from './squawk.ts';

const CLI = 'dist/cli/main.js';
const FETCHED = '.cache/migrations';
const NO_SQUAWK: Figure = {
  what: 'against squawk',
  measured: 'npm could not fetch squawk-cli',
  goal: '',
  reached: null,
};

/** `lint` of one ordinary file, against Node doing nothing and against squawk's npm command. */
export function oneFile(rounds: number): Figure[] {
  const squawkFile = squawkCommand();
  if (squawkFile === null) return [NO_SQUAWK];
  const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-bench-'));
  const file = join(folder, '0001_orders.sql');
  writeFileSync(
    file,
    'CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL, note text);\n' +
      'CREATE INDEX orders_customer_idx ON orders (customer_id);\n' +
      'ALTER TABLE orders ADD COLUMN reference uuid DEFAULT gen_random_uuid();\n',
  );
  const [node = 0, ours = 0, squawk = 0] = interleaved(
    [
      command('node -e 0', process.execPath, ['-e', '0']),
      command('lockkeeper lint', process.execPath, [CLI, 'lint', '--format', 'json', file]),
      command('squawk', squawkFile, ['--reporter', 'json', file]),
    ],
    rounds,
  );
  return [
    {
      what: 'lint of one file, more than node -e 0',
      measured: `${(ours - node).toFixed(0)} ms (${ours.toFixed(0)} against ${node.toFixed(0)})`,
      goal: 'at most 120 ms',
      reached: ours - node <= 120,
    },
    {
      what: "lint of one file, against squawk's npm command",
      measured: `${(ours / squawk).toFixed(2)} x (squawk ${squawk.toFixed(0)} ms)`,
      goal: 'at most 2.5 x',
      reached: ours / squawk <= 2.5,
    },
  ];
}

/** `lint` of everything that scripts/fetch-migrations.ts fetched. */
export function fetchedSet(rounds: number): Figure[] {
  const squawkFile = squawkCommand();
  if (squawkFile === null) return [NO_SQUAWK];
  const what = 'lint of the fetched set with its histories, against squawk file by file';
  if (!existsSync(FETCHED)) {
    return [{ what, measured: 'run `npm run fetch:migrations` first', goal: 'at most 3 x', reached: null }];
  }
  const files = readdirSync(FETCHED, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sql'))
    .map((entry) => join(entry.parentPath, entry.name));
  const [ours = 0, squawk = 0] = interleaved(
    [
      command('lockkeeper lint', process.execPath, [CLI, 'lint', '--format', 'json', ...files]),
      command('squawk', squawkFile, ['--reporter', 'json', ...files]),
    ],
    rounds,
  );
  return [
    {
      what,
      measured: `${(ours / squawk).toFixed(2)} x (${ours.toFixed(0)} against ${squawk.toFixed(0)} ms)`,
      goal: 'at most 3 x',
      reached: ours / squawk <= 3,
    },
  ];
}
