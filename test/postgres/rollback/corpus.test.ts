import { strict as assert } from 'node:assert';
import { fetchedProjects, undoProject } from './corpus.ts';

/** The larger ones take minutes each: `npm run test:rollback:corpus` runs all. */
const SMALL = ['roundcube', 'icinga2-ido', 'request-tracker', 'powerdns', 'graphile-worker'];
const projects = fetchedProjects().filter((project) => SMALL.includes(project));

describe('migrations that nobody here wrote, undone on a server', function () {
  this.timeout(20 * 60_000);
  for (const project of projects) {
    it(project, async () => {
      const results = await undoProject(project, 18);
      const counts: Record<string, number> = {};
      for (const { outcome } of results) counts[outcome] = (counts[outcome] ?? 0) + 1;
      console.log(`      ${project}: ${JSON.stringify(counts)}`);
      // What the script says of itself is true: zero false claims.
      const wrong = results.filter(({ claim, outcome }) => claim !== outcome);
      assert.deepEqual(
        wrong.map(({ migration, claim, outcome, message, differences }) => ({
          migration,
          claim,
          outcome,
          message,
          differences,
        })),
        [],
      );
    });
  }
});
