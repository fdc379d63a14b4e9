import { bytes, counted, duration, grouped, shortened } from './figures.ts';
import { stagingHeadline, withoutPublic } from './headline.ts';
import type { MeasuredStatement, StagingRun } from './stagingRun.ts';

/** The report for a pull request's description or a comment: the headline, one table, the rest folded away. */
export function stagingMarkdown(run: StagingRun): string {
  const place =
    run.server.place === 'embedded'
      ? 'a throw-away server'
      : `a scratch database beside ${code(run.server.environment ?? '')}`;
  return [
    `### ${plain(stagingHeadline(run))}`,
    '',
    `Lockkeeper profiled ${code(run.migration)} on PostgreSQL ${plain(run.server.version.split(' ')[0] ?? '')}, ${place}, with ${plain(rows(run))}.`,
    '',
    ...run.notes.flatMap((note) => [`> ${plain(note)}`, '']),
    '| # | Statement | Time | Locks | Written anew | WAL |',
    '| --: | --- | --: | --- | --- | --: |',
    ...run.statements.map(statementRow),
    '',
    ...waits(run),
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
    `Digest ${code(run.digest)}, schema before ${code(run.base)}, ${plain(run.at)}.`,
    ...Object.entries(run.settings)
      .map(([name, value]) => `\`${name}\` = ${code(value)}`)
      .join(', ')
      .split('\n'),
    '',
    '</details>',
    '',
    'Locks, rewrites and bytes of WAL carry over to production at the same settings; seconds do not.',
    '',
  ].join('\n');
}

function rows(run: StagingRun): string {
  const filled = run.tables.filter(({ role, rows: count }) => role === 'touched' && count > 0);
  return filled.length === 0
    ? 'no rows in the tables it touches'
    : filled.map((one) => `${grouped(one.rows)} rows in ${withoutPublic(one.table)}`).join(', ');
}

function statementRow(one: MeasuredStatement): string {
  const locks = one.locks
    .filter(({ newRelation }) => !newRelation)
    .map(({ relation, lock }) => `${lock} on ${code(withoutPublic(relation))}`);
  const anew = [
    ...one.rewritten.map((name) => `table ${code(withoutPublic(name))}`),
    ...one.indexesBuilt.map((name) => `index ${code(withoutPublic(name))}`),
  ];
  const text = shortened(one.text, 120);
  return `| ${one.index + 1} | ${code(text)} | ${duration(one.milliseconds)} | ${locks.join('<br>')} | ${anew.join('<br>')} | ${one.walBytes < 1000 ? '' : bytes(one.walBytes)} |`;
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
