import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { withText } from '../../../src/core/tools/history.ts';
import type { History, ToolId } from '../../../src/core/tools/tool.ts';
import { historyOf } from '../../support/histories.ts';

/** Names that the tools read, some of them in pairs, some twice, some that they leave out. */
const NAMES: Readonly<Record<ToolId, readonly string[]>> = {
  plain: [
    '1_a.sql',
    '2_b.up.sql',
    '2_b.down.sql',
    '3_c.down.sql',
    'x/up.sql',
    'x/down.sql',
    'y/metadata.toml',
    'y/up.sql',
  ],
  prisma: ['1_a/migration.sql', '1_a/down.sql', '2_b/migration.sql', 'migration_lock.toml'],
  supabase: ['1_a.sql', '2_b.sql', '2_c.sql', 'seed.sql'],
  flyway: ['V1__a.sql', 'V2__b.sql', 'V2__c.sql', 'U2__b.sql', 'R__view.sql', 'V2__b.sql.conf', 'beforeMigrate.sql'],
  'golang-migrate': ['1_a.up.sql', '1_a.down.sql', '2_b.up.sql', '01_c.up.sql'],
  dbmate: ['1_a.sql', '2_b.sql'],
  goose: ['1_a.sql', '2_b.sql', '00003_c.sql'],
  sqitch: ['sqitch.plan', 'deploy/a.sql', 'revert/a.sql', 'verify/a.sql', 'deploy/b.sql'],
};

const TEXTS = [
  '',
  'SELECT 1;',
  'CREATE INDEX CONCURRENTLY ON a (b);',
  '-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;',
  '-- migrate:up transaction:false\nSELECT 1;',
  '-- migrate:up\nSELECT 1;\n-- migrate:up\nSELECT 2;',
  '-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;',
  '-- +goose NO TRANSACTION\n-- +goose Up\nSELECT 1;',
  '-- no-transaction\nSELECT 1;',
  '-- lockkeeper: nothing\nBEGIN;\nCOMMIT;',
  '--> statement-breakpoint',
  'executeInTransaction=false',
  'run_in_transaction = false',
  'provider = "postgresql"',
  '%syntax-version=1.0.0\n%project=p\n\na 2024-01-01T00:00:00Z A <a@b.c> # a\nb [a] 2024-01-02T00:00:00Z A <a@b.c> # b\n',
];

const said = ({ migrations, ignored, tool }: History): unknown => ({ migrations, ignored, tool });

describe('the text of an editor', () => {
  for (const tool of Object.keys(NAMES) as ToolId[]) {
    it(`makes the history that the files would make: ${tool}`, () => {
      const change = fc.record({ file: fc.nat(), text: fc.constantFrom(...TEXTS) });
      const changed = fc.record({
        files: fc.array(change, { minLength: 1, maxLength: 8 }),
        typed: fc.array(change, { minLength: 1, maxLength: 4 }),
      });
      const nameOf = (file: number): string => NAMES[tool][file % NAMES[tool].length] ?? '';
      fc.assert(
        fc.property(changed, ({ files, typed }) => {
          const texts: Record<string, string> = Object.fromEntries(files.map(({ file, text }) => [nameOf(file), text]));
          // A plan is hardly ever missing, nor the first script.
          if (tool === 'sqitch') texts['sqitch.plan'] ??= TEXTS.at(-1) ?? '';
          let history = historyOf(tool, texts);
          const { runner } = history;
          for (const { file, text } of typed) {
            const path = nameOf(file);
            if (!(path in texts)) continue;
            texts[path] = text;
            history = withText(history, path, text);
            const fresh = historyOf(tool, texts);
            // Typing makes no other tool's folder of it.
            if (fresh.runner !== runner) return;
            assert.deepEqual(said(history), said(fresh));
          }
        }),
        { numRuns: 150, seed: 20261122 },
      );
    });
  }
});
