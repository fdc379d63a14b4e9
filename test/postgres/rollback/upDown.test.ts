import { strict as assert } from 'node:assert';
import type { Client } from 'pg';
import { withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { sharedServer } from '../../support/server.ts';
import { analysedFiles, upAndDown } from '../../support/upAndDown.ts';
import { CASES } from './cases.ts';

for (const major of [15, 18] as const) {
  describe(`up, then the synthesized down, on PostgreSQL ${major}`, function () {
    this.timeout(120_000);
    let client: Client;
    let done: () => void;
    let closed: Promise<void>;

    // One database for all; each case in a transaction that is rolled back.
    before(async () => {
      const server = await sharedServer(major);
      const finished = new Promise<void>((resolve) => (done = resolve));
      await new Promise<void>((ready, failed) => {
        closed = withScratchDatabase(server.url, (url) =>
          withClient(url, {}, async (opened) => {
            client = opened;
            ready();
            await finished;
          }),
        );
        closed.catch(failed);
      });
    });
    beforeEach(() => client.query('BEGIN'));
    afterEach(() => client.query('ROLLBACK'));
    after(async () => {
      done();
      await closed;
    });

    for (const { name, before: schema, up, expect = 'restored', from = 14, says } of CASES) {
      if (from > major) continue;
      it(name, async () => {
        const files = [
          { path: '1.sql', text: schema },
          { path: '2.sql', text: up },
        ];
        const analysis = analysedFiles(files, { major });
        const migration = analysis.migrations[1];
        assert.ok(migration);
        await client.query(schema);
        const result = await upAndDown(client, analysis, migration);
        const seen = [result.message, ...result.differences.map((one) => JSON.stringify(one)), result.rollback.text];
        assert.equal(result.outcome, expect, seen.filter(Boolean).join('\n'));
        assert.equal(result.claim, expect, `the script claims otherwise\n${result.rollback.text}`);
        if (says) assert.match(result.rollback.text, says);
      });
    }
  });
}
