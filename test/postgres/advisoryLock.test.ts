import { strict as assert } from 'node:assert';
import type pg from 'pg';
import { withClient, withScratchDatabase } from '../../src/node/connection.ts';
import { sharedServer } from '../support/server.ts';

/** The fact behind the rule concurrently-under-advisory-lock: a second deployer that waits in a query ends in a deadlock. */
describe('CREATE INDEX CONCURRENTLY under an advisory lock', () => {
  const SETTINGS = { settings: { deadlock_timeout: '100ms' } };

  /** Runs with the database of a table, a session that holds the lock, and one that comes second. */
  async function withTwo(run: (first: pg.Client, second: pg.Client) => Promise<void>): Promise<void> {
    const server = await sharedServer();
    await withScratchDatabase(server.url, (url) =>
      withClient(url, SETTINGS, (first) =>
        withClient(url, SETTINGS, async (second) => {
          await first.query('CREATE TABLE orders (id bigint)');
          await run(first, second);
        }),
      ),
    );
  }

  const codeOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'done',
      (error: unknown) => (error as { code?: string }).code ?? String(error),
    );

  it('deadlocks with a second session that waits for the lock inside a query', async () => {
    await withTwo(async (first, second) => {
      await first.query('SELECT pg_advisory_lock(72707369)');
      const waiting = codeOf(second.query('SELECT pg_advisory_lock(72707369)'));
      await untilItWaits(first);
      const built = codeOf(first.query('CREATE INDEX CONCURRENTLY orders_idx ON orders (id)'));
      // Whoever's timer runs off first is ended; the other goes on.
      const ended = await Promise.race([built, waiting]);
      assert.equal(ended, '40P01');
      await built;
      await first.query('SELECT pg_advisory_unlock_all()');
      await waiting;
    });
  });

  it('does not with one that only tries for it', async () => {
    await withTwo(async (first, second) => {
      await first.query('SELECT pg_advisory_lock(72707369)');
      const { rows } = await second.query<{ locked: boolean }>('SELECT pg_try_advisory_lock(72707369) AS locked');
      assert.equal(rows[0]?.locked, false);
      assert.equal(await codeOf(first.query('CREATE INDEX CONCURRENTLY orders_idx ON orders (id)')), 'done');
    });
  });

  /** Asked from the first session, until the second is seen to wait. */
  async function untilItWaits(client: pg.Client): Promise<void> {
    for (;;) {
      const { rows } = await client.query(
        `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      if (rows.length > 0) return;
    }
  }
});
