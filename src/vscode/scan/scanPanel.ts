import { Range, Uri, ViewColumn, window } from 'vscode';
import type { LogOutputChannel, WebviewPanel } from 'vscode';
import { SCAN_CSS, scanBody } from '../../core/report/scanHtml.ts';
import type { ScanReport } from '../../core/report/scanReport.ts';
import type { EngineClient } from '../engine/client.ts';
import { showError } from '../errors.ts';
import { Owner } from '../lifecycle.ts';
import { webviewPage } from '../webviewPage.ts';
import type { WorkspaceModel } from '../workspaceModel.ts';

const VIEW_TYPE = 'lockkeeper.scan';
const TITLE = 'Scan History';
const ACTIONS = '<nav><button data-message="scan">Scan Again</button></nav>';
const SCRIPT = `
for (const button of document.querySelectorAll('button[data-row]'))
  button.addEventListener('click', () => vscode.postMessage({ row: Number(button.dataset.row) }));
for (const button of document.querySelectorAll('button[data-message]'))
  button.addEventListener('click', () => vscode.postMessage(button.dataset.message));
`;

/** One panel with the old migrations that would hurt most today. It comes back after a reload, scanned anew. */
export class ScanPanel extends Owner {
  readonly #engine: EngineClient;
  readonly #log: LogOutputChannel;
  #panel: WebviewPanel | null = null;
  #report: ScanReport | null = null;

  constructor(engine: EngineClient, workspace: WorkspaceModel, log: LogOutputChannel) {
    super();
    this.#engine = engine;
    this.#log = log;
    this._register(
      window.registerWebviewPanelSerializer(VIEW_TYPE, {
        deserializeWebviewPanel: async (panel) => {
          this.#adopt(panel);
          await workspace.ready;
          await this.show();
        },
      }),
    );
  }

  /** Scans, and shows what came out. @throws EngineError */
  async show(): Promise<void> {
    this.#report = await this.#engine.call('scan', null);
    if (this.#panel === null) {
      const panel = window.createWebviewPanel(VIEW_TYPE, TITLE, ViewColumn.Active, { enableFindWidget: true });
      this.#adopt(panel);
    }
    const body = `${ACTIONS}${scanBody(this.#report)}`;
    if (this.#panel === null) return;
    this.#panel.webview.html = webviewPage({ title: TITLE, body, css: SCAN_CSS, script: SCRIPT, state: {} });
    this.#panel.reveal();
  }

  #adopt(panel: WebviewPanel): void {
    this.#panel = panel;
    // Scripts: ours alone, let in by a nonce. No files of the workspace.
    panel.webview.options = { enableScripts: true, localResourceRoots: [] };
    const listener = panel.webview.onDidReceiveMessage((message: unknown) => {
      void this.#receive(message).catch((error: unknown) => showError(TITLE, error, this.#log));
    });
    panel.onDidDispose(() => {
      listener.dispose();
      if (this.#panel === panel) this.#panel = null;
    });
    this._register(panel);
  }

  async #receive(message: unknown): Promise<void> {
    if (message === 'scan') {
      await this.show();
      return;
    }
    const index = typeof message === 'object' && message !== null && 'row' in message ? message.row : null;
    const row = typeof index === 'number' ? this.#report?.rows[index] : undefined;
    if (row === undefined) return;
    const selection = new Range(row.line - 1, 0, row.line - 1, 0);
    await window.showTextDocument(Uri.file(row.path), { selection, viewColumn: ViewColumn.Beside });
  }
}
