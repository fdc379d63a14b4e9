import { html, type Html } from './escapeHtml.ts';
import { duration } from './figures.ts';
import { isUnchanged, timeText, type RunComparison, type StatementChange } from './stagingComparison.ts';

/** What changed since the run before, as a section of the report. */
export function comparisonSection(comparison: RunComparison): Html {
  const when = `${comparison.since.slice(0, 16).replace('T', ' ')} UTC`;
  if (isUnchanged(comparison)) {
    return html`<h2 id="lk-comparison">Compared with the run of ${when}</h2>
      <p>No difference beyond noise.</p>`;
  }
  return html`<h2 id="lk-comparison">Compared with the run of ${when}</h2>
    <p>Then: ${comparison.headlines.before}.</p>
    ${comparison.conditions.length === 0 ? '' : html`<p class="lk-notice">Not like with like: ${comparison.conditions.join('; ')}.</p>`}
    <div class="lk-scroll" tabindex="0" role="region" aria-label="Changes">
      <table>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Change</th>
          </tr>
        </thead>
        <tbody>
          ${comparison.stalls.map(
            ({ what, before, after }) =>
              html`<tr>
                <th scope="row">Longest wait of ${what}</th>
                <td>${waited(after)}, was ${waited(before)}</td>
              </tr>`,
          )}
          ${comparison.statements.map(
            (one) =>
              html`<tr>
                <th scope="row">
                  ${one.change === 'removed' ? 'Gone' : one.change === 'added' ? `Statement ${one.index + 1}, new` : `Statement ${one.index + 1}`}<code
                    class="lk-sql"
                    >${one.text}</code
                  >
                </th>
                <td>${changeWords(one).map((words) => html`<span class="lk-change">${words}</span>`)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function waited(milliseconds: number): string {
  return milliseconds === 0 ? 'nobody waited' : duration(milliseconds);
}

function changeWords({ change, before, after, differences }: StatementChange): readonly string[] {
  if (change !== 'changed') return [duration(after ?? before ?? 0)];
  return [...(before === null || after === null ? [] : [timeText(before, after)]), ...differences];
}
