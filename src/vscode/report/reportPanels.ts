import { commands, ViewColumn, window } from 'vscode';
import type { WebviewPanel } from 'vscode';
import type { EngineClient } from '../engine/client.ts';
import type { MigrationKey, ReportDocument } from '../engine/protocol.ts';
import { Owner } from '../lifecycle.ts';
import type { WorkspaceModel } from '../workspaceModel.ts';
import { missingReportPage, reportPage } from './reportPage.ts';

const VIEW_TYPE = 'lockkeeper.report';

/** What the page's buttons say, and what they mean. */
const COMMANDS: ReadonlyMap<string, string> = new Map([
  ['open', 'lockkeeper.openMigration'],
  ['profile', 'lockkeeper.profile'],
  ['report', 'lockkeeper.openReport'],
  ['compare', 'lockkeeper.compareWithLastRun'],
  ['export', 'lockkeeper.exportReport'],
]);

/** Panels with staging reports, one a migration; open ones come back after a reload. */
export class ReportPanels extends Owner {
  readonly #engine: EngineClient;
  readonly #panels = new Map<string, WebviewPanel>();

  constructor(engine: EngineClient, workspace: WorkspaceModel) {
    super();
    this.#engine = engine;
    this._register(
      window.registerWebviewPanelSerializer(VIEW_TYPE, {
        deserializeWebviewPanel: async (panel, state: unknown) => {
          const key = keyFrom(state);
          if (key === null) {
            panel.dispose();
            return;
          }
          this.#adopt(panel, key);
          await workspace.ready;
          const report = await this.#engine.call('report', { key }).catch(() => null);
          panel.webview.html = report === null ? missingReportPage(key) : reportPage(report);
        },
      }),
    );
  }

  show(report: ReportDocument): void {
    const id = panelId(report.key);
    let panel = this.#panels.get(id);
    if (panel === undefined) {
      const place = { viewColumn: ViewColumn.Beside, preserveFocus: true };
      panel = window.createWebviewPanel(VIEW_TYPE, report.title, place, { enableFindWidget: true });
      this.#adopt(panel, report.key);
    }
    panel.title = report.title;
    panel.webview.html = reportPage(report);
    panel.reveal(undefined, true);
  }

  #adopt(panel: WebviewPanel, key: MigrationKey): void {
    const id = panelId(key);
    this.#panels.set(id, panel);
    // Scripts: ours alone, let in by a nonce; they keep the state and pass clicks on. No files of the workspace.
    panel.webview.options = { enableScripts: true, localResourceRoots: [] };
    const listener = panel.webview.onDidReceiveMessage((message: unknown) => {
      const command = typeof message === 'string' ? COMMANDS.get(message) : undefined;
      if (command !== undefined) void commands.executeCommand(command, { target: key });
      const line = typeof message === 'object' && message !== null && 'line' in message ? Number(message.line) : NaN;
      if (Number.isInteger(line)) void commands.executeCommand('lockkeeper.openMigration', { target: key, line });
    });
    panel.onDidDispose(() => {
      listener.dispose();
      this.#panels.delete(id);
    });
    this._register(panel);
  }
}

function panelId({ folder, history, migration }: MigrationKey): string {
  return JSON.stringify([folder, history, migration]);
}

/** The panel's stored state is input from outside: taken only in the form that was stored. */
function keyFrom(state: unknown): MigrationKey | null {
  if (typeof state !== 'object' || state === null) return null;
  const { folder, history, migration } = state as Record<string, unknown>;
  if (typeof folder !== 'string' || typeof history !== 'string' || typeof migration !== 'string') return null;
  return { folder, history, migration };
}
