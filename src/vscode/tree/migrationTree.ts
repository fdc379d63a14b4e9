import { EventEmitter, Uri, window, workspace } from 'vscode';
import type { TreeDataProvider, TreeItem } from 'vscode';
import type { EngineClient } from '../engine/client.ts';
import { Owner } from '../lifecycle.ts';
import type { WorkspaceModel } from '../workspaceModel.ts';
import type { Row } from './row.ts';
import { HistoryRow } from './rows/historyRow.ts';
import { NoteRow } from './rows/noteRow.ts';

/** The sidebar's tree: histories, their migrations, and each migration's stages. No rows at all: the welcome view shows. */
export class MigrationTree extends Owner implements TreeDataProvider<Row> {
  readonly #model: WorkspaceModel;
  readonly #engine: EngineClient;
  readonly #changed = this._register(new EventEmitter<undefined>());

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(model: WorkspaceModel, engine: EngineClient) {
    super();
    this.#model = model;
    this.#engine = engine;
    this._register(
      model.onDidChange(() => {
        this.#changed.fire(undefined);
      }),
    );
    this._register(
      workspace.onDidGrantWorkspaceTrust(() => {
        this.#changed.fire(undefined);
      }),
    );
    this._register(window.createTreeView('lockkeeper.migrations', { treeDataProvider: this, showCollapseAll: true }));
  }

  getTreeItem(row: Row): TreeItem {
    return row.item();
  }

  getParent(row: Row): Row | null {
    return row.parent;
  }

  async getChildren(row?: Row): Promise<Row[]> {
    if (row !== undefined) return [...(await row.children())];
    await this.#model.ready;
    return this.#roots();
  }

  #roots(): Row[] {
    const { stopped, folders, histories } = this.#model;
    if (stopped !== null) {
      const action = { title: 'Start it again', command: 'lockkeeper.refresh' };
      return [new NoteRow(null, { kind: 'problem', text: `Lockkeeper stopped: ${stopped}`, action })];
    }
    const problems = folders.flatMap((folder) =>
      folder.problems.map(({ message, path }) => {
        const open = path === null ? null : { title: 'Open', command: 'vscode.open', arguments: [Uri.file(path)] };
        const action = open ?? { title: 'Try again', command: 'lockkeeper.refresh' };
        return new NoteRow(null, { kind: 'problem', text: message, action });
      }),
    );
    const rows = [...problems, ...histories.map((history) => new HistoryRow(history, this.#engine))];
    if (workspace.isTrusted || rows.length === 0) return rows;
    const restricted = new NoteRow(null, {
      kind: 'restricted',
      text: 'Restricted Mode: findings only',
      detail:
        'Lockkeeper reads migrations here, but starts no server, connects to none and records nothing until you trust this folder.',
      action: { title: 'Manage trust', command: 'workbench.trust.manage' },
    });
    return [restricted, ...rows];
  }
}
