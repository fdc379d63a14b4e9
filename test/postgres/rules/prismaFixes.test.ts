import { strict as assert } from 'node:assert';
import { compareCatalogs } from '../../../src/core/catalog/compare.ts';
import type { Catalog } from '../../../src/core/catalog/catalog.ts';
import { fixHistory } from '../../../src/core/rules/fixes/applyFixes.ts';
import type { Migration } from '../../../src/core/tools/tool.ts';
import { withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { introspect } from '../../../src/node/introspect/introspect.ts';
import { lintUnder, TOOL_VARIANTS } from '../../support/fixRun.ts';
import { parser } from '../../support/parser.ts';
import { withPrismaEngine } from '../../support/prismaEngine.ts';
import { sharedServer } from '../../support/server.ts';

const ROWS = `
INSERT INTO customers SELECT n, 'c' || n || '@example.com' FROM generate_series(1, 100) n;
INSERT INTO orders SELECT n, n % 100 + 1, n, 'open', 1, 1, NULL, now() FROM generate_series(1, 6000) n;
`;

const SQL = `-- AlterTable
ALTER TABLE "orders" ADD COLUMN "channel" TEXT, ADD COLUMN "token" UUID NOT NULL DEFAULT gen_random_uuid();

-- Backfill
UPDATE "orders" SET "channel" = 'web' WHERE "channel" IS NULL;

-- AlterTable
ALTER TABLE "orders" ALTER COLUMN "channel" SET NOT NULL;

-- CreateIndex
CREATE UNIQUE INDEX "orders_number_key" ON "orders"("number");

-- DropIndex
DROP INDEX "orders_placed_at_idx";

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AlterEnum
ALTER TYPE "order_status" ADD VALUE 'refunded';`;

const whole = { wholeScripts: true } as const;

/** The catalog and rows after `prisma migrate deploy`, run by Prisma's own engine; the first migration first, then rows, then the rest. */
async function deployed(
  migrations: readonly Migration[],
): Promise<{ catalog: Catalog; rows: unknown; applied: string[] }> {
  const { url } = await sharedServer();
  return withScratchDatabase(url, async (scratch) => {
    const list = migrations.map(({ id, text }) => ({ id, text }));
    await withPrismaEngine(scratch, list.slice(0, 1), (engine) => engine.deploy(), whole);
    await withClient(scratch, {}, (client) => client.query(ROWS));
    const applied = await withPrismaEngine(scratch, list, (engine) => engine.deploy(), whole);
    const { failedMigrationNames, history } = await withPrismaEngine(
      scratch,
      list,
      (engine) => engine.diagnose(),
      whole,
    );
    assert.deepEqual([failedMigrationNames, history], [[], null]);
    return withClient(scratch, {}, async (client) => {
      const { rows } = await client.query('SELECT id, channel, token IS NULL AS bare FROM orders ORDER BY id');
      return { catalog: await introspect(client), rows, applied };
    });
  });
}

describe("fixes, deployed by Prisma's own engine", function () {
  this.timeout(120_000);

  it('are picked up in their order and end where the unsafe form ends', async () => {
    const variant = TOOL_VARIANTS.find(({ name }) => name === 'Prisma 6')!;
    const linted = lintUnder(variant, { sql: SQL });
    const fixed = fixHistory(linted.analysis, { parser, lint: linted.lint, wants: () => true });
    const safe = await deployed(fixed.analysis.history.migrations);
    const unsafe = await deployed(linted.history.migrations);
    assert.deepEqual(unsafe.applied, ['20240101120000_next']);
    assert.deepEqual(safe.applied, [
      '20240101120000_next',
      ...fixed.created.map(({ path }) => path.replace('/migration.sql', '')),
    ]);
    assert.ok(fixed.created.length >= 8, String(fixed.created.length));
    assert.deepEqual(compareCatalogs(unsafe.catalog, safe.catalog), []);
    assert.deepEqual(safe.rows, unsafe.rows);
  });
});
