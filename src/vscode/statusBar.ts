import { StatusBarAlignment, window } from 'vscode';
import type { TextEditor } from 'vscode';
import type { HistorySummary } from './engine/protocol.ts';
import { Owner } from './lifecycle.ts';
import { onDidChangeSurface, surfaceIsOn } from './settings.ts';
import type { WorkspaceModel } from './workspaceModel.ts';

/** One item: "Prisma 7.1 · 12 migrations · 2 new · PostgreSQL 16 assumed", of the history that the editor shows. */
export class StatusBar extends Owner {
  readonly #model: WorkspaceModel;
  readonly #item = this._register(window.createStatusBarItem('lockkeeper.history', StatusBarAlignment.Left, 50));

  constructor(model: WorkspaceModel) {
    super();
    this.#model = model;
    this.#item.name = 'Lockkeeper';
    this.#item.command = 'lockkeeper.migrations.focus';
    const show = () => {
      this.#show(window.activeTextEditor);
    };
    this._register(model.onDidChange(show));
    this._register(window.onDidChangeActiveTextEditor(show));
    this._register(onDidChangeSurface(show));
  }

  #show(editor: TextEditor | undefined): void {
    const history = this.#historyOf(editor?.document.uri.fsPath ?? null);
    if (history === undefined || !surfaceIsOn('statusBar')) {
      this.#item.hide();
      return;
    }
    const fresh = history.migrations.filter(({ isNew }) => isNew).length;
    const server = history.dialect === 'mysql' ? 'MySQL' : `PostgreSQL ${String(history.major)}`;
    const parts = [
      history.label,
      `${String(history.migrations.length)} migration${history.migrations.length === 1 ? '' : 's'}`,
      `${String(fresh)} new`,
      history.majorAssumed ? `${server} assumed` : server,
    ];
    this.#item.text = parts.join(' · ');
    this.#item.tooltip = `Lockkeeper: history ${history.id}. Click to show its migrations.`;
    this.#item.accessibilityInformation = { label: `Lockkeeper: ${parts.join(', ')}` };
    this.#item.show();
  }

  #historyOf(path: string | null): HistorySummary | undefined {
    const { histories } = this.#model;
    const shown = path === null ? undefined : this.#model.migrationOf(path);
    if (shown === undefined) return histories.length === 1 ? histories[0] : undefined;
    return this.#model.history(shown.key);
  }
}
