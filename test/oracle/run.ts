/**
 * The oracle: what Lockkeeper says of a statement against what real servers do.
 * `npm run test:oracle -- [--major 15,18] [--only cases,generated,examples,histories] [--family TEXT] [--seed N] [--runs N] [--observe]`
 * `--observe` only writes down what the servers do (.cache/oracle/observed-<major>.txt).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SERVER_MAJORS, type ServerMajor } from '../../src/core/catalog/catalog.ts';
import { withEmbeddedServer } from '../../src/node/servers/embedded.ts';
import { serverCache } from '../support/server.ts';
import { CASES } from './cases/allCases.ts';
import { describe } from './compare.ts';
import { observeGroup } from './observeCases.ts';
import { withOracleSession } from './session.ts';

const { values } = parseArgs({
  options: {
    major: { type: 'string' },
    only: { type: 'string' },
    family: { type: 'string' },
    seed: { type: 'string' },
    runs: { type: 'string' },
    observe: { type: 'boolean' },
  },
});
const majors = SERVER_MAJORS.filter(
  (major) => values.major === undefined || values.major.split(',').includes(String(major)),
);
const folder = fileURLToPath(new URL('../../.cache/oracle', import.meta.url));
mkdirSync(folder, { recursive: true });

for (const major of majors) {
  const options = { major, cacheDirectory: serverCache, mayFetch: () => true, settings: { autovacuum: 'off' } };
  await withEmbeddedServer(options, (server) =>
    withOracleSession(server.url, major, async (session) => observeAll(session, major)),
  );
}

async function observeAll(session: Parameters<typeof observeGroup>[0], major: ServerMajor): Promise<void> {
  const lines: string[] = [];
  const begun = performance.now();
  let failed = 0;
  let count = 0;
  for (const group of CASES.filter(({ family }) => values.family === undefined || family.includes(values.family))) {
    lines.push(`-- ${group.family}`);
    for (const { case: each, outcome } of await observeGroup(session, group)) {
      count += 1;
      const conditions = [
        each.first === '' ? '' : `after: ${each.first}`,
        each.timeZone === 'UTC' ? '' : each.timeZone,
      ].filter((part) => part !== '');
      lines.push(`${each.sql}${conditions.length > 0 ? `   -- ${conditions.join('; ')}` : ''}`);
      if (!outcome.ok) {
        failed += 1;
        lines.push(`    DOES NOT RUN: ${outcome.message}`);
      } else
        for (const effect of outcome.effects)
          lines.push(`    ${effect.relation}${effect.made ? ' (made)' : ''}: ${describe(effect)}`);
    }
  }
  writeFileSync(join(folder, `observed-${String(major)}.txt`), `${lines.join('\n')}\n`);
  process.stdout.write(
    `PostgreSQL ${String(major)}: ${String(count)} cases observed in ${((performance.now() - begun) / 1000).toFixed(1)} s, ${String(failed)} do not run\n`,
  );
}
