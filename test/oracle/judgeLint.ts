/**
 * Lint against real servers: the fetched histories are replayed, what each statement really locked and worked on decides
 * whether it was dangerous, and the findings with cause `blocks` or `fails` are held against that. A line a project, and
 * PostgreSQL's own regression tests by themselves, since nobody would take them for migrations.
 *
 *     node --import tsx test/oracle/judgeLint.ts [--major 16] [--set usual|more|FOLDER] [--history NAME,NAME] [--squawk]
 *
 * Dangerous: SHARE or a stronger lock on a table that existed before the migration, for work that grows with the table.
 * Tables are empty here; whether a statement fails on a table with rows is tried on one row (`failsOnRow.ts`).
 */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { analyzeHistory } from '../../src/core/analyze.ts';
import { SERVER_MAJORS } from '../../src/core/catalog/catalog.ts';
import { lintHistory } from '../../src/core/lint.ts';
import type { Finding } from '../../src/core/rules/rule.ts';
import { withEmbeddedServer } from '../../src/node/servers/embedded.ts';
import { parser } from '../support/parser.ts';
import { serverCache } from '../support/server.ts';
import { fetchedFolder, fetchedHistories } from './histories.ts';
import type { FetchedSet } from './histories.ts';
import { replayForJudge } from './judgeReplay.ts';
import type { JudgedStatement } from './judgeReplay.ts';
import { squawkAlarms } from './judgeSquawk.ts';
import { plainHistory } from './predict.ts';
import { withOracleSession } from './session.ts';

const { values } = parseArgs({
  options: {
    major: { type: 'string' },
    history: { type: 'string' },
    set: { type: 'string' },
    squawk: { type: 'boolean' },
  },
});
const set: FetchedSet = values.set ?? 'usual';
const folder = fetchedFolder(set);
const NOT_MIGRATIONS = new Set(['postgresql-regress', 'postgresql-contrib']);

/** What was counted over some statements. */
class Counts {
  statements = 0;
  dangerous = 0;
  alarms = 0;
  right = 0;
  squawkAlarms = 0;
  squawkRight = 0;
  /** Of the statements that were tried on a row: those that failed, and the findings `fails` among them. */
  tried = 0;
  failed = 0;
  saidToFail = 0;
  failedAsSaid = 0;

  add(other: Counts): void {
    for (const key of Object.keys(this) as (keyof Omit<Counts, 'add'>)[]) this[key] += other[key];
  }
}

const major = SERVER_MAJORS.find((each) => String(each) === (values.major ?? '16')) ?? 16;
const wanted = values.history?.split(',');
const byProject = new Map<string, Counts>();
const wrong: string[] = [];
await withEmbeddedServer(
  { major, cacheDirectory: serverCache, mayFetch: () => true, settings: { autovacuum: 'off' } },
  async (server) => {
    for (const history of fetchedHistories(set)) {
      if (wanted !== undefined && !wanted.includes(history.project)) continue;
      const counts = byProject.get(history.project) ?? new Counts();
      byProject.set(history.project, counts);
      // A database each: what one leaves behind (roles, settings, prepared statements) is no other's.
      const judged = await withOracleSession(server.url, major, (session) => replayForJudge(session, history, folder));
      const findings = lint(
        history.files.map(({ name }) => name),
        judged,
      );
      const squawk = values.squawk === true ? squawkAlarms(judged) : null;
      for (const [position, statement] of judged.entries())
        if (statement.judged)
          count(counts, history.project, statement, findings[position] ?? [], squawk?.[position] === true);
      if (history.each !== true) console.log(line(history.project, counts));
    }
  },
);
const total = new Counts();
for (const [project, counts] of byProject) {
  if (NOT_MIGRATIONS.has(project)) console.log(line(project, counts));
  else total.add(counts);
}
console.log(line(`PostgreSQL ${String(major)}, ${basename(set)} set`, total));
console.log(
  `tried on a table with one row: ${String(total.tried)} statements, ${String(total.failed)} failed; ${String(total.saidToFail)} findings "fails", ${String(total.failedAsSaid)} right`,
);
const list = fileURLToPath(new URL(`../../.cache/lint-judged-${basename(set)}-${String(major)}.txt`, import.meta.url));
writeFileSync(list, `${wrong.join('\n')}\n`);
console.log(`${String(wrong.length)} disagreements: ${list}`);

function count(
  counts: Counts,
  project: string,
  statement: JudgedStatement,
  alarms: readonly Finding[],
  squawk: boolean,
): void {
  const { dangerous, fails } = statement;
  const alarm = alarms.length > 0;
  counts.statements++;
  if (fails !== null) {
    const says = alarms.some(({ cause }) => cause === 'fails');
    counts.tried++;
    if (fails) counts.failed++;
    if (says) counts.saidToFail++;
    if (says && fails) counts.failedAsSaid++;
    if (says && !fails) wrong.push(describe(project, statement, alarms));
  }
  if (dangerous) counts.dangerous++;
  if (alarm) counts.alarms++;
  if (alarm && dangerous) counts.right++;
  if (squawk) counts.squawkAlarms++;
  if (squawk && dangerous) counts.squawkRight++;
  if (alarm !== dangerous) wrong.push(describe(project, statement, alarms));
}

function line(name: string, counts: Counts): string {
  const figures = `${name.padEnd(28)} ${String(counts.statements).padStart(6)} statements ${String(counts.dangerous).padStart(5)} dangerous ${String(counts.alarms).padStart(5)} alarms  precision ${percent(counts.right, counts.alarms)}  recall ${percent(counts.right, counts.dangerous)}`;
  if (values.squawk !== true) return figures;
  return `${figures}   squawk ${percent(counts.squawkRight, counts.squawkAlarms)}  ${percent(counts.squawkRight, counts.dangerous)}`;
}

function percent(part: number, whole: number): string {
  return (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(2)} %`).padStart(8);
}

function lint(paths: readonly string[], judged: readonly JudgedStatement[]): readonly Finding[][] {
  const scripts = paths.map((path) => ({
    path,
    text: judged
      .filter((statement) => statement.path === path)
      .map(({ text }) => `${text};\n`)
      .join(''),
  }));
  const analysis = analyzeHistory(plainHistory(scripts), { parser, settings: { major, timeZone: 'UTC' } });
  return lintHistory(analysis, { speaks: () => true, config: {} }).files.flatMap(({ analysis: file, findings }) =>
    file.statements.map(({ statement }) =>
      findings.filter(
        (finding) => finding.statement === statement.index && (finding.cause === 'blocks' || finding.cause === 'fails'),
      ),
    ),
  );
}

function describe(project: string, statement: JudgedStatement, alarms: readonly Finding[]): string {
  const { path, text, effects, dangerous } = statement;
  const seen = effects.map(({ relation, lock, work }) => `${relation} ${lock} [${work.join(', ')}]`).join('; ');
  const said = alarms.map(({ rule, message }) => `${rule}: ${message.split('\n')[0] ?? ''}`).join(' | ');
  return `${dangerous ? 'MISSED' : 'FALSE ALARM'}  ${project}/${path}\n  ${text.replaceAll(/\s+/g, ' ').slice(0, 300)}\n  said      ${said || 'nothing'}\n  observed  ${seen}`;
}
