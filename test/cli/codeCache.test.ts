import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cacheFile, evaluate, scriptOf, setEngineFlags } from '../../src/cli/codeCache.ts';
import { folderWith } from './lockkeeper.ts';

const PROGRAMS = readdirSync('dist/cli').filter((name) => name.endsWith('.cjs'));

/** The built command line elsewhere, so that it can be damaged. */
function copyOfBuild(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-build-'));
  cpSync('dist/cli', join(folder, 'dist/cli'), { recursive: true });
  cpSync('dist/libpg-query.wasm', join(folder, 'dist/libpg-query.wasm'));
  cpSync('package.json', join(folder, 'package.json'));
  return folder;
}

describe('the code cache of the command line', function () {
  this.timeout(60_000);

  for (const program of PROGRAMS) {
    it(`${program}: the build makes one that this Node takes`, () => {
      setEngineFlags();
      const file = resolve('dist/cli', program);
      assert.equal(scriptOf(file, readFileSync(cacheFile(file))).cachedDataRejected, false);
    });
  }

  it('keeps letters beyond ASCII, which reports have in their templates', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'lockkeeper-letters-')), 'program.cjs');
    writeFileSync(file, 'globalThis.lockkeeperSaid = String.raw`production’s time`;');
    evaluate(scriptOf(file), file);
    assert.equal((globalThis as { lockkeeperSaid?: string }).lockkeeperSaid, 'production’s time');
  });

  it('changes nothing but the time: missing, cut short, of another program, or under other settings of V8', () => {
    const project = folderWith({
      'migrations/0001.sql': 'CREATE INDEX i ON t (a);\n',
      'migrations/0002.sql': 'SELEC;\n',
    });
    const home = mkdtempSync(join(tmpdir(), 'lockkeeper-home-'));
    const run = (build: string, args: readonly string[], options: readonly string[] = []) => {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [...options, join(build, 'dist/cli/main.js'), ...args],
        {
          cwd: project,
          encoding: 'utf8',
          env: { PATH: process.env['PATH'], HOME: home },
        },
      );
      return { status, stdout, stderr };
    };
    const damages: ((file: string) => void)[] = [
      (file) => {
        rmSync(file);
      },
      (file) => {
        truncateSync(file, 100_000);
      },
      (file) => {
        writeFileSync(file, 'no code');
      },
    ];
    for (const args of [['lint'], ['explain', '--format', 'json', 'migrations'], ['--version'], ['status']]) {
      const expected = run(resolve('.'), args);
      assert.equal(expected.stderr, '');
      const withSettings = run(resolve('.'), args, ['--stack-size=900']);
      assert.deepEqual(withSettings, expected);
      for (const damage of damages) {
        const build = copyOfBuild();
        for (const program of PROGRAMS) damage(cacheFile(join(build, 'dist/cli', program)));
        assert.deepEqual(run(build, args), expected);
      }
    }
  });
});
