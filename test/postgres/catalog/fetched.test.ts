import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { agree, describeDisagreement } from '../../support/agreement.ts';
import { sharedServer } from '../../support/server.ts';

/** Real histories, fetched by scripts/fetch-migrations.ts; not in the repository. LOCKKEEPER_FETCHED: another such folder. */
const folder =
  process.env['LOCKKEEPER_FETCHED'] ?? fileURLToPath(new URL('../../../.cache/migrations', import.meta.url));
const majors = (process.env['LOCKKEEPER_MAJORS'] ?? '15,18').split(',').map(Number) as (14 | 15 | 16 | 17 | 18)[];

/**
 * What a replay takes and a server may refuse: functions whose body names what is not there (the server parses SQL
 * bodies), and extensions that this server does not have.
 */
const NOT_FORESEEN = new Set(['42601', '42P01', '42883', '42704', '0A000']);

for (const major of majors) {
  describe(`replay and PostgreSQL ${major} agree on fetched migrations`, function () {
    this.timeout(300_000);
    if (!existsSync(folder)) {
      it('not run: `node --import tsx scripts/fetch-migrations.ts` fetches them', function () {
        this.skip();
      });
      return;
    }
    for (const project of readdirSync(folder, { withFileTypes: true })) {
      if (!project.isDirectory()) continue;
      it(project.name, async () => {
        const files = readdirSync(`${folder}/${project.name}`).filter((name) => name.endsWith('.sql'));
        const scripts = files.sort().map((name) => readFileSync(`${folder}/${project.name}/${name}`, 'utf8'));
        const server = await sharedServer(major);
        await withScratchDatabase(server.url, (url) =>
          withClient(url, {}, async (client) => {
            const { disagreements, overlooked } = await agree(client, major, scripts, { every: 100 });
            assert.equal(disagreements.map(describeDisagreement).join('\n\n'), '');
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
