import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { startEmbeddedServer } from '../../src/node/servers/embedded.ts';
import { startProbes } from '../../src/node/staging/probes.ts';
import { makeProduction } from './production.ts';
import { chapter, lockkeeper, say } from './terminal.ts';
import { makeWorkspace, takeSafeForm, UNSAFE } from './workspace.ts';

/** Enough for a stall that is seen, few enough for a coffee break. */
const ROWS = 300_000;

const out = resolve('out/demo');
const workspace = makeWorkspace(join(out, 'saas'));
const cacheDirectory = resolve('.cache/servers');

chapter(
  'The shop',
  'A multi-tenant shop on Prisma. Two throw-away PostgreSQL 18 servers stand for staging and production;',
  `production gets what "main" deployed, and ${ROWS.toLocaleString('en')} orders.`,
);
const staging = await startEmbeddedServer({ major: 18, cacheDirectory, durable: true });
const production = await startEmbeddedServer({ major: 18, cacheDirectory, durable: true });
try {
  await makeProduction(production.url, workspace, ROWS);
  await tell();
} finally {
  await staging.stop();
  await production.stop();
}

async function tell(): Promise<void> {
  const environment = {
    LOCKKEEPER_URL_STAGING: staging.url,
    LOCKKEEPER_URL_PRODUCTION: production.url,
    XDG_STATE_HOME: join(out, 'state'),
  };
  const run = (args: readonly string[], expected: readonly number[] = [0]): Promise<void> =>
    lockkeeper(args, { cwd: workspace, environment, expected });
  const rows = ['--rows', String(ROWS)];

  chapter(
    'Ada writes a migration',
    'On the branch "order-references": orders get a public reference, and real customers.',
  );
  await run(['lint'], [1]);

  chapter(
    'What would have hurt',
    'Profiled on staging: the history replayed beside the staging database, rows put in, users knocking.',
  );
  await run(['profile', UNSAFE, '--environment', 'staging', ...rows, '--report', join(out, 'reports/unsafe')], [0, 1]);

  chapter('And the way back', 'Written from the schema as it was before, where Prisma will not run it by mistake.');
  await run(['rollback', UNSAFE]);

  chapter(
    'The safe form',
    'The same result in small steps: expand, back-fill in batches, prove, switch. What does it cost?',
  );
  const safe = takeSafeForm(workspace);
  await run(['lint'], [0, 1]);
  await run(['profile', ...safe, '--environment', 'staging', ...rows, '--report', join(out, 'reports/safe')]);

  chapter('The gate', 'What production demands stands in the policy. Approvals are bound to the exact bytes.');
  await run(['check', '--environment', 'production'], [1]);
  const as = (name: string): readonly string[] => ['--name', name, '--email', `${name.toLowerCase()}@example.com`];
  await run(['approve', ...safe, '--role', 'reviewer', ...as('Grace')]);
  await run(['approve', ...safe, '--role', 'dba', ...as('Edgar')]);
  await run(['check', '--environment', 'production']);

  chapter('Through the lock', 'Applied to production behind the gate, with users at work all the while.');
  const started = performance.now();
  const users = await startProbes(
    production.url,
    ['public."Order"', 'public."User"'],
    () => performance.now() - started,
  );
  await run(['apply', '--environment', 'production', '--apply-to-production']);
  const { probes, stalls } = await users.stop();
  const operations = probes.reduce((sum, probe) => sum + probe.operations, 0);
  const longest = Math.max(0, ...stalls.map(({ milliseconds }) => milliseconds));
  say(
    `Meanwhile users did ${operations.toLocaleString('en')} reads and writes; the longest wait was ${Math.round(longest)} ms.`,
  );

  chapter(
    'Level on both sides',
    'The schema against the history, indexes and constraints, and where every migration stands now.',
  );
  await run(['verify', '--environment', 'production']);
  await run(['status', '--environment', 'production']);

  chapter('Reports');
  say(`what would have hurt:      ${join(out, 'reports/unsafe')}`);
  say(`what the safe form costs:  ${join(out, 'reports/safe')}`);
}
