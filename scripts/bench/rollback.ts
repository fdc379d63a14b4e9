/**
 * How long one rollback test takes on a warm embedded server, in a history of 200 migrations, fingerprints included.
 * `npm run bench:rollback`. Asked for: median below 300 ms for a migration that fits a transaction, below 3 s otherwise.
 */
import { performance } from 'node:perf_hooks';
import { cpus, loadavg } from 'node:os';
import { analyzeHistory } from '../../src/core/analyze.ts';
import type { RollbackTest } from '../../src/core/report/rollbackTest.ts';
import { historyFromFiles } from '../../src/core/tools/history.ts';
import { startTestServer } from '../../src/node/rollbackTest/testServer.ts';
import { testRollbacks } from '../../src/node/testRollback.ts';
import { loadParser } from '../../src/node/wasm.ts';

const MIGRATIONS = 200;
const CACHE = new URL('../../.cache/servers', import.meta.url).pathname;

/** Forty tables, each made, widened, indexed, constrained and changed by five migrations; one in ten uses CONCURRENTLY. */
function text(index: number): string {
  const table = `t${Math.floor(index / 5)}`;
  const other = `t${Math.max(0, Math.floor(index / 5) - 1)}`;
  switch (index % 5) {
    case 0:
      return `CREATE TABLE ${table} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, other_id bigint REFERENCES ${index === 0 ? 't0' : other},
  name varchar(40) NOT NULL, total numeric(10,2) NOT NULL DEFAULT 0 CHECK (total >= 0), state text NOT NULL DEFAULT 'new', made timestamptz NOT NULL DEFAULT now());
CREATE INDEX ${table}_other ON ${table} (other_id);`;
    case 1:
      return `ALTER TABLE ${table} ADD COLUMN note text, ADD COLUMN size integer NOT NULL DEFAULT 1;
COMMENT ON COLUMN ${table}.note IS 'free text';`;
    case 2:
      return index % 10 === 2
        ? `CREATE INDEX CONCURRENTLY ${table}_name ON ${table} (name);`
        : `CREATE UNIQUE INDEX ${table}_name ON ${table} (name);`;
    case 3:
      return `ALTER TABLE ${table} ALTER COLUMN size TYPE bigint, ADD CONSTRAINT ${table}_size CHECK (size > 0);
CREATE VIEW ${table}_new AS SELECT id, name, total FROM ${table} WHERE state = 'new';`;
    default:
      return `DROP VIEW ${table}_new;
ALTER TABLE ${table} DROP COLUMN note;
ALTER TABLE ${table} RENAME COLUMN state TO status;`;
  }
}

const files = Array.from({ length: MIGRATIONS }, (_, index) => ({
  path: `${String(index + 1).padStart(4, '0')}.sql`,
  text: text(index),
}));
const parser = await loadParser();
const history = historyFromFiles({ id: 'bench', tool: 'plain', root: 'bench', files });
const analysis = analyzeHistory(history, { parser, settings: { major: 18, timeZone: null } });
const hooks = { signal: undefined, onProgress: () => undefined };
const { server, stop } = await startTestServer(
  { kind: 'embedded', options: { major: 18, cacheDirectory: CACHE, mayFetch: () => true } },
  hooks,
);
try {
  const begin = performance.now();
  const tests = await testRollbacks({
    history: analysis,
    migrations: history.migrations.map(({ id }) => id),
    parser,
    target: server,
  });
  const seconds = (performance.now() - begin) / 1000;
  const bad = tests.filter(({ ran, schema, again }) => !ran || schema === 'different' || again !== 'same');
  const median = (of: readonly RollbackTest[]): number => {
    const sorted = of.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };
  const inside = tests.filter(({ ranIn }) => ranIn === 'transaction');
  const clones = tests.filter(({ ranIn }) => ranIn === 'clone');
  // Late in the history the schema to fingerprint is largest.
  const late = inside.filter(({ migration }) => migration > '0150');
  const load = loadavg()[0] ?? 0;
  console.log(
    `${tests.length} migrations in ${seconds.toFixed(1)} s, ${cpus().length} cores, load ${load.toFixed(1)}, PostgreSQL ${server.identity.version}`,
  );
  console.log(`in a transaction: median ${median(inside).toFixed(0)} ms of ${inside.length} (asked: < 300)`);
  console.log(`  of the last quarter: median ${median(late).toFixed(0)} ms of ${late.length}`);
  console.log(`on a clone:       median ${median(clones).toFixed(0)} ms of ${clones.length} (asked: < 3000)`);
  if (bad.length > 0) console.log(`NOT RESTORED: ${bad.map(({ migration }) => migration).join(', ')}`);
  process.exitCode = bad.length > 0 || median(inside) >= 300 || median(clones) >= 3_000 ? 1 : 0;
} finally {
  await stop();
}
