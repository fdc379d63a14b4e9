import { counted } from './figures.ts';
import { html } from './escapeHtml.ts';
import type { Html } from './escapeHtml.ts';
import { scanHeadline } from './scanReport.ts';
import type { ScanReport, ScanRow } from './scanReport.ts';

/** The ranking as the body of a page: no scripts, no outside addresses. A migration is a button with `data-row`, its place in `report.rows`. */
export function scanBody(report: ScanReport): string {
  const table = html`<table>
    <thead>
      <tr>
        <th scope="col" class="rank">#</th>
        <th scope="col">Migration</th>
        <th scope="col">Stall</th>
        <th scope="col">What would hurt</th>
      </tr>
    </thead>
    <tbody>
      ${report.rows.map(rowHtml)}
    </tbody>
  </table>`;
  return html`<main>
    <h1>Scan History</h1>
    <p>${scanHeadline(report)}</p>
    <p class="note">
      These migrations have been merged or applied. They are not in the Problems list, and nobody is asked to change
      them.
    </p>
    ${report.rows.length === 0 ? [] : table}
  </main>`.html;
}

function rowHtml(row: ScanRow, index: number): Html {
  const { migration, history, line, stall, lock, worst, findings } = row;
  const more = findings > 1 ? ` and ${counted(findings - 1, 'finding')} more` : '';
  return html`<tr>
    <td class="rank">${index + 1}</td>
    <td>
      <button data-row="${index}" title="Open at line ${line}">${migration}</button>
      <div class="note">${history}, line ${line}</div>
    </td>
    <td><span class="stall ${worst.severity}">${stall}</span></td>
    <td>
      ${lock === null ? [] : html`<div class="lock">${lock}</div>`}
      <div>${worst.what} <span class="note">${worst.rule}${more}</span></div>
    </td>
  </tr>`;
}

/** Colours are the editor's, in each of its themes. */
export const SCAN_CSS = `
body { font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); color: var(--vscode-foreground); padding: 0 1.5rem 2rem; line-height: 1.5; }
h1 { font-size: 1.5em; font-weight: 600; margin: 1.25rem 0 0.5rem; }
p { margin: 0.25rem 0; max-width: 50rem; }
.note { color: var(--vscode-descriptionForeground); }
table { border-collapse: collapse; width: 100%; margin-top: 1.25rem; }
th, td { text-align: left; vertical-align: top; padding: 0.6rem 1rem 0.6rem 0; border-bottom: 1px solid var(--vscode-contrastBorder, var(--vscode-panel-border)); }
th { font-weight: 600; color: var(--vscode-descriptionForeground); }
.rank { width: 2.5rem; text-align: right; color: var(--vscode-descriptionForeground); font-variant-numeric: tabular-nums; }
.lock { font-weight: 600; }
.stall { white-space: nowrap; }
td:nth-child(2) { min-width: 16rem; }
.stall.error { color: var(--vscode-editorError-foreground, var(--vscode-errorForeground)); }
.stall.warning { color: var(--vscode-editorWarning-foreground, inherit); }
button { font: inherit; color: var(--vscode-textLink-foreground); background: none; border: 0; padding: 0; cursor: pointer; text-align: left; overflow-wrap: break-word; }
button:hover { color: var(--vscode-textLink-activeForeground); text-decoration: underline; }
button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
nav { text-align: right; margin-top: 0.75rem; }
nav button { padding: 0.25rem 0.75rem; color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); border: 1px solid var(--vscode-button-border, transparent); }
nav button:hover { color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryHoverBackground); text-decoration: none; }
`;
