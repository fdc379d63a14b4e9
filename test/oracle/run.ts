/**
 * The oracle: what Lockkeeper says of a statement against what real servers do.
 * `npm run test:oracle -- [--major 15,18] [--only cases,generated,made-up,examples,histories] [--family TEXT] [--history NAME] [--set usual|more|FOLDER] [--file TEXT] [--seed N] [--runs N] [--observe]`
 * Mismatches are listed in .cache/oracle/mismatches-<major>.txt. `--observe` only writes down what the servers do.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SERVER_MAJORS, type ServerMajor } from '../../src/core/catalog/catalog.ts';
import { caseKey, measuredFile, type Measured } from '../../scripts/lock-page/page.ts';
import { withEmbeddedServer, type EmbeddedServer } from '../../src/node/servers/embedded.ts';
import { serverCache } from '../support/server.ts';
import { CASES } from './cases/allCases.ts';
import { describe } from './compare.ts';
import { compareGroup } from './compareCases.ts';
import { compareFetchedHistory, fetchedHistories } from './histories.ts';
import { compareGenerated } from './generated.ts';
import { compareGeneratedHistories } from './generatedHistories.ts';
import { observeGroup } from './observeCases.ts';
import { withOracleSession, type OracleSession } from './session.ts';
import { listMismatches, Tally } from './tally.ts';

const { values } = parseArgs({
  options: {
    major: { type: 'string' },
    only: { type: 'string' },
    family: { type: 'string' },
    history: { type: 'string' },
    set: { type: 'string', default: 'usual' },
    file: { type: 'string' },
    seed: { type: 'string' },
    runs: { type: 'string' },
    observe: { type: 'boolean' },
    out: { type: 'string' },
  },
});
const majors = SERVER_MAJORS.filter(
  (major) => values.major === undefined || values.major.split(',').includes(String(major)),
);
const wanted = (part: string): boolean => values.only === undefined || values.only.split(',').includes(part);
const folder = values.out ?? fileURLToPath(new URL('../../.cache/oracle', import.meta.url));
mkdirSync(folder, { recursive: true });

for (const major of majors) {
  const options = { major, cacheDirectory: serverCache, mayFetch: () => true, settings: { autovacuum: 'off' } };
  await withEmbeddedServer(options, (server) =>
    withOracleSession(server.url, major, (session) =>
      values.observe === true ? observeAll(session, major) : compareAll(session, server),
    ),
  );
}

async function compareAll(session: OracleSession, { major, version, url }: EmbeddedServer): Promise<void> {
  const all = new Tally();
  const problems: string[] = [];
  const part = (name: string, tally: Tally, begun: number): void => {
    process.stdout.write(
      `PostgreSQL ${String(major)}  ${name.padEnd(26)} ${String(tally)}  (${((performance.now() - begun) / 1000).toFixed(1)} s)\n`,
    );
    all.merge(tally);
  };
  if (wanted('cases')) {
    const begun = performance.now();
    const tally = new Tally();
    const measured: Measured = { version, cases: [] };
    for (const group of groups()) {
      const { broken, observed } = await compareGroup(session, group, tally);
      problems.push(...broken);
      for (const { case: each, outcome } of observed)
        if (outcome.ok) measured.cases.push([caseKey(group, each), outcome.effects]);
    }
    // For the page "What locks what". A run of some families only replaces what it measured.
    const file = measuredFile(folder, major);
    const kept =
      values.family === undefined || !existsSync(file)
        ? []
        : (JSON.parse(readFileSync(file, 'utf8')) as Measured).cases;
    const cases = new Map([...kept, ...measured.cases]);
    writeFileSync(file, JSON.stringify({ version, cases: [...cases] } satisfies Measured));
    part('cases', tally, begun);
  }
  if (wanted('generated')) {
    const begun = performance.now();
    const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
    const tally = new Tally();
    await compareGenerated(session, tally, { seed, runs: Number(values.runs ?? 1000) });
    part(`generated, seed ${String(seed)}`, tally, begun);
  }
  if (wanted('made-up')) {
    const begun = performance.now();
    const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
    const tallies = { asTheyAre: new Tally(), asTheyRan: new Tally() };
    for (const { asTheyAre, asTheyRan, name, text } of await compareGeneratedHistories(session, {
      seed,
      runs: Math.ceil(Number(values.runs ?? 1000) / 20),
    })) {
      tallies.asTheyAre.merge(asTheyAre);
      tallies.asTheyRan.merge(asTheyRan);
      if (asTheyAre.counts.weaker + asTheyAre.counts.stronger > 0) writeFileSync(join(folder, `${name}.sql`), text);
    }
    part(`made-up histories, seed ${String(seed)}`, tallies.asTheyRan, begun);
    process.stdout.write(`PostgreSQL ${String(major)}  the same with refused ones ${String(tallies.asTheyAre)}\n`);
    writeFileSync(
      join(folder, `mismatches-made-up-as-they-are-${String(major)}.txt`),
      `${listMismatches(tallies.asTheyAre.mismatches)}\n`,
    );
  }
  if (wanted('examples')) {
    const begun = performance.now();
    const tally = new Tally();
    // Loads every rule: only when it is asked for.
    const { compareExamples } = await import('./examples.ts');
    await compareExamples(session, tally);
    part("rules' examples", tally, begun);
  }
  if (wanted('histories')) {
    const tallies = { asTheyAre: new Tally(), asTheyRan: new Tally() };
    const refusals: string[] = [];
    const begun = performance.now();
    const { set } = values;
    const histories = fetchedHistories(set);
    if (histories.length === 0) process.stdout.write('NOT RUN: no fetched migrations (npm run fetch:migrations)\n');
    for (const history of histories.filter(
      ({ project, files }) =>
        (values.history === undefined || values.history.split(',').includes(project)) &&
        (values.file === undefined ||
          values.file
            .split(',')
            .some((part) => files.some(({ name, role }) => role === 'migration' && name.includes(part)))),
    )) {
      const started = performance.now();
      // A database each: what one leaves behind is no other's, and some break the database.
      const { asTheyAre, asTheyRan, misjudged } = await withOracleSession(url, major, (own) =>
        compareFetchedHistory(own, history, set),
      );
      refusals.push(...misjudged);
      part(history.each === true ? (history.files.at(-1)?.name ?? '') : history.project, asTheyRan, started);
      tallies.asTheyAre.merge(asTheyAre);
      tallies.asTheyRan.merge(asTheyRan);
    }
    process.stdout.write(
      `PostgreSQL ${String(major)}  histories, as they ran      ${String(tallies.asTheyRan)}\nPostgreSQL ${String(major)}  histories, as they are      ${String(tallies.asTheyAre)}  (${((performance.now() - begun) / 1000).toFixed(1)} s)\n`,
    );
    if (refusals.length > 0)
      process.stdout.write(
        `PostgreSQL ${String(major)}  ${String(refusals.length)} statements are taken to be refused, or to need another transaction\n`,
      );
    writeFileSync(join(folder, `refusals-${String(major)}.txt`), refusals.map((line) => `${line}\n`).join(''));
    writeFileSync(
      join(folder, `mismatches-as-they-are-${String(major)}.txt`),
      `${listMismatches(tallies.asTheyAre.mismatches)}\n`,
    );
  }
  writeFileSync(
    join(folder, `mismatches-${String(major)}.txt`),
    `${listMismatches(all.mismatches)}\n${problems.map((problem) => `PROBLEM  ${problem}\n`).join('')}`,
  );
  if (all.counts.weaker + all.counts.stronger > 0 || problems.length > 0) process.exitCode = 1;
  if (problems.length > 0)
    process.stdout.write(
      problems
        .slice(0, 10)
        .map((problem) => `  ${problem}\n`)
        .join(''),
    );
}

function groups(): typeof CASES {
  const { family } = values;
  return CASES.filter((group) => family === undefined || group.family.includes(family));
}

async function observeAll(session: OracleSession, major: ServerMajor): Promise<void> {
  const lines: string[] = [];
  for (const group of groups()) {
    lines.push(`-- ${group.family}`);
    for (const { case: each, outcome } of await observeGroup(session, group)) {
      const conditions = [
        each.first === '' ? '' : `after: ${each.first}`,
        each.timeZone === 'UTC' ? '' : each.timeZone,
      ].filter((text) => text !== '');
      lines.push(`${each.sql}${conditions.length > 0 ? `   -- ${conditions.join('; ')}` : ''}`);
      if (!outcome.ok) lines.push(`    DOES NOT RUN: ${outcome.message}`);
      else
        for (const effect of outcome.effects)
          lines.push(`    ${effect.relation}${effect.made ? ' (made)' : ''}: ${describe(effect)}`);
    }
  }
  writeFileSync(join(folder, `observed-${String(major)}.txt`), `${lines.join('\n')}\n`);
}
