import { html, type Html } from './escapeHtml.ts';
import { isEstimate } from '../staging/estimate.ts';
import { bytes, counted, duration, grouped } from './figures.ts';
import { slowest, stagingHeadline, withoutPublic, worstStalls } from './headline.ts';
import { estimateOf, estimateText, waitInProduction, waitText } from './productionTime.ts';
import { percent, placeWords, snapshotWords } from './runWords.ts';
import type { RunComparison } from './stagingComparison.ts';
import { comparisonSection } from './stagingComparisonHtml.ts';
import { STAGING_REPORT_CSS } from './stagingCss.ts';
import { alsoRun, growthSection, statementDetails } from './stagingHtmlParts.ts';
import type { MeasuredStatement, StagingRun } from './stagingRun.ts';
import { lockMeaning, lockStyle, timelineLanes, type BarStyle } from './timeline.ts';
import { timelineSvg } from './timelineSvg.ts';

export interface StagingBodyOptions {
  /** Line numbers become `<button class="lk-goto" data-line="12">`, for a host that listens to them. */
  readonly goTo?: boolean;
  /** With the run before; null: not compared. */
  readonly comparison?: RunComparison | null;
}

/** The whole report as one file that needs nothing else: no script, no address outside, no inline style attribute. */
export function stagingHtml(run: StagingRun, comparison: RunComparison | null = null): string {
  return `<!doctype html>
${
  html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
      <title>${run.migration}: ${stagingHeadline(run)}</title>
      <style>
        ${{ html: STAGING_REPORT_CSS }}
      </style>
    </head>
    <body>
      ${{ html: stagingReportBody(run, { comparison }) }}
    </body>
  </html>`.html
}
`;
}

/** The report's body, for a page that brings `STAGING_REPORT_CSS` itself. All that comes from repository or database is escaped. */
export function stagingReportBody(run: StagingRun, options: StagingBodyOptions = {}): string {
  return html`<main class="lk-report">
    ${heading(run)} ${notices(run).map((note) => html`<p class="lk-notice">${note}</p>`)}
    ${options.comparison ? comparisonSection(options.comparison) : ''} ${felt(run)}
    ${run.statements.length > 0 ? timeline(run) : ''} ${statements(run, options)} ${growthSection(run)} ${alsoRun(run)}
    ${prediction(run)} ${tables(run)} ${conditions(run)}
  </main>`.html;
}

function heading(run: StagingRun): Html {
  return html`<header class="lk-verdict lk-verdict-${verdict(run)}">
    <div class="lk-eyebrow">Staging run of ${run.migration}</div>
    <h1>${stagingHeadline(run)}</h1>
    <ul class="lk-facts">
      <li><b>PostgreSQL ${run.server.version.split(' ')[0] ?? ''}</b>, ${placeWords(run)}</li>
      <li>${rowsInWords(run)}</li>
      <li>${counted(run.statements.length, 'statement')} in ${duration(run.milliseconds)}</li>
      <li>${run.at.slice(0, 16).replace('T', ' ')} UTC</li>
    </ul>
  </header>`;
}

function notices(run: StagingRun): readonly string[] {
  if (run.notComparable === null) return run.notes;
  return [`Not comparable: ${run.notComparable}. It is no evidence for production.`, ...run.notes];
}

function verdict(run: StagingRun): 'failed' | 'stops-all' | 'stops-writes' | 'well' {
  if (run.outcome === 'failed') return 'failed';
  const worst = worstStalls(run)[0];
  if (worst === undefined || worst.milliseconds < 50) return 'well';
  return worst.milliseconds >= 1000 ? 'stops-all' : 'stops-writes';
}

function rowsInWords(run: StagingRun): string {
  const touched = run.tables.filter(({ role }) => role === 'touched');
  if (touched.length === 0) return 'no table with rows';
  const first = touched.reduce((most, one) => (one.rows > most.rows ? one : most));
  const { fraction } = run.snapshot;
  const share = fraction === null || fraction >= 0.9995 ? '' : ` (${percent(fraction)} of production)`;
  const more = touched.length > 1 ? ` and ${counted(touched.length - 1, 'more table')}` : '';
  return `${grouped(first.rows)} rows in ${withoutPublic(first.table)}${more}${share}`;
}

function felt(run: StagingRun): Html {
  if (run.probes.length === 0) return html``;
  const tablesProbed = [...new Set(run.probes.map(({ table }) => table))];
  const cell = (table: string, operation: 'read' | 'write'): Html => {
    const probe = run.probes.find((one) => one.table === table && one.operation === operation);
    if (probe === undefined) return html`<td class="lk-number">not measured</td>`;
    const stalled =
      probe.stalled === 0 ? 'none waited' : `${grouped(probe.stalled)} of ${grouped(probe.operations)} waited`;
    const worst = worstStalls(run).find((one) => one.table === table && one.operation === operation);
    const wait = worst === undefined ? null : waitInProduction(run, worst);
    const there = wait === null ? null : waitText(wait);
    return html`<td class="lk-number">
      ${duration(probe.longest)}<br /><span class="lk-muted">${stalled}</span
      >${there === null ? '' : html`<br />in production ${there}`}
    </td>`;
  };
  return html`<h2>What other sessions felt</h2>
    <div class="lk-scroll" tabindex="0" role="region" aria-label="Longest waits">
      <table>
        <caption>
          While the migration ran, one session kept reading and one kept writing a row of each table. The longest wait
          of each:
        </caption>
        <thead>
          <tr>
            <th scope="col">Table</th>
            <th scope="col" class="lk-number">Longest read</th>
            <th scope="col" class="lk-number">Longest write</th>
          </tr>
        </thead>
        <tbody>
          ${tablesProbed.map(
            (table) =>
              html`<tr>
                <th scope="row"><code class="lk-table-name">${withoutPublic(table)}</code></th>
                ${cell(table, 'read')}${cell(table, 'write')}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

const LEGEND: readonly (readonly [BarStyle, string])[] = [
  ['statement', 'statement running'],
  ['commit', 'COMMIT'],
  ['stops-all', 'lock that stops reads and writes'],
  ['stops-writes', 'lock that stops writes'],
  ['stops-ddl', 'lock that stops other schema changes'],
  ['stops-nothing', 'lock that stops nobody (rows that were written still do)'],
  ['stall', 'another session waiting'],
];

function timeline(run: StagingRun): Html {
  const used = new Set(timelineLanes(run).flatMap(({ bars }) => bars.map(({ style }) => style)));
  return html`<h2>Timeline</h2>
    <div class="lk-scroll lk-timeline-box" tabindex="0" role="region" aria-label="Timeline">${timelineSvg(run)}</div>
    <ul class="lk-legend">
      ${LEGEND.filter(([style]) => used.has(style)).map(([style, words]) => html`<li><span class="lk-swatch lk-${style}"></span>${words}</li>`)}
    </ul>`;
}

function statements(run: StagingRun, options: StagingBodyOptions): Html {
  if (run.statements.length === 0) return html`<p>No statement ran to its end.</p>`;
  const longest = slowest(run);
  return html`<h2>Statements</h2>
    <div class="lk-scroll" tabindex="0" role="region" aria-label="Statements">
      <table>
        <thead>
          <tr>
            <th scope="col">#</th>
            <th scope="col">Statement</th>
            <th scope="col" class="lk-number">Time</th>
            ${run.growth === null ? '' : html`<th scope="col" class="lk-number">In production</th>`}
            <th scope="col">Locks it took</th>
            <th scope="col">Written anew</th>
            <th scope="col" class="lk-number">WAL</th>
          </tr>
        </thead>
        <tbody>
          ${run.statements.map((one) => statementRow(run, one, one === longest && run.statements.length > 1, options))}
        </tbody>
      </table>
    </div>
    ${run.transactions.map((one) => html`<p class="lk-muted">${transactionInWords(one.statements)} ran in one transaction of ${duration(one.milliseconds)} (COMMIT ${duration(one.commitMilliseconds)}): its locks stay until its end.</p>`)}`;
}

function transactionInWords(members: readonly number[]): string {
  const [first, last] = [members[0], members.at(-1)];
  if (first === undefined || last === undefined) return 'Nothing';
  return first === last ? `Statement ${first + 1}` : `Statements ${first + 1} to ${last + 1}`;
}

function statementRow(run: StagingRun, one: MeasuredStatement, longest: boolean, { goTo }: StagingBodyOptions): Html {
  const line = goTo
    ? html`<button type="button" class="lk-goto" data-line="${one.startLine}" data-statement="${one.index}">
        line ${one.startLine}
      </button>`
    : html`<span class="lk-muted">line ${one.startLine}</span>`;
  const locks = one.locks.filter(({ newRelation }) => !newRelation);
  const hidden = one.locks.length - locks.length;
  const changes = [
    ...one.rewritten.map(
      (name) =>
        html`<span class="lk-change">table <code>${withoutPublic(name)}</code>${whyRewritten(one, name)}</span>`,
    ),
    ...one.indexesBuilt.map((name) => html`<span class="lk-change">index <code>${withoutPublic(name)}</code></span>`),
  ];
  const differs = run.differences.some(({ statement }) => statement === one.index);
  return html`<tr id="lk-statement-${one.index}">
    <th scope="row">${one.index + 1}</th>
    <td>
      <b>${one.kind}</b> ${line}${differs ? html` <a href="#lk-prediction">differs from prediction</a>` : ''}<code
        class="lk-sql"
        >${one.text}</code
      >${statementDetails(one)}
    </td>
    <td class="lk-number">
      ${longest ? html`<b>${duration(one.milliseconds)}</b>` : duration(one.milliseconds)}${one.rows === null ? '' : html`<br /><span class="lk-muted">${counted(one.rows, 'row')}</span>`}
    </td>
    ${run.growth === null ? '' : productionCell(run, one.index)}
    <td>
      ${locks.map(({ relation, lock }) => html`<span class="lk-lock" title="${lockMeaning(lock)}"><span class="lk-swatch lk-${lockStyle(lock)}"></span>${lock} on <code>${withoutPublic(relation)}</code></span>`)}${hidden > 0 ? html`<span class="lk-muted">${locks.length > 0 ? 'and ' : ''}on ${counted(hidden, 'relation')} that this migration made</span>` : locks.length === 0 ? html`<span class="lk-muted">${one.locksSeenBy === 'polled' ? 'none seen' : 'none'}</span>` : ''}${one.locksSeenBy === 'polled' ? html`<span class="lk-remark">seen from a second session: brief ones are missed</span>` : ''}
    </td>
    <td>${changes.length > 0 ? changes : html`<span class="lk-muted">nothing</span>`}</td>
    <td class="lk-number">
      ${one.walBytes < 1000 ? html`<span class="lk-muted">under 1 kB</span>` : bytes(one.walBytes)}
    </td>
  </tr>`;
}

function whyRewritten({ rewriteReasons }: MeasuredStatement, table: string): Html {
  const words = rewriteReasons.find(({ relation }) => relation === table)?.reasons ?? [];
  return words.length === 0 ? html`` : html`<span class="lk-remark">${words.join('; ')}</span>`;
}

function productionCell(run: StagingRun, statement: number): Html {
  const estimate = estimateOf(run, statement);
  if (estimate === undefined) return html`<td class="lk-number"></td>`;
  const why = isEstimate(estimate) ? estimate.basis : estimate.reason;
  return html`<td class="lk-number" title="${why}">
    ${estimateText(estimate)}${isEstimate(estimate) || estimate.class === 'instant' ? '' : html`<span class="lk-remark">${why}</span>`}
  </td>`;
}

function prediction(run: StagingRun): Html {
  if (run.differences.length === 0) {
    return html`<h2 id="lk-prediction">Predicted against observed</h2>
      <p>
        ${run.statements.length === 0 ? 'Nothing to compare.' : 'Every lock and every rewrite that was seen is one that Lockkeeper had predicted, and the other way round.'}
      </p>`;
  }
  return html`<h2 id="lk-prediction">Predicted against observed</h2>
    <p class="lk-notice">
      The server did not do what Lockkeeper predicted. Take the server’s word, and please report it: it is a mistake in
      Lockkeeper’s model, or something in your database that the migrations do not show.
    </p>
    <div class="lk-scroll" tabindex="0" role="region" aria-label="Differences">
      <table>
        <thead>
          <tr>
            <th scope="col">Statement</th>
            <th scope="col">Relation</th>
            <th scope="col">What</th>
            <th scope="col">Predicted</th>
            <th scope="col">Observed</th>
          </tr>
        </thead>
        <tbody>
          ${run.differences.map(
            (one) =>
              html`<tr>
                <th scope="row"><a href="#lk-statement-${one.statement}">${one.statement + 1}</a></th>
                <td><code>${withoutPublic(one.relation)}</code></td>
                <td>${one.what}</td>
                <td>${one.predicted}</td>
                <td>${one.observed}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function tables(run: StagingRun): Html {
  if (run.tables.length === 0) return html``;
  const made = run.snapshot.source === 'made-up rows';
  return html`<h2>${made ? 'Made-up rows' : 'Rows'}</h2>
    <div class="lk-scroll" tabindex="0" role="region" aria-label="Tables">
      <table>
        <caption>
          ${made ? 'Lockkeeper made these rows; they hold none of your data.' : `The rows of ${run.snapshot.source}; nothing of them is in this report.`}
        </caption>
        <thead>
          <tr>
            <th scope="col">Table</th>
            <th scope="col">Why</th>
            <th scope="col" class="lk-number">Rows</th>
            <th scope="col" class="lk-number">Size</th>
            <th scope="col">Remark</th>
          </tr>
        </thead>
        <tbody>
          ${run.tables.map(
            (one) =>
              html`<tr>
                <th scope="row"><code class="lk-table-name">${withoutPublic(one.table)}</code></th>
                <td>${one.role === 'touched' ? 'the migration touches it' : 'a foreign key refers to it'}</td>
                <td class="lk-number">${grouped(one.rows)}</td>
                <td class="lk-number">${bytes(one.bytes)}</td>
                <td>${one.shortfall === null ? '' : `${grouped(one.wanted)} wanted: ${one.shortfall}`}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function conditions(run: StagingRun): Html {
  const facts: readonly (readonly [string, string])[] = [
    ['History', run.history],
    ['File', run.path],
    ['Runs as', `${run.tool} (${run.transactionMode})`],
    ['Digest', run.digest],
    ['Schema before', run.base],
    ['Server', run.server.version],
    ['Data', snapshotWords(run)],
    ...Object.entries(run.settings),
  ];
  return html`<h2>What carries over to production</h2>
    <p>
      Locks, rewrites, index builds and bytes of WAL are the same there, at the same settings. Seconds are not: they are
      this machine’s, with the rows
      above${run.growth === null ? '' : ', and estimates for production are what this machine would take with its rows'}.
    </p>
    <h2>Conditions</h2>
    <dl>
      ${facts.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd><code>${value}</code></dd>`,
      )}
    </dl>`;
}
