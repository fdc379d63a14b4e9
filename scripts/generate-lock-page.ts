/**
 * Writes docs/what-locks-what.md from measurements: every hand-written case of the oracle, run on each major.
 * `node --import tsx scripts/generate-lock-page.ts [--check|--measured]`. Takes a few minutes; other majors than 18 are
 * fetched with npm. `--measured` takes what the last `npm run test:oracle` measured on each major instead of measuring.
 * `--check` measures again and fails if the page would change; test/repo checks cheaply that no case is missing in it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SERVER_MAJORS, type ServerMajor } from '../src/core/catalog/catalog.ts';
import { withEmbeddedServer } from '../src/node/servers/embedded.ts';
import { CASES } from '../test/oracle/cases/allCases.ts';
import { observeGroup } from '../test/oracle/observeCases.ts';
import { withOracleSession } from '../test/oracle/session.ts';
import { serverCache } from '../test/support/server.ts';
import { caseKey, lockPage, measuredFile, type Measured, type Measurements } from './lock-page/page.ts';

const file = fileURLToPath(new URL('../docs/what-locks-what.md', import.meta.url));
const folder = fileURLToPath(new URL('../.cache/oracle', import.meta.url));
const measurements: Measurements = new Map();
const versions = new Map<ServerMajor, string>();
const known = new Set(CASES.flatMap((group) => group.cases.map((each) => caseKey(group, each))));
const readsMeasured = process.argv.includes('--measured');
for (const major of readsMeasured ? SERVER_MAJORS : []) {
  const { version, cases } = JSON.parse(readFileSync(measuredFile(folder, major), 'utf8')) as Measured;
  versions.set(major, version);
  for (const [key, effects] of cases) {
    if (!known.has(key)) continue;
    const entry = measurements.get(key) ?? new Map<ServerMajor, typeof effects>();
    entry.set(major, effects);
    measurements.set(key, entry);
  }
}
for (const major of readsMeasured ? [] : SERVER_MAJORS) {
  await withEmbeddedServer(
    { major, cacheDirectory: serverCache, mayFetch: () => true, settings: { autovacuum: 'off' } },
    (server) =>
      withOracleSession(server.url, major, async (session) => {
        versions.set(major, server.version);
        for (const group of CASES) {
          for (const { case: each, outcome } of await observeGroup(session, group)) {
            if (!outcome.ok) throw new Error(`${each.sql} on ${String(major)}: ${outcome.message}`);
            const key = caseKey(group, each);
            const entry = measurements.get(key) ?? new Map<ServerMajor, typeof outcome.effects>();
            entry.set(major, outcome.effects);
            measurements.set(key, entry);
          }
        }
      }),
  );
  process.stdout.write(`PostgreSQL ${String(major)} measured\n`);
}
const page = lockPage(CASES, measurements, versions);
if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== page) {
    process.stdout.write('docs/what-locks-what.md is not what the servers do: run scripts/generate-lock-page.ts\n');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, page);
  process.stdout.write(`${file}: ${String(measurements.size)} statements\n`);
}
