import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LintJson } from '../../src/core/report/lintJson.ts';
import { TextPlaces } from '../../src/vscode/engine/textPlaces.ts';
import { withEngine } from '../support/engineWorker.ts';
import { folderWith, lockkeeper } from './lockkeeper.ts';

/** `file rule severity place message`: all that a person sees of a finding. */
type Line = string;

/** What the editor's engine tells of a folder: the same bundle and messages as in the editor, without the editor. */
async function inEditor(folder: string): Promise<readonly Line[]> {
  const files = await withEngine(folder, (engine) => Promise.resolve([...engine.findings.values()]));
  return files
    .flatMap(({ path, findings }) =>
      findings.map(({ rule, severity, place, message }) =>
        line(path.slice(folder.length + 1), rule, severity, place, message),
      ),
    )
    .sort();
}

function onCommandLine(folder: string): readonly Line[] {
  const { out, error } = lockkeeper(folder, ['lint', '--format', 'json']);
  assert.equal(error, '');
  return (JSON.parse(out) as LintJson).files
    .flatMap(({ file, findings }) => {
      const places = new TextPlaces(readFileSync(join(folder, file), 'utf8'));
      return findings.map(({ rule, severity, startOffset, endOffset, message }) =>
        line(file, rule, severity, places.place(startOffset, endOffset), message),
      );
    })
    .sort();
}

function line(file: string, rule: string, severity: string, place: object, message: string): Line {
  return [file, rule, severity, Object.values(place).join(':'), message].join(' ');
}

function git(folder: string, ...args: readonly string[]): void {
  const person = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', '-c', 'init.defaultBranch=main'];
  execFileSync('git', [...person, ...args], { cwd: folder, stdio: 'ignore' });
}

const INIT = 'CREATE TABLE orders (id bigint PRIMARY KEY, note text, n int);\n';
const UNSAFE =
  'CREATE INDEX orders_note_idx ON orders (note);\nALTER TABLE orders ALTER n TYPE bigint;\nDROP TABLE orders;\n';

/** Name, files, and what git knows; the least number of findings, so that an empty answer is no agreement. */
const FIXTURES: readonly {
  readonly name: string;
  readonly least: number;
  readonly make: () => string;
}[] = [
  {
    name: 'the example SaaS on a branch',
    least: 5,
    make: () => {
      const folder = folderWith({});
      const last = 'prisma/migrations/20260301100000_order_customer_reference';
      cpSync(resolve('examples/saas'), folder, { recursive: true, filter: (file) => !file.includes('safe-form') });
      git(folder, 'init', '-q');
      git(folder, 'add', '--', '.', `:!${last}`);
      git(folder, 'commit', '-q', '-m', 'so far');
      git(folder, 'switch', '-q', '-c', 'branch');
      git(folder, 'add', '.');
      git(folder, 'commit', '-q', '-m', 'new');
      return folder;
    },
  },
  {
    name: 'a plain folder without git and configuration',
    least: 3,
    make: () => folderWith({ 'migrations/1.sql': INIT, 'migrations/2.sql': UNSAFE }),
  },
  {
    name: 'rules off and of other severity, sizes, another major version, adoptedAt, two histories',
    least: 3,
    make: () =>
      folderWith({
        'lockkeeper.jsonc': `{
          "postgresVersion": 14,
          "rules": { "drop-table": "off", "require-concurrent-index": "hint" },
          "sizes": { "orders": 40000000 },
          "histories": [
            { "path": "a/migrations", "adoptedAt": "2.sql", "transactionMode": "explicit" },
            { "path": "b/migrations" }
          ]
        }`,
        'a/migrations/1.sql': INIT,
        'a/migrations/2.sql': 'CREATE INDEX adopted_idx ON orders (note);\n',
        'a/migrations/3.sql': UNSAFE,
        'b/migrations/1.sql': INIT,
        'b/migrations/2.sql': UNSAFE,
      }),
  },
  {
    name: 'waivers, a byte-order mark, CRLF, emoji, and texts that do not parse',
    least: 4,
    make: () =>
      folderWith({
        'migrations/1.sql': INIT,
        'migrations/2.sql': `\uFEFF-- lockkeeper-ignore require-concurrent-index: nobody uses it yet\r\n${UNSAFE.replaceAll('\n', '\r\n')}`,
        'migrations/3.sql': "SELECT '🚢🚢'; TRUNCATE orders;\nALTER TABLE orders ADD COL",
        'migrations/4.sql': 'SELECT 1;\u0000SELECT 2;\n',
        'migrations/5.sql': 'ALTER TABLE {{ table }} ADD COLUMN x int;\n',
      }),
  },
];

describe('the editor and the command line', () => {
  for (const { name, least, make } of FIXTURES) {
    it(`find the same, word for word: ${name}`, async () => {
      const folder = make();
      const outside = onCommandLine(folder);
      assert.deepEqual(await inEditor(folder), outside);
      assert.ok(outside.length >= least, outside.join('\n'));
    });
  }

  it('make the same fixes, in the editor when they are asked for', async () => {
    const folder = folderWith({ 'migrations/1.sql': INIT, 'migrations/2.sql': UNSAFE });
    const file = join(folder, 'migrations/2.sql');
    const { out } = lockkeeper(folder, ['lint', '--format', 'sarif']);
    const { results } = (JSON.parse(out) as Sarif).runs[0]!;
    const outside = results
      .filter(({ locations }) => locations[0]!.physicalLocation.artifactLocation.uri.endsWith('2.sql'))
      .map(({ ruleId, fixes = [] }) => [ruleId, fixes.map(({ description }) => description.text)]);
    const whole = { startLine: 0, startColumn: 0, endLine: 99, endColumn: 0 };
    await withEngine(folder, async ({ call }) => {
      await call('setText', { path: file, text: UNSAFE, version: 7 });
      const made = await call('fixes', { path: file, version: 7, place: whole });
      const inside = made.map(({ finding, fixes }) => [finding.rule, fixes.map(({ title }) => title)]);
      assert.deepEqual(inside, outside);
      assert.ok(made.some(({ fixes }) => fixes.length > 0));
      const [index] = await call('fixes', { path: file, version: 7, place: { ...whole, endLine: 0 } });
      assert.equal(index?.finding.place.startLine, 0);
      assert.deepEqual(await call('fixes', { path: file, version: 6, place: whole }), []);
    });
  });
});

interface Sarif {
  readonly runs: readonly {
    readonly results: readonly {
      readonly ruleId: string;
      readonly locations: readonly { physicalLocation: { artifactLocation: { uri: string } } }[];
      readonly fixes?: readonly { readonly description: { readonly text: string } }[];
    }[];
  }[];
}
