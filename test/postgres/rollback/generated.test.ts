import { strict as assert } from 'node:assert';
import { sharedServer } from '../../support/server.ts';
import { undoMadeUpHistories } from './generated.ts';

/** A fixed seed: the whole is `npm run test:rollback:generated`, which draws a new one. */
const SEED = 11;

describe('made-up histories, undone on a server', function () {
  this.timeout(10 * 60_000);

  it(`are as before, but for the order of columns (25, seed ${SEED})`, async () => {
    const server = await sharedServer();
    const runs = await undoMadeUpHistories(server.url, { seed: SEED, runs: 25, major: 18 });
    const bad = runs.filter(
      ({ outcome, claim }) => outcome !== claim || !['restored', 'columnOrder'].includes(outcome),
    );
    assert.deepEqual(
      bad.map(({ report }) => report),
      [],
    );
    // Where the cut falls between SET search_path and what rests on it, the up script does not run by itself.
    assert.ok(runs.length >= 20, `${String(runs.length)} of 25 ran`);
  });
});
