import { strict as assert } from 'node:assert';
import { followingMigration } from '../../../../src/core/rules/fixes/followingMigration.ts';
import type { ToolId } from '../../../../src/core/tools/tool.ts';
import { testHistory } from '../../../support/lint.ts';

describe('a migration directly after another', () => {
  const following = (tool: ToolId, paths: readonly string[], withoutTransaction = true): string | null => {
    const history = testHistory(
      paths.map((path) => ({ path, text: '' })),
      tool,
    );
    const [first] = history.migrations;
    return (
      followingMigration(history, first!, { name: 'Orders idx', sql: 'SELECT 1;\n', withoutTransaction })?.path ?? null
    );
  };

  it('has the next number', () => {
    assert.equal(following('prisma', ['20240101120000_a/migration.sql']), '20240101120100_orders_idx/migration.sql');
    assert.equal(following('golang-migrate', ['sub/000009_a.up.sql']), 'sub/000010_orders_idx.up.sql');
    assert.equal(following('dbmate', ['20240101_a.sql', '20240103_b.sql']), '20240102_orders_idx.sql');
    assert.equal(following('flyway', ['V7__a.sql']), 'V8__orders_idx.sql');
    assert.equal(following('flyway', ['V1.9__a.sql']), 'V1.10__orders_idx.sql');
  });

  it('fits before the next migration, or is not made', () => {
    assert.equal(following('flyway', ['V7__a.sql', 'V8__b.sql']), 'V7.1__orders_idx.sql');
    assert.equal(following('flyway', ['V7__a.sql', 'V7.1__b.sql']), 'V7.0.1__orders_idx.sql');
    assert.equal(
      following('prisma', ['20240101120000_a/migration.sql', '20240101120100_b/migration.sql']),
      '20240101120050_orders_idx/migration.sql',
    );
    assert.equal(following('golang-migrate', ['1_a.up.sql', '2_b.up.sql']), null);
    assert.equal(following('prisma', ['20240101120000_a/migration.sql', '20240101120001_b/migration.sql']), null);
  });

  it('tells dbmate to leave the transaction out', () => {
    const history = testHistory([{ path: '1_a.sql', text: '' }], 'dbmate');
    const made = followingMigration(history, history.migrations[0]!, {
      name: 'x',
      sql: 'VACUUM orders;\n',
      withoutTransaction: true,
    });
    assert.match(made!.text, /^-- migrate:up transaction:false\nVACUUM orders;\n\n?-- migrate:down/);
  });

  it('is not made where the tool could not run it', () => {
    assert.equal(following('supabase', ['1_a.sql']), null);
    assert.equal(following('supabase', ['1_a.sql'], false), '2_orders_idx.sql');
    assert.equal(following('plain', ['1_a.sql']), null);
  });
});
