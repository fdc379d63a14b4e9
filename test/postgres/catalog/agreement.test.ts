import assert from 'node:assert/strict';
import { withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { agree, describeDisagreement } from '../../support/agreement.ts';
import { sharedServer } from '../../support/server.ts';
import { CASES } from './cases.ts';

/**
 * Statement by statement: the catalog that the replay makes is the one that the server has. 15 and 18 in every run; any
 * other major with LOCKKEEPER_MAJORS=14,16,17.
 */
const majors = (process.env['LOCKKEEPER_MAJORS'] ?? '15,18').split(',').map(Number) as (14 | 15 | 16 | 17 | 18)[];

for (const major of majors) {
  describe(`replay and PostgreSQL ${major} agree`, function () {
    this.timeout(120_000);
    for (const [name, script] of Object.entries(CASES)) {
      it(name, async () => {
        const server = await sharedServer(major);
        await withScratchDatabase(server.url, (url) =>
          withClient(url, {}, async (client) => {
            const { statements, disagreements, overlooked } = await agree(client, major, [script]);
            assert.ok(statements > 30, `only ${statements} statements were cut from the script`);
            assert.equal(disagreements.map(describeDisagreement).join('\n\n'), '');
            // Data, or what only the server knows, may refuse a statement that the replay takes; here nothing does.
            assert.deepEqual(
              overlooked.filter(({ code }) => !NOT_FORESEEN.has(code)),
              [],
            );
          }),
        );
      });
    }
  });
}

/** SQLSTATEs of refusals that a replay does not foresee: none so far. */
const NOT_FORESEEN = new Set<string>();
