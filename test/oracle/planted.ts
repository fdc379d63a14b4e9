/**
 * Does the oracle notice a wrong fact? `npm run test:oracle:planted -- [--file TEXT] [--tries N]`
 *
 * Observes all cases once on PostgreSQL 18, then changes one fact at a time in a copy of the sources, file by file in
 * src/core/effects, and demands that the comparison fails. A file of which no change is noticed fails the run. `--tries`:
 * how many in each file (3).
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { withEmbeddedServer } from '../../src/node/servers/embedded.ts';
import { serverCache } from '../support/server.ts';
import { CASES } from './cases/allCases.ts';
import type { RecordedCase } from './judgeObserved.ts';
import { observeGroup } from './observeCases.ts';
import { withOracleSession } from './session.ts';

/** Files that state nothing which a single statement's locks and work on PostgreSQL could show. */
const WITHOUT_FACTS: Readonly<Record<string, string>> = {
  'operation.ts': 'names for rules',
  'fact.ts': 'links to documentation',
  'heldLocks.ts': 'adds up what statements held; has its own tests',
  'transactions.ts': 'which statements share a transaction; has its own tests',
  'unknownCalls.ts': 'calls of functions that no server of the oracle has; has its own tests',
  'mysql.ts': 'MySQL',
  'mysqlAlter.ts': 'MySQL',
  'mysqlTree.ts': 'MySQL',
};

/** One fact made wrong: a lock, a kind of work, a condition. */
const CHANGES: readonly (readonly [RegExp, (found: string) => string])[] = [
  [
    /'(?:ACCESS EXCLUSIVE|EXCLUSIVE|SHARE ROW EXCLUSIVE|SHARE|SHARE UPDATE EXCLUSIVE|ROW EXCLUSIVE|ROW SHARE)'/g,
    () => "'ACCESS SHARE'",
  ],
  [/'ACCESS SHARE'/g, () => "'ROW SHARE'"],
  [/\['(?:scan|rewrite|index build|rows)'/g, () => "['unknown'"],
  [/'(?:v|s|i)'/g, (found) => (found === "'v'" ? "'i'" : "'v'")],
  // In the tables of built-in functions: as if the servers had no such function.
  [/\b(?:clock_timestamp|gen_random_uuid)\b/g, () => 'elsewhere'],
  [/ === /g, () => ' !== '],
  [/ && /g, () => ' || '],
  [/return true/g, () => 'return false'],
];

const { values } = parseArgs({ options: { file: { type: 'string' }, tries: { type: 'string' } } });
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, '.cache/oracle');
const copy = join(folder, 'planted');
const observations = join(folder, 'observed-cases-18.json');

writeFileSync(observations, JSON.stringify(await observe()));
rmSync(copy, { recursive: true, force: true });
mkdirSync(copy, { recursive: true });
for (const part of ['src/core', 'test/support', 'test/oracle', 'package.json', 'tsconfig.json', 'tsconfig.base.json']) {
  cpSync(join(root, part), join(copy, part), { recursive: true });
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

if (judge() !== 0) {
  process.stdout.write('The oracle disagrees already without a planted fact: run npm run test:oracle first.\n');
  process.exit(1);
}
const effects = join(copy, 'src/core/effects');
const missed: string[] = [];
let planted = 0;
let noticed = 0;
for (const file of readdirSync(effects, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort()) {
  if (file in WITHOUT_FACTS || !(values.file ?? '').split(',').some((part) => file.includes(part))) continue;
  const path = join(effects, file);
  const original = readFileSync(path, 'utf8');
  const unnoticed: string[] = [];
  let found = 0;
  for (const { what, text } of changesOf(original)) {
    // Some sites state no fact (a guard against a crash): go on until one is noticed.
    if (found > 0 && found + unnoticed.length >= Number(values.tries ?? 3)) break;
    writeFileSync(path, text);
    if (judge() === 0) unnoticed.push(what);
    else found += 1;
  }
  writeFileSync(path, original);
  planted += found + unnoticed.length;
  noticed += found;
  if (found === 0) missed.push(file);
  process.stdout.write(`${file.padEnd(34)} ${String(found)} of ${String(found + unnoticed.length)} noticed\n`);
  for (const what of unnoticed) process.stdout.write(`    not noticed: ${what}\n`);
}
process.stdout.write(`${String(noticed)} of ${String(planted)} planted wrong facts noticed\n`);
if (missed.length > 0) {
  process.stdout.write(`No planted fact noticed in: ${missed.join(', ')}\n`);
  process.exitCode = 1;
}

async function observe(): Promise<RecordedCase[]> {
  const recorded: RecordedCase[] = [];
  await withEmbeddedServer({ major: 18, cacheDirectory: serverCache, settings: { autovacuum: 'off' } }, (server) =>
    withOracleSession(server.url, 18, async (session) => {
      for (const group of CASES) {
        for (const { case: each, outcome } of await observeGroup(session, group)) {
          if (!outcome.ok) throw new Error(`${each.sql}: ${outcome.message}`);
          recorded.push({
            setup: each.first === '' ? group.setup : `${group.setup}\n${each.first};`,
            sql: each.sql,
            timeZone: each.timeZone,
            exact: outcome.exact,
            compareWork: each.not !== 'work',
            unseen: each.unseen,
            effects: outcome.effects,
            atStart: [...outcome.before.keys()],
          });
        }
      }
    }),
  );
  return recorded;
}

/** 0: the copy's Lockkeeper says what was observed. A crash counts as noticed. */
function judge(): number | null {
  return spawnSync(
    process.execPath,
    ['--import', 'tsx', join(copy, 'test/oracle/judgeObserved.ts'), observations, '18'],
    { cwd: copy, stdio: 'ignore' },
  ).status;
}

/** The text with one change each, spread over the file: comments and imports left alone. */
function changesOf(text: string): readonly { readonly what: string; readonly text: string }[] {
  const changes = CHANGES.flatMap(([pattern, replace]) => {
    const sites = [...text.matchAll(pattern)].filter(({ index }) => isCode(text, index));
    // First, middle and last of each kind.
    const chosen = [...new Set([sites[0], sites[Math.floor(sites.length / 2)], sites.at(-1)])].filter(
      (site) => site !== undefined,
    );
    return chosen.map((site) => {
      const change = replace(site[0]);
      const line = text.slice(0, site.index).split('\n').length;
      return {
        what: `line ${String(line)}: ${site[0].trim()} -> ${change.trim()}`,
        text: text.slice(0, site.index) + change + text.slice(site.index + site[0].length),
      };
    });
  });
  return changes;
}

function isCode(text: string, index: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', index) + 1, index).trimStart();
  return (
    !line.startsWith('*') && !line.startsWith('/') && !line.startsWith('import ') && !line.startsWith('export type')
  );
}
