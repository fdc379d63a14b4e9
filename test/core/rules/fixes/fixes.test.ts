import { strict as assert } from 'node:assert';
import { lintHistory } from '../../../../src/core/lint.ts';
import type { FileLint } from '../../../../src/core/lint.ts';
import { EXAMPLE_SCHEMA } from '../../../../src/core/rules/examples.ts';
import type { ToolId } from '../../../../src/core/tools/tool.ts';
import { FIX_CASES } from '../../../support/fixCases.ts';
import { edited } from '../../../support/fixes.ts';
import { analyzeFiles } from '../../../support/lint.ts';
import type { TestFile } from '../../../support/lint.ts';

const options = { speaks: ({ path }: { path: string }) => path !== '1.sql', mayEdit: () => true, config: {} };

describe('a fix', () => {
  const lint = (files: readonly TestFile[], tool: ToolId): readonly FileLint[] =>
    lintHistory(analyzeFiles([{ path: '1.sql', text: EXAMPLE_SCHEMA }, ...files], {}, tool), options).files;

  for (const { name, tool, mode, path, rule, before, after, modeAfter, newFiles = [] } of FIX_CASES) {
    it(`makes ${name}`, () => {
      const [file] = lint([{ path, text: before, mode }], tool);
      const finding = file!.findings.find((each) => each.rule === rule);
      const [fix] = finding?.fixes ?? [];
      assert.ok(fix, `no fix: ${file!.findings.map((each) => each.rule).join(', ')}`);
      assert.equal(edited(before, fix), after);
      assert.deepEqual(
        fix.newFiles ?? [],
        newFiles.map(({ path: newPath, text }) => ({ path: newPath, text })),
      );
      // The result parses, and no finding but those that were there before is left.
      const left = lint([{ path, text: after, mode: modeAfter ?? mode }, ...newFiles], tool).flatMap(
        ({ findings }) => findings,
      );
      const others = file!.findings.filter((each) => each !== finding).map((each) => each.rule);
      assert.deepEqual(
        left.map((each) => each.rule),
        others,
      );
    });
  }

  it('is not offered where a later statement needs the index that would move', () => {
    const text = 'CREATE UNIQUE INDEX i ON orders (number); ALTER TABLE orders ADD CONSTRAINT i UNIQUE USING INDEX i;';
    const [file] = lint([{ path: '2_a/migration.sql', text, mode: 'implicit' }], 'prisma');
    assert.deepEqual(
      file!.findings.map(({ rule, fixes }) => [rule, fixes.length]),
      [['require-concurrent-index', 0]],
    );
  });

  it('is not offered for what has no safe place under the tool', () => {
    const text = 'CREATE INDEX i ON orders (number); SELECT 1;';
    const [file] = lint([{ path: '2_a.sql', text, mode: 'explicit' }], 'supabase');
    assert.equal(file!.findings[0]?.fixes.length, 0);
  });

  it('is not offered for NOT VALID on a partitioned table before PostgreSQL 18', () => {
    const text = 'ALTER TABLE events ADD CONSTRAINT e FOREIGN KEY (id) REFERENCES orders (id);';
    const fixes = (major: 17 | 18): number =>
      lintHistory(
        analyzeFiles(
          [
            { path: '1.sql', text: EXAMPLE_SCHEMA },
            { path: '2.sql', text },
          ],
          { major },
        ),
        options,
      ).files[0]!.findings.find(({ rule }) => rule === 'foreign-key-not-valid')!.fixes.length;
    assert.deepEqual([fixes(17), fixes(18)], [0, 1]);
  });
});
