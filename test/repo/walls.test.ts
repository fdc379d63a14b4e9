import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import type { ICruiseOptions, ICruiseResult, IForbiddenRuleType } from 'dependency-cruiser';

interface Walls {
  readonly forbidden: IForbiddenRuleType[];
  readonly options: ICruiseOptions;
}
const walls = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as Walls;

/** Every wall, with an import that runs into it. */
const TRESPASSES: readonly { readonly rule: string; readonly file: string; readonly imports: string }[] = [
  { rule: 'core-imports-only-core', file: 'src/core/a.ts', imports: '../node/b.ts' },
  { rule: 'core-without-node', file: 'src/core/a.ts', imports: 'node:fs' },
  { rule: 'core-packages', file: 'src/core/a.ts', imports: 'pg' },
  { rule: 'core-packages', file: 'src/core/a.ts', imports: 'vscode' },
  { rule: 'node-without-front-ends', file: 'src/node/a.ts', imports: '../vscode/b.ts' },
  { rule: 'node-without-front-ends', file: 'src/node/a.ts', imports: '../cli/b.ts' },
  { rule: 'vscode-only-in-vscode', file: 'src/node/a.ts', imports: 'vscode' },
  { rule: 'vscode-without-pg', file: 'src/vscode/a.ts', imports: 'pg' },
  { rule: 'vscode-without-pg', file: 'src/vscode/a.ts', imports: '../cli/b.ts' },
  { rule: 'cli-without-vscode', file: 'src/cli/a.ts', imports: '../vscode/b.ts' },
  { rule: 'no-cycles', file: 'src/core/a.ts', imports: './a.ts' },
  { rule: 'no-orphans', file: 'src/core/lonely.ts', imports: '' },
];

describe('the walls', () => {
  it('have a reason each', () => {
    assert.deepEqual(
      walls.forbidden.filter(({ comment }) => !comment).map(({ name }) => name),
      [],
    );
  });

  it('are all tried below', () => {
    const tried = new Set(TRESPASSES.map(({ rule }) => rule));
    assert.deepEqual(
      walls.forbidden.map(({ name }) => name).filter((name) => name === undefined || !tried.has(name)),
      [],
    );
  });

  for (const { rule, file, imports } of TRESPASSES) {
    it(`${rule}: ${file} must not import ${imports === '' ? 'nothing' : imports}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-walls-'));
      const before = process.cwd();
      try {
        for (const [path, text] of Object.entries({
          'src/core/b.ts': 'export const b = 1;\n',
          'src/node/b.ts': 'export const b = 1;\n',
          'src/vscode/b.ts': 'export const b = 1;\n',
          'src/cli/b.ts': 'export const b = 1;\n',
          'node_modules/pg/package.json': '{"name":"pg","main":"index.js"}',
          'node_modules/pg/index.js': '',
          'package.json': '{"dependencies":{"pg":"1"}}',
          [file]: imports === '' ? 'export {};\n' : `import ${JSON.stringify(imports)};\n`,
        })) {
          mkdirSync(dirname(join(folder, path)), { recursive: true });
          writeFileSync(join(folder, path), text);
        }
        process.chdir(folder);
        const { tsConfig, ...options } = walls.options;
        const result = await cruise(['src'], { ...options, ruleSet: { forbidden: walls.forbidden }, validate: true });
        const { summary } = result.output as ICruiseResult;
        const found = summary.violations.filter(({ from }) => from === file).map((violation) => violation.rule.name);
        assert.ok(found.includes(rule), `${rule} did not fire; found: ${found.join(', ')}`);
      } finally {
        process.chdir(before);
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
