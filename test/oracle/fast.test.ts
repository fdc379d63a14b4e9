import { strict as assert } from 'node:assert';
import type { ServerMajor } from '../../src/core/catalog/catalog.ts';
import { sharedServer } from '../support/server.ts';
import { CASES } from './cases/allCases.ts';
import type { Verdict } from './compare.ts';
import { compareGroup } from './compareCases.ts';
import { compareExamples } from './examples.ts';
import { compareGenerated } from './generated.ts';
import { withOracleSession } from './session.ts';
import { listMismatches, Tally } from './tally.ts';

/** The oldest major that must be exact, and the newest. `npm run test:oracle` runs all, and what has to be sampled. */
const MAJORS: readonly ServerMajor[] = [15, 18];
/** Fixed, so that a red run is red again; `npm run test:oracle -- --only generated` draws others. */
const SEED = 20_261_122;

for (const major of MAJORS) {
  describe(`the oracle's fast part on PostgreSQL ${String(major)}`, function () {
    this.timeout(300_000);

    for (const family of new Set(CASES.map((group) => group.family))) {
      it(`${family}: what is said is what the server does`, async () => {
        const { url } = await sharedServer(major);
        const tally = new Tally();
        const broken: string[] = [];
        await withOracleSession(url, major, async (session) => {
          for (const group of CASES.filter((each) => each.family === family))
            broken.push(...(await compareGroup(session, group, tally, { parked: false })).broken);
        });
        judge(tally, broken);
      });
    }

    it("every rule's examples: what is said is what the server does", async () => {
      const { url } = await sharedServer(major);
      const tally = new Tally();
      await withOracleSession(url, major, (session) => compareExamples(session, tally));
      // Some show just what a statement that can't be read keeps a rule from saying.
      judge(tally, [], ['unseen', 'opaque']);
    });

    it('made-up tables and changes: what is said is what the server does', async () => {
      const { url } = await sharedServer(major);
      const tally = new Tally();
      await withOracleSession(url, major, (session) => compareGenerated(session, tally, { seed: SEED, runs: 300 }));
      judge(tally, []);
    });
  });
}

function judge(tally: Tally, broken: readonly string[], allowed: readonly Verdict[] = ['unseen']): void {
  assert.ok(tally.pairs > 0, 'nothing was compared');
  const wrong = tally.mismatches.filter(({ pair }) => !allowed.includes(pair.verdict));
  assert.ok(
    wrong.length === 0 && broken.length === 0,
    `${String(tally)}\n${listMismatches(wrong)}\n${broken.join('\n')}`,
  );
}
