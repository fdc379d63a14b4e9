import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadParser } from '../../src/node/wasm.ts';
import { withClient } from '../../src/node/connection.ts';
import { fillTables } from '../../src/node/staging/fill/fillTables.ts';

/** Prisma's own history table, as `prisma migrate deploy` makes it. */
const PRISMA_TABLE = `
  CREATE TABLE "_prisma_migrations" (
    "id" VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum" VARCHAR(64) NOT NULL,
    "finished_at" TIMESTAMPTZ,
    "migration_name" VARCHAR(255) NOT NULL,
    "logs" TEXT,
    "rolled_back_at" TIMESTAMPTZ,
    "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count" INTEGER NOT NULL DEFAULT 0
  )`;

/**
 * Makes an empty database what production is today: the migrations of `main`, deployed by Prisma, and customers' rows.
 *
 * @param rows in "Order"; what it refers to gets a tenth
 */
export async function makeProduction(url: string, workspace: string, rows: number): Promise<void> {
  const parser = await loadParser();
  const folder = join(workspace, 'prisma/migrations');
  const applied = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('2026030110'))
    .map(({ name }) => name)
    .sort();
  await withClient(url, { applicationName: 'prisma migrate deploy' }, async (client) => {
    await client.query(PRISMA_TABLE);
    for (const name of applied) {
      const script = readFileSync(join(folder, name, 'migration.sql'));
      await client.query(script.toString());
      await client.query(
        `INSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name, applied_steps_count) VALUES ($1, $2, now(), $3, 1)`,
        [randomUUID(), createHash('sha256').update(script).digest('hex'), name],
      );
    }
    const { rows: tables } = await client.query<{ oid: number }>(
      `SELECT oid::int8::int4 AS oid FROM pg_class WHERE relname IN ('Order', 'OrderLine', 'User') AND relkind = 'r'`,
    );
    await fillTables(client, { parser, touched: tables.map(({ oid }) => oid), rows: () => rows });
    // Made-up orders name customers who are not there; in this shop, every order has one.
    await client.query(`
      WITH customer AS (SELECT "id", row_number() OVER () AS n FROM "User")
      UPDATE "Order" o SET "customerId" = c."id" FROM customer c WHERE c.n = 1 + o."id" % (SELECT count(*) FROM "User")`);
    await client.query('VACUUM (ANALYZE)');
  });
}
