/**
 * Lint against real servers: the fetched histories are replayed, what each statement really locked and worked on decides
 * whether it was dangerous, and the findings with cause `blocks` or `fails` are held against that.
 *
 *     node --import tsx test/oracle/judgeLint.ts [--major 16] [--set more] [--history NAME]
 *
 * Dangerous: SHARE or a stronger lock on a table that existed before the migration, for work that grows with the table.
 * Tables are empty here; whether a statement fails on a table with rows is tried on one row (`failsOnRow.ts`).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { analyzeHistory } from '../../src/core/analyze.ts';
import { SERVER_MAJORS } from '../../src/core/catalog/catalog.ts';
import { lockStrength } from '../../src/core/effects/effect.ts';
import { lintHistory } from '../../src/core/lint.ts';
import type { Finding } from '../../src/core/rules/rule.ts';
import { parseScript } from '../../src/core/sql/script.ts';
import { withEmbeddedServer } from '../../src/node/servers/embedded.ts';
import { parser } from '../support/parser.ts';
import { serverCache } from '../support/server.ts';
import { failsOnRow } from './failsOnRow.ts';
import { fetchedHistories } from './histories.ts';
import type { FetchedSet } from './histories.ts';
import { readRelations } from './observe.ts';
import type { ObservedEffect, Relations } from './observe.ts';
import { plainHistory } from './predict.ts';
import { emptyDatabase, runStatement, withOracleSession } from './session.ts';
import type { OracleSession } from './session.ts';

const { values } = parseArgs({
  options: { major: { type: 'string' }, history: { type: 'string' }, set: { type: 'string' } },
});
const set: FetchedSet = values.set === 'more' ? 'more' : 'usual';
const folder = fileURLToPath(
  new URL(set === 'more' ? '../../.cache/migrations-more' : '../../.cache/migrations', import.meta.url),
);

interface Judged {
  readonly path: string;
  readonly text: string;
  readonly dangerous: boolean;
  /** Fails on a table with a row; null: not tried, or nothing could be told. */
  readonly fails: boolean | null;
  readonly effects: readonly ObservedEffect[];
  readonly judged: boolean;
}

/** Statements in the order in which they ran; what the server refused is left out. */
async function replay(
  session: OracleSession,
  project: string,
  files: readonly { name: string; role: string }[],
): Promise<Judged[]> {
  await emptyDatabase(session);
  const judged: Judged[] = [];
  let relations = await readRelations(session.work);
  for (const { name, role } of files) {
    const atStart = relations;
    const text = readFileSync(join(folder, project, name), 'utf8');
    for (const { text: sql, tree } of parseScript(text, { parser, dialect: 'postgresql' }).statements) {
      if (tree === null || 'TransactionStmt' in tree || ('CopyStmt' in tree && tree.CopyStmt.is_from === true))
        continue;
      // These would take the oracle's own prepared statements away.
      if ('DiscardStmt' in tree || 'DeallocateStmt' in tree) continue;
      const fails = await failsOnRow(session, sql, tree, atStart);
      const outcome = await runStatement(session, sql, relations, true);
      if (!outcome.ok) continue;
      relations = outcome.relations;
      judged.push({
        path: name,
        text: sql,
        // TRUNCATE makes new files, but empty ones: that does not grow with the table.
        dangerous: fails === true || (!('TruncateStmt' in tree) && isDangerous(outcome.effects, atStart)),
        fails,
        // Outside a transaction block the locks are let go before they can be read.
        judged: outcome.exact && role !== 'ours',
        effects: outcome.effects,
      });
    }
  }
  return judged;
}

function isDangerous(effects: readonly ObservedEffect[], atStart: Relations): boolean {
  return effects.some(
    ({ oid, lock, work }) =>
      atStart.has(oid) &&
      lockStrength(lock) >= lockStrength('SHARE') &&
      work.some((kind) => kind === 'scan' || kind === 'rewrite' || kind === 'index build'),
  );
}

const major = SERVER_MAJORS.find((each) => String(each) === (values.major ?? '16')) ?? 16;
const counts = { statements: 0, dangerous: 0, alarms: 0, right: 0 };
/** Of the statements that were tried on a row: those that failed, the findings `fails` among them, and those that were right. */
const failing = { tried: 0, failed: 0, alarms: 0, right: 0, covered: 0 };
const wrong: string[] = [];
await withEmbeddedServer(
  { major, cacheDirectory: serverCache, mayFetch: () => true, settings: { autovacuum: 'off' } },
  (server) =>
    withOracleSession(server.url, major, async (session) => {
      for (const { project, files } of fetchedHistories(set)) {
        if (values.history !== undefined && project !== values.history) continue;
        const judged = await replay(session, project, files);
        const findings = lint(
          files.map(({ name }) => name),
          judged,
        );
        for (const [position, statement] of judged.entries()) {
          if (!statement.judged) continue;
          const alarms = findings[position] ?? [];
          counts.statements++;
          if (statement.fails !== null) {
            const says = alarms.some(({ cause }) => cause === 'fails');
            failing.tried++;
            if (statement.fails) failing.failed++;
            if (says) failing.alarms++;
            if (says && statement.fails) failing.right++;
            if (alarms.length > 0 && statement.fails) failing.covered++;
            if (says && !statement.fails) wrong.push(describe(project, statement, alarms));
          }
          if (statement.dangerous) counts.dangerous++;
          if (alarms.length > 0) counts.alarms++;
          if (alarms.length > 0 && statement.dangerous) counts.right++;
          if (alarms.length > 0 !== statement.dangerous) wrong.push(describe(project, statement, alarms));
        }
      }
    }),
);
const percent = (part: number, whole: number): string => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(2)} %`);
console.log(
  `PostgreSQL ${String(major)}: ${String(counts.statements)} statements, ${String(counts.dangerous)} dangerous, ${String(counts.alarms)} alarms; precision ${percent(counts.right, counts.alarms)}, recall ${percent(counts.right, counts.dangerous)}`,
);
console.log(
  `tried on a table with one row: ${String(failing.tried)} statements, ${String(failing.failed)} failed, ${String(failing.covered)} of them with a finding; ${String(failing.alarms)} findings "fails", ${String(failing.right)} right`,
);
const list = fileURLToPath(new URL(`../../.cache/lint-judged-${set}-${String(major)}.txt`, import.meta.url));
writeFileSync(list, `${wrong.join('\n')}\n`);
console.log(`${String(wrong.length)} disagreements: ${list}`);

function lint(paths: readonly string[], judged: readonly Judged[]): readonly Finding[][] {
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

function describe(project: string, { path, text, effects, dangerous }: Judged, alarms: readonly Finding[]): string {
  const seen = effects.map(({ relation, lock, work }) => `${relation} ${lock} [${work.join(', ')}]`).join('; ');
  const said = alarms.map(({ rule, message }) => `${rule}: ${message.split('\n')[0] ?? ''}`).join(' | ');
  return `${dangerous ? 'MISSED' : 'FALSE ALARM'}  ${project}/${path}\n  ${text.replaceAll(/\s+/g, ' ').slice(0, 300)}\n  said      ${said || 'nothing'}\n  observed  ${seen}`;
}
