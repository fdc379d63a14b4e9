import { strict as assert } from 'node:assert';
import { withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { sharedServer } from '../../support/server.ts';
import { analysedFiles, upAndDown } from '../../support/upAndDown.ts';
import { CASES } from './cases.ts';

describe('up, then the synthesized down, on a server', function () {
  this.timeout(120_000);
  for (const major of [15, 18] as const) {
    for (const { name, before, up, expect = 'restored', from = 14, says } of CASES) {
      if (from > major) continue;
      it(`${name} (PostgreSQL ${major})`, async () => {
        const files = [
          { path: '1.sql', text: before },
          { path: '2.sql', text: up },
        ];
        const analysis = analysedFiles(files, { major });
        const migration = analysis.migrations[1];
        assert.ok(migration);
        const server = await sharedServer(major);
        await withScratchDatabase(server.url, (url) =>
          withClient(url, {}, async (client) => {
            await client.query(before);
            const result = await upAndDown(client, analysis, migration);
            const seen = [
              result.message,
              ...result.differences.map((one) => JSON.stringify(one)),
              result.rollback.text,
            ];
            assert.equal(result.outcome, expect, seen.filter(Boolean).join('\n'));
            assert.equal(result.claim, expect, `the script claims otherwise\n${result.rollback.text}`);
            if (says) assert.match(result.rollback.text, says);
          }),
        );
      });
    }
  }
});
