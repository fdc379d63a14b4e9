import { strict as assert } from 'node:assert';
import type { Client } from 'pg';
import type { IntegrityCheckKind, IntegrityResult } from '../../../src/core/report/integrityResult.ts';
import { integrityHeadline, integrityText } from '../../../src/core/report/resultText.ts';
import { applyMigrations } from '../../../src/node/apply.ts';
import { withClient } from '../../../src/node/connection.ts';
import { integritySnapshot, verifyDatabase, type VerifyRequest } from '../../../src/node/verify.ts';
import { applyAll, historyOf, openGate, withDatabase } from '../apply/appliedHere.ts';

const history = historyOf([
  {
    path: '1.sql',
    text: `CREATE TABLE customers (id int PRIMARY KEY);
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, note text);
INSERT INTO customers SELECT generate_series(1, 10);
INSERT INTO orders SELECT i, 1, 'n' FROM generate_series(1, 500) i;`,
  },
  {
    path: '2.sql',
    text: 'ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;',
  },
]);

describe('verify', function () {
  this.timeout(60_000);

  it('passes when all is in order, and keeps what the history itself leaves NOT VALID apart', () =>
    applied(async (url) => {
      const result = await verify(url);
      assert.equal(result.outcome, 'passed', integrityText(result));
      assert.deepEqual(states(result), {
        applied: 'passed',
        'row counts': 'not run',
        'invalid indexes': 'passed',
        'unvalidated constraints': 'passed',
        catalog: 'passed',
      });
      const constraint = check(result, 'unvalidated constraints').findings[0]!;
      assert.equal(constraint.severity, 'note');
      assert.match(constraint.message, /as the history leaves it/);
      assert.match(integrityHeadline(result), /in order \(1 check not run\)$/);
    }));

  it('finds an invalid index, a constraint that nobody validated, and what the history does not make', () =>
    applied(async (url, client) => {
      await client.query('ALTER TABLE orders ADD CONSTRAINT planted CHECK (id > 0) NOT VALID');
      await client.query('CREATE UNIQUE INDEX CONCURRENTLY broken ON orders (note)').catch(() => undefined);
      const result = await verify(url);
      assert.equal(result.outcome, 'failed');
      const index = check(result, 'invalid indexes');
      assert.deepEqual([index.state, index.findings.map(({ object }) => object)], ['failed', ['public.broken']]);
      const constraint = check(result, 'unvalidated constraints');
      assert.equal(constraint.state, 'failed');
      assert.deepEqual(
        constraint.findings.filter(({ severity }) => severity === 'problem').map(({ object }) => object),
        ['public.orders: planted'],
      );
      assert.match(
        constraint.findings.find(({ severity }) => severity === 'problem')!.message,
        /VALIDATE CONSTRAINT planted/,
      );
      const catalog = check(result, 'catalog');
      assert.equal(catalog.state, 'failed');
      assert.ok(
        catalog.findings.some(({ object, message }) => /planted/.test(object) && /not in the history/.test(message)),
      );
    }));

  it('lets what was there before the migration pass, if it was seen before', () =>
    applied(async (url, client) => {
      await client.query('CREATE UNIQUE INDEX CONCURRENTLY broken ON orders (note)').catch(() => undefined);
      const before = await snapshot(url);
      const result = await verify(url, { before });
      assert.equal(check(result, 'invalid indexes').state, 'passed');
      assert.match(check(result, 'invalid indexes').findings[0]!.message, /as it was before/);
    }));

  describe('row counts', () => {
    it('pass while users write', () =>
      applied(async (url, client) => {
        const before = await snapshot(url);
        await client.query(
          "INSERT INTO orders SELECT i, 1, 'new' FROM generate_series(1001, 1200) i; DELETE FROM orders WHERE id <= 50",
        );
        await flushed(client);
        const result = check(await verify(url, { before }), 'row counts');
        assert.equal(result.state, 'passed', JSON.stringify(result));
        assert.match(result.findings[0]!.message, /^500 rows before, 650 now \(200 inserted, 50 deleted\)$/);
      }));
    it('fail when rows went without a DELETE', () =>
      applied(async (url, client) => {
        const before = await snapshot(url);
        // TRUNCATE counts as no delete, and the migration says nothing of it.
        await client.query('TRUNCATE orders');
        await flushed(client);
        const result = check(await verify(url, { before }), 'row counts');
        assert.equal(result.state, 'failed');
        assert.match(result.findings[0]!.message, /500 rows before, 0 now, though nothing was inserted or deleted/);
      }));
    it('fail when a table is gone, and pass when the migration drops it', () =>
      applied(async (url, client) => {
        const before = await snapshot(url);
        await client.query('DROP TABLE orders');
        const result = check(await verify(url, { before }), 'row counts');
        assert.deepEqual([result.state, result.findings[0]!.object], ['failed', 'public.orders']);
        const dropping = historyOf([...files(), { path: '3.sql', text: 'DROP TABLE orders' }]);
        const meant = await verifyDatabase({
          history: dropping,
          environment: environment(url),
          before: { ...before, migrations: ['3.sql'] },
        });
        assert.notEqual(check(meant, 'row counts').state, 'failed');
        assert.match(
          check(meant, 'row counts')
            .findings.map(({ message }) => message)
            .join(),
          /dropped, as the migration says/,
        );
      }));
    it('follow a table that is renamed', () =>
      applied(async (url) => {
        const renaming = historyOf([...files(), { path: '3.sql', text: 'ALTER TABLE orders RENAME TO purchases' }]);
        const before = await integritySnapshot({
          history: renaming,
          migrations: ['3.sql'],
          environment: environment(url),
        });
        assert.deepEqual(
          before.tables.map(({ table, rows }) => [table, rows]),
          [['public.orders', 500]],
        );
        await applyMigrations(applyAll(renaming, url, { gates: [openGate(renaming, '3.sql')] }));
        const result = await verifyDatabase({
          history: renaming,
          environment: environment(url),
          before,
          migration: '3.sql',
        });
        assert.equal(result.outcome, 'passed', integrityText(result));
        assert.equal(check(result, 'row counts').state, 'passed');
      }));
  });

  describe('what is applied', () => {
    it('must hold the migration in question', () =>
      applied(async (url) => {
        const more = historyOf([...files(), { path: '3.sql', text: 'SELECT 1' }]);
        const result = await verifyDatabase({ history: more, environment: environment(url), migration: '3.sql' });
        assert.match(check(result, 'applied').findings[0]!.message, /is not applied, says lockkeeper\.migrations/);
        assert.equal(result.outcome, 'failed');
      }));
    it('must be from the same bytes, and in the folder', () =>
      applied(async (url) => {
        const [first] = files();
        const edited = historyOf([{ ...first!, text: `${first!.text} -- edited` }]);
        const result = check(await verifyDatabase({ history: edited, environment: environment(url) }), 'applied');
        assert.deepEqual(
          result.findings.map(({ object }) => object),
          ['1.sql', '2.sql'],
        );
      }));
    it('is read from what other tools keep', async () => {
      await withDatabase(async (url) => {
        await withClient(url, {}, (client) =>
          client.query(
            `CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (2, true)`,
          ),
        );
        const golang = historyOf(
          [
            { path: '1', text: 'SELECT 1' },
            { path: '2', text: 'SELECT 1' },
            { path: '3', text: 'SELECT 1' },
          ],
          'golang-migrate',
        );
        const result = check(await verifyDatabase({ history: golang, environment: environment(url) }), 'applied');
        assert.equal(result.state, 'failed');
        assert.deepEqual(
          result.findings.map(({ object, message }) => `${object} ${message}`),
          ['2 was begun and not finished, says public.schema_migrations'],
        );
      });
    });
  });

  it('writes nothing', () =>
    applied(async (url, client) => {
      const before = await client.query(
        'SELECT pg_current_xact_id_if_assigned(), pg_snapshot_xmax(pg_current_snapshot()) AS next',
      );
      await verify(url, { before: await snapshot(url) });
      const after = await client.query('SELECT pg_snapshot_xmax(pg_current_snapshot()) AS next');
      assert.equal(
        (after.rows[0] as { next: string }).next,
        (before.rows[0] as { next: string }).next,
        'no transaction id was used',
      );
    }));
});

function files() {
  return history.history.migrations.map(({ path, text }) => ({ path, text }));
}

function environment(url: string): VerifyRequest['environment'] {
  return { name: 'development', class: 'development', url };
}

const verify = (url: string, change: Partial<VerifyRequest> = {}): Promise<IntegrityResult> =>
  verifyDatabase({ history, environment: environment(url), ...change });

const snapshot = (url: string) => integritySnapshot({ history, migrations: ['2.sql'], environment: environment(url) });

function check(result: IntegrityResult, kind: IntegrityCheckKind) {
  return result.checks.find((one) => one.kind === kind)!;
}

function states(result: IntegrityResult): Record<string, string> {
  return Object.fromEntries(result.checks.map(({ kind, state }) => [kind, state]));
}

async function applied(work: (url: string, client: Client) => Promise<void>): Promise<void> {
  await withDatabase(async (url) => {
    const runs = await applyMigrations(applyAll(history, url));
    assert.deepEqual(
      runs.map(({ outcome }) => outcome),
      ['applied', 'applied'],
    );
    await withClient(url, {}, async (client) => {
      await flushed(client);
      await work(url, client);
    });
  });
}

/** Sessions report their inserts and deletes late; ours at once. */
async function flushed(client: Client): Promise<void> {
  await client.query('SELECT pg_stat_force_next_flush()');
  await client.query('SELECT 1');
}
