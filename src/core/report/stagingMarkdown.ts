import { bytes, counted, duration, grouped, shortened } from './figures.ts';
import { stagingHeadline, withoutPublic } from './headline.ts';
import { isEstimate } from '../staging/estimate.ts';
import { estimateOf, estimateText } from './productionTime.ts';
import { lockQueueWords, placeWords, rollbackWords, snapshotWords } from './runWords.ts';
import { isUnchanged, statementChangeText, type RunComparison } from './stagingComparison.ts';
import type { MeasuredStatement, StagingRun } from './stagingRun.ts';

/** The report for a pull request's description or a comment: the headline, one table, the rest folded away. */
export function stagingMarkdown(run: StagingRun, comparison: RunComparison | null = null): string {
  return [
    `### ${plain(stagingHeadline(run))}`,
    '',
    `Lockkeeper profiled ${code(run.migration)} on PostgreSQL ${plain(run.server.version.split(' ')[0] ?? '')}, ${plain(placeWords(run))}, with ${plain(rows(run))}.`,
    '',
    ...(run.notComparable === null ? [] : [`> **Not comparable:** ${plain(run.notComparable)}`, '']),
    ...run.notes.flatMap((note) => [`> ${plain(note)}`, '']),
    `| # | Statement | Time |${run.growth === null ? '' : ' In production |'} Locks | Written anew | WAL |`,
    `| --: | --- | --: |${run.growth === null ? '' : ' --: |'} --- | --- | --: |`,
    ...run.statements.map((one) => statementRow(run, one)),
    '',
    ...waits(run),
    ...growthLines(run),
    ...(run.rollback === null ? [] : [`- Rollback: ${plain(rollbackWords(run.rollback))}`]),
    ...(run.lockQueue === null ? [] : [`- Lock queue: ${plain(lockQueueWords(run.lockQueue))}`]),
    ...(run.rollback === null && run.lockQueue === null ? [] : ['']),
    ...(comparison === null ? [] : comparisonLines(comparison)),
    ...differencesSection(run),
    '<details><summary>Rows and conditions</summary>',
    '',
    '| Table | Rows | Size | Remark |',
    '| --- | --: | --: | --- |',
    ...run.tables.map(
      (one) =>
        `| ${code(withoutPublic(one.table))} | ${grouped(one.rows)} | ${bytes(one.bytes)} | ${one.shortfall === null ? '' : plain(`${grouped(one.wanted)} wanted: ${one.shortfall}`)} |`,
    ),
    '',
    `Data: ${plain(snapshotWords(run))}.`,
    '',
    `Digest ${code(run.digest)}, schema before ${code(run.base)}, ${plain(run.at)}.`,
    ...Object.entries(run.settings)
      .map(([name, value]) => `\`${name}\` = ${code(value)}`)
      .join(', ')
      .split('\n'),
    '',
    '</details>',
    '',
    run.growth === null
      ? 'Locks, rewrites and bytes of WAL carry over to production at the same settings; seconds do not.'
      : "Locks, rewrites and bytes of WAL carry over to production at the same settings; the estimates are what this machine would take with production's rows.",
    '',
  ].join('\n');
}

function rows(run: StagingRun): string {
  const filled = run.tables.filter(({ role, rows: count }) => role === 'touched' && count > 0);
  return filled.length === 0
    ? 'no rows in the tables it touches'
    : filled.map((one) => `${grouped(one.rows)} rows in ${withoutPublic(one.table)}`).join(', ');
}

function growthLines({ growth }: StagingRun): string[] {
  if (growth === null) return [];
  const { total } = growth;
  const why = isEstimate(total) ? total.basis : total.reason;
  return [`- In production, all of it: ${plain(estimateText(total))} (${plain(why)})`];
}

function comparisonLines(comparison: RunComparison): string[] {
  const since = `Compared with the run of ${plain(comparison.since.slice(0, 16).replace('T', ' '))} UTC`;
  if (isUnchanged(comparison)) return [`${since}: no difference beyond noise.`, ''];
  return [
    `${since}:`,
    '',
    ...comparison.conditions.map((line) => `- not like with like: ${plain(line)}`),
    ...comparison.stalls.map(
      ({ what, before, after }) => `- ${plain(what)}: ${duration(after)}, was ${duration(before)}`,
    ),
    ...comparison.statements.map((one) => `- ${plain(statementChangeText(one))}`),
    '',
  ];
}

function statementRow(run: StagingRun, one: MeasuredStatement): string {
  const locks = one.locks
    .filter(({ newRelation }) => !newRelation)
    .map(({ relation, lock }) => `${lock} on ${code(withoutPublic(relation))}`);
  const anew = [
    ...one.rewritten.map((name) => {
      const why = one.rewriteReasons.find(({ relation }) => relation === name)?.reasons ?? [];
      return `table ${code(withoutPublic(name))}${why.length === 0 ? '' : ` (${plain(why.join('; '))})`}`;
    }),
    ...one.indexesBuilt.map((name) => `index ${code(withoutPublic(name))}`),
  ];
  const text = shortened(one.text, 120);
  const estimate = estimateOf(run, one.index);
  const production = run.growth === null ? '' : ` ${estimate === undefined ? '' : plain(estimateText(estimate))} |`;
  return `| ${one.index + 1} | ${code(text)} | ${duration(one.milliseconds)} |${production} ${locks.join('<br>')} | ${anew.join('<br>')} | ${one.walBytes < 1000 ? '' : bytes(one.walBytes)} |`;
}

function waits(run: StagingRun): string[] {
  const waited = run.probes.filter(({ stalled }) => stalled > 0);
  if (run.probes.length === 0) return [];
  if (waited.length === 0) return ['No other session had to wait.', ''];
  return [
    ...waited.map(
      (one) =>
        `- ${one.operation === 'read' ? 'Reads of' : 'Writes to'} ${code(withoutPublic(one.table))}: the longest waited ${duration(one.longest)} (${counted(one.stalled, 'operation')} of ${grouped(one.operations)})`,
    ),
    '',
  ];
}

function differencesSection(run: StagingRun): string[] {
  if (run.differences.length === 0) return [];
  return [
    '**The server did not do what Lockkeeper predicted:**',
    '',
    ...run.differences.map(
      (one) =>
        `- statement ${one.statement + 1}, ${code(withoutPublic(one.relation))}: predicted ${plain(one.predicted)}, observed ${plain(one.observed)}`,
    ),
    '',
  ];
}

/** Markdown has no escape that holds everywhere (tables, code, HTML): every sign that could mean something becomes an entity. */
function plain(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[^\p{L}\p{N} .,:;()/+=-]/gu, (sign) => `&#${sign.codePointAt(0) ?? 32};`);
}

function code(text: string): string {
  return `<code>${plain(text).replaceAll(/[-+.:/=]/g, (sign) => (sign === '.' || sign === '-' ? sign : `&#${sign.codePointAt(0) ?? 32};`))}</code>`;
}
