import type { MigrationKey, ReportDocument } from '../engine/protocol.ts';
import { webviewPage } from '../webviewPage.ts';

/** The report as the panel's page. */
export function reportPage({ key, title, html, css, runs, compared }: ReportDocument): string {
  const compare =
    runs < 2 ? '' : compared ? button('report', 'Hide Comparison') : button('compare', 'Compare with Last Run');
  const buttons = `<nav class="lockkeeper-actions" aria-label="Actions">${[button('open', 'Open Migration'), button('profile', 'Profile Again'), compare, button('export', 'Export…')].join(' ')}</nav>`;
  return page(title, `${buttons}${html}`, css, key);
}

function button(message: string, label: string): string {
  return `<button data-message="${message}">${label}</button>`;
}

/** For a panel whose report is gone: its evidence was removed from this machine. */
export function missingReportPage(key: MigrationKey): string {
  const text = `<p>No staging report of ${escape(key.migration)} is kept on this machine any more.</p><button data-message="profile">Profile on Staging</button>`;
  return page('Staging report', text, '', key);
}

function page(title: string, body: string, css: string, key: MigrationKey): string {
  return webviewPage({ title, body, css: `${css}${PANEL_CSS}`, script: SCRIPT, state: key });
}

const SCRIPT = `
for (const button of document.querySelectorAll('button[data-message]'))
  button.addEventListener('click', () => vscode.postMessage(button.dataset.message));
for (const button of document.querySelectorAll('button[data-line]'))
  button.addEventListener('click', () => vscode.postMessage({ line: Number(button.dataset.line) }));
`;

const PANEL_CSS = `
.lockkeeper-actions { margin: 0.75rem 1.5rem 0; display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 0.4rem; }
button[data-message] { font: inherit; padding: 0.25rem 0.75rem; border: 1px solid var(--vscode-button-border, transparent);
  color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); cursor: pointer; }
button[data-message]:hover { background: var(--vscode-button-secondaryHoverBackground); }
button[data-message]:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
`;

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
