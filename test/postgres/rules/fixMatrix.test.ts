import { strict as assert } from 'node:assert';
import pg from 'pg';
import { compareCatalogs } from '../../../src/core/catalog/compare.ts';
import type { Catalog } from '../../../src/core/catalog/catalog.ts';
import { parseScript } from '../../../src/core/sql/script.ts';
import type { Migration } from '../../../src/core/tools/tool.ts';
import { databaseUrl, withClient } from '../../../src/node/connection.ts';
import { introspect } from '../../../src/node/introspect/introspect.ts';
import { EXAMPLE_SCHEMA } from '../../support/exampleSchema.ts';
import { FIX_MATRIX } from '../../support/fixMatrix.ts';
import type { MatrixCase } from '../../support/fixMatrix.ts';
import { lintFixed, lintUnder, TOOL_VARIANTS, upScript } from '../../support/fixRun.ts';
import { parser } from '../../support/parser.ts';
import { sharedServer, TEST_MAJOR } from '../../support/server.ts';

/** With enough orders for two batches, where the rows matter. */
const rowsOf = (orders: number): string => `
INSERT INTO customers SELECT n, 'c' || n || '@example.com' FROM generate_series(1, 100) n;
INSERT INTO orders SELECT n, n % 100 + 1, n, 'open', 1, 1, CASE WHEN n % 3 = 0 THEN 'note' END, now() FROM generate_series(1, ${String(orders)}) n;
INSERT INTO events SELECT n, date '2024-01-01' + n FROM generate_series(0, 30) n;
REFRESH MATERIALIZED VIEW sales;
`;

/** What reaches the server at once, and is one transaction if it is more than one statement or the tool says so. */
interface Unit {
  readonly statements: readonly string[];
  readonly inTransaction: boolean;
}

/** A migration as its tool sends it. */
function unitsOf(migration: Migration): readonly Unit[] {
  const statements = parseScript(upScript(migration), { parser, dialect: 'postgresql' }).statements.map(
    ({ text }) => text,
  );
  const { transactionMode } = migration;
  if (transactionMode === 'explicit') return [{ statements, inTransaction: true }];
  if (transactionMode === 'implicit' && statements.length > 1) return [{ statements, inTransaction: true }];
  return statements.map((statement) => ({ statements: [statement], inTransaction: false }));
}

interface Outcome {
  readonly catalog: Catalog;
  readonly same: unknown;
  readonly holds: unknown;
}

describe('a fix on a real server', function () {
  this.timeout(60_000);
  const database = `lockkeeper_fixes_${String(process.pid)}`;
  let client: pg.Client;

  before(async () => {
    const { url } = await sharedServer();
    await withClient(url, {}, (admin) => admin.query(`CREATE DATABASE ${database} TEMPLATE template0`));
    client = new pg.Client(databaseUrl(url, database));
    await client.connect();
  });

  after(async () => {
    await client.end();
    const { url } = await sharedServer();
    await withClient(url, {}, (admin) => admin.query(`DROP DATABASE ${database} WITH (FORCE)`));
  });

  const outcomeOf = async (one: MatrixCase, units: readonly Unit[], withRows: boolean): Promise<Outcome> => {
    const { earlier = '', rows = '', same, holds } = one;
    await client.query('DROP SCHEMA public CASCADE; DROP SCHEMA IF EXISTS "My App" CASCADE; CREATE SCHEMA public');
    await client.query(
      EXAMPLE_SCHEMA + (withRows ? rowsOf(same === undefined && holds === undefined ? 60 : 6_000) : ''),
    );
    await client.query(earlier);
    if (withRows) await client.query(rows);
    for (const { statements, inTransaction } of units) {
      if (inTransaction) await client.query('BEGIN');
      for (const statement of statements) await client.query(statement);
      if (inTransaction) await client.query('COMMIT');
    }
    const catalog = await introspect(client);
    const answer = async (text: string | undefined): Promise<unknown> =>
      text === undefined ? null : (await client.query({ text, rowMode: 'array' })).rows;
    return { catalog, same: await answer(same), holds: await answer(holds) };
  };

  const unsafe = new Map<string, Promise<Outcome>>();
  const unsafeForm = (one: MatrixCase): Promise<Outcome> => {
    let outcome = unsafe.get(one.name);
    if (!outcome) {
      const { statements } = parseScript(one.sql, { parser, dialect: 'postgresql' });
      const units = statements.map(({ text }) => ({ statements: [text], inTransaction: false }));
      outcome = outcomeOf(one, units, one.unsafeFails !== true);
      unsafe.set(one.name, outcome);
    }
    return outcome;
  };

  for (const one of FIX_MATRIX) {
    if ((one.major ?? TEST_MAJOR) > TEST_MAJOR) continue;
    // Tools that send the server the same are one test.
    const plans = new Map<string, { units: readonly Unit[]; names: string[] }>();
    for (const variant of TOOL_VARIANTS) {
      const own = one.ruleUnder?.[variant.tool];
      const rule = own === undefined ? one.rule : own;
      if (one.without?.[variant.tool] !== undefined || rule === null) continue;
      if (one.onlyInTransaction && variant.autocommit) continue;
      const linted = lintUnder(variant, one);
      const fix = linted.files[0]?.findings.find((finding) => finding.rule === rule)?.fixes[0];
      if (!fix && variant.mayDecline) continue;
      // Without files of its own the column is nullable for now, and the fix says so.
      if (variant.mayDecline && one.between !== undefined && fix?.newFiles === undefined) continue;
      assert.ok(fix, `${one.name}, ${variant.name}: no fix`);
      const { migrations } = lintFixed(linted, fix).history;
      const start = migrations.findIndex(({ path }) => path === linted.path);
      const units = migrations.slice(start).flatMap((migration, index) => {
        const between =
          index === 1 && one.between !== undefined ? [{ statements: [one.between], inTransaction: false }] : [];
        return [...between, ...unitsOf(migration)];
      });
      const key = JSON.stringify(units);
      const plan = plans.get(key);
      if (plan) plan.names.push(variant.name);
      else plans.set(key, { units, names: [variant.name] });
    }
    for (const { units, names } of plans.values()) {
      it(`ends where the unsafe form ends: ${one.name} (${names.join(', ')})`, async () => {
        const expected = await unsafeForm(one);
        const safe = await outcomeOf(one, units, true);
        const { mayDiffer } = one;
        const differences = compareCatalogs(expected.catalog, safe.catalog);
        assert.deepEqual(
          differences.filter(({ object }) => mayDiffer?.object.test(object) !== true),
          [],
        );
        assert.deepEqual(safe.same, expected.same);
        if (one.holds !== undefined) assert.deepEqual(safe.holds, [[true]]);
      });
    }
  }
});
