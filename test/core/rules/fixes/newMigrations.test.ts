import { strict as assert } from 'node:assert';
import { newMigrations } from '../../../../src/core/rules/fixes/newMigrations.ts';
import type { Piece, Runs } from '../../../../src/core/rules/fixes/piece.ts';
import type { ToolId } from '../../../../src/core/tools/tool.ts';
import { testHistory } from '../../../support/lint.ts';

describe('new migrations', () => {
  const pieces = (count: number, runs: Runs = 'in a transaction'): Piece[] =>
    Array.from({ length: count }, () => ({ name: 'Orders idx', sql: 'SELECT 1;', runs }));
  const made = (
    tool: ToolId,
    paths: readonly string[],
    {
      count = 1,
      runs,
      own = '',
      version = null,
    }: { count?: number; runs?: Runs; own?: string; version?: string | null } = {},
  ) => {
    const history = testHistory(
      paths.map((path) => ({
        path,
        text: own,
        mode: tool === 'plain' ? ('autocommit' as const) : ('implicit' as const),
      })),
      tool,
    );
    return newMigrations({ ...history, toolVersion: version }, history.migrations[0]!, pieces(count, runs));
  };
  const paths = (...args: Parameters<typeof made>): string[] | null => made(...args)?.map(({ path }) => path) ?? null;

  it('have the next numbers', () => {
    assert.deepEqual(paths('prisma', ['20240101120000_a/migration.sql'], { count: 2 }), [
      '20240101120100_orders_idx/migration.sql',
      '20240101120200_orders_idx/migration.sql',
    ]);
    assert.deepEqual(paths('golang-migrate', ['sub/000009_a.up.sql']), ['sub/000010_orders_idx.up.sql']);
    assert.deepEqual(paths('dbmate', ['20240101_a.sql']), ['20240102_orders_idx.sql']);
    assert.deepEqual(paths('flyway', ['db/V7__a.sql']), ['db/V8__orders_idx.sql']);
    assert.deepEqual(paths('flyway', ['V1_9__a.sql']), ['V1_10__orders_idx.sql']);
    assert.deepEqual(paths('plain', ['sql/009-a.sql']), ['sql/010-orders_idx.sql']);
  });

  it('are points in time where the others are', () => {
    assert.deepEqual(paths('supabase', ['20241231235959_a.sql']), ['20250101000059_orders_idx.sql']);
    assert.deepEqual(paths('dbmate', ['202402282359_a.sql']), ['202402290000_orders_idx.sql']);
  });

  it('come after all that is there, whichever of them is split', () => {
    assert.deepEqual(paths('flyway', ['V7__a.sql', 'V8__b.sql']), ['V9__orders_idx.sql']);
    assert.deepEqual(paths('golang-migrate', ['1_a.up.sql', '2_b.up.sql']), ['3_orders_idx.up.sql']);
    assert.deepEqual(paths('flyway', ['V7__a.sql', 'R__views.sql']), ['V8__orders_idx.sql']);
  });

  it('are not made where no number comes next in the order of the tool', () => {
    assert.equal(paths('prisma', ['9_a/migration.sql']), null);
    assert.equal(paths('prisma', ['20240101120000_a/migration.sql', 'z_b/migration.sql']), null);
    assert.equal(paths('plain', ['a.sql']), null);
    assert.equal(paths('plain', ['1.2.3.sql']), null);
  });

  it('leave the transaction out in the way of the tool', () => {
    const alone = { runs: 'without a transaction' } as const;
    assert.match(
      made('dbmate', ['1_a.sql'], alone)![0]!.text,
      /^-- migrate:up transaction:false\nSELECT 1;\n\n-- migrate:down/,
    );
    const [script, conf] = made('flyway', ['V1__a.sql'], alone)!;
    assert.deepEqual(
      [script!.path, conf],
      ['V2__orders_idx.sql', { path: 'V2__orders_idx.sql.conf', text: 'executeInTransaction=false\n' }],
    );
    assert.match(
      made('plain', ['1_a.sql'], { ...alone, own: '-- +goose Up\n' })![0]!.text,
      /^-- \+goose NO TRANSACTION\n-- \+goose Up\n/,
    );
    assert.match(
      made('plain', ['1_a.sql'], { ...alone, own: '-- +migrate Up\n' })![0]!.text,
      /^-- \+migrate Up notransaction\n/,
    );
    assert.equal(made('plain', ['1_a.sql'], { ...alone, own: '-- Up Migration\n' }), null);
    assert.equal(made('supabase', ['1_a.sql'], alone), null);
    assert.equal(made('supabase', ['1_a.sql'])![0]!.path, '2_orders_idx.sql');
  });

  it('mark a block for tools that cut a file at each semicolon', () => {
    const text = made('plain', ['1_a.sql'], { runs: 'committing', own: '-- +goose Up\n' })![0]!.text;
    assert.match(text, /-- \+goose StatementBegin\nSELECT 1;\n-- \+goose StatementEnd\n/);
  });
});
