import { isEstimate } from '../staging/estimate.ts';
import { html, type Html } from './escapeHtml.ts';
import { bytes, counted, duration, grouped } from './figures.ts';
import { capitalized, withoutPublic } from './headline.ts';
import { estimateText } from './productionTime.ts';
import { lockQueueWords, percent, rollbackWords } from './runWords.ts';
import type { BackendFigures, MeasuredStatement, StagingRun } from './stagingRun.ts';

/** What the server counted and was seen waiting for, folded away; nothing where there is nothing to tell. */
export function statementDetails(one: MeasuredStatement): Html {
  const facts = [
    ...one.waitedFor.map(({ session, milliseconds }) => [`Waited for ${session}`, `about ${duration(milliseconds)}`]),
    ...one.scans.map((scan) => [`Of ${withoutPublic(scan.relation)}`, scanWords(scan)]),
    ...(one.repeats === null
      ? []
      : [
          [
            counted(one.repeats.count, 'run'),
            `${duration(one.repeats.min)} to ${duration(one.repeats.max)}, median ${duration(one.repeats.median)}`,
          ],
        ]),
    ...(one.processorWait === null || one.processorWait < one.milliseconds / 10 || one.processorWait < 50
      ? []
      : [['Waited for a processor', `${duration(one.processorWait)}: this machine was busy`]]),
    ...one.phases.map(({ name, milliseconds }) => [name, `about ${duration(milliseconds)}`]),
    ...one.waits.slice(0, 5).map(({ event, milliseconds }) => [`Wait ${event}`, `about ${duration(milliseconds)}`]),
    ...figureFacts(one.figures),
  ];
  if (facts.length === 0) return html``;
  return html`<details class="lk-details">
    <summary>What the server counted</summary>
    <ul>
      ${facts.map(([name = '', value = '']) => html`<li>${name}: ${value}</li>`)}
    </ul>
  </details>`;
}

function scanWords({ sequential, rowsRead, rowsWritten }: MeasuredStatement['scans'][number]): string {
  return [
    ...(sequential > 0
      ? [`read whole ${sequential === 1 ? 'once' : `${grouped(sequential)} times`} (${grouped(rowsRead)} rows)`]
      : []),
    ...(rowsWritten > 0 ? [`${counted(rowsWritten, 'row')} written`] : []),
  ].join(', ');
}

function figureFacts(figures: BackendFigures | null): string[][] {
  if (figures === null) return [];
  const { io, wal, temporary } = figures;
  return [
    ...(io === null
      ? []
      : [
          [
            'Read and written',
            `${bytes(io.readBytes)} read, ${bytes(io.writtenBytes + io.extendedBytes)} written, ${counted(io.fsyncs, 'fsync')} (without parallel workers)`,
          ],
        ]),
    ...(wal === null
      ? []
      : [
          [
            'Own WAL',
            `${bytes(wal.bytes)}, ${counted(wal.records, 'record')}, ${counted(wal.fullPageImages, 'full page image')}`,
          ],
        ]),
    ...(temporary === null || temporary.files === 0
      ? []
      : [['Temporary files', `${grouped(temporary.files)} of ${bytes(temporary.bytes)}`]]),
  ];
}

/** At which sizes it was measured, and what follows for production. */
export function growthSection({ growth }: StagingRun): Html {
  if (growth === null) return html``;
  const { sizes, total, calibration } = growth;
  return html`<h2>Growth</h2>
    <p>
      In production, all of it: <b>${estimateText(total)}</b> (${isEstimate(total) ? total.basis : total.reason}).
      ${calibration === null ? '' : html`Calibrated by ${counted(calibration.migrations, 'earlier migration')}, which took ${calibration.factor.toFixed(2)} times what was estimated for ${calibration.environment}.`}
    </p>
    <div class="lk-scroll" tabindex="0" role="region" aria-label="Sizes">
      <table>
        <thead>
          <tr>
            <th scope="col">Share of production’s rows</th>
            <th scope="col" class="lk-number">Rows</th>
            <th scope="col" class="lk-number">Whole run</th>
          </tr>
        </thead>
        <tbody>
          ${sizes.map(
            ({ fraction, rows, milliseconds }) =>
              html`<tr>
                <th scope="row">${percent(fraction)}</th>
                <td class="lk-number">${grouped(rows)}</td>
                <td class="lk-number">${milliseconds.map((one) => duration(one)).join(', ')}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

/** The way back, and the run behind a long transaction. */
export function alsoRun({ rollback, lockQueue }: StagingRun): Html {
  if (rollback === null && lockQueue === null) return html``;
  return html`<h2>Also run</h2>
    <dl>
      ${
        lockQueue === null
          ? ''
          : html`<dt>Lock queue</dt>
              <dd>${capitalized(lockQueueWords(lockQueue))}.</dd>`
      }
      ${
        rollback === null
          ? ''
          : html`<dt>Rollback</dt>
              <dd>${capitalized(rollbackWords(rollback))}.</dd>`
      }
    </dl>`;
}
