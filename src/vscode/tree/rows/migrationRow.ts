import { TreeItem, TreeItemCollapsibleState, Uri } from 'vscode';
import type { EngineClient } from '../../engine/client.ts';
import type { MigrationKey, MigrationSummary, StatusLine } from '../../engine/protocol.ts';
import type { Row } from '../row.ts';
import { spokenState, stateIcon, worstState } from '../stateIcon.ts';
import { StatusRow } from './statusRow.ts';

/** A migration; below it one row a stage. */
export class MigrationRow implements Row {
  readonly id: string;
  readonly parent: Row;
  readonly target: MigrationKey;
  readonly #summary: MigrationSummary;
  readonly #engine: EngineClient;

  constructor(parent: Row, summary: MigrationSummary, engine: EngineClient) {
    this.parent = parent;
    this.target = summary.key;
    this.id = `${parent.id}/${summary.key.migration}`;
    this.#summary = summary;
    this.#engine = engine;
  }

  item(): TreeItem {
    const { key, isNew, path, status } = this.#summary;
    const item = new TreeItem(
      key.migration,
      isNew && status !== null ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed,
    );
    item.id = this.id;
    // No `resourceUri`: it would colour and badge the row by git and by findings, which the rows below say in words.
    item.contextValue = isNew ? 'migration.new' : 'migration.earlier';
    item.command = { title: 'Open the migration', command: 'lockkeeper.openMigration', arguments: [this] };
    item.tooltip = Uri.file(path).fsPath;
    if (status === null) {
      item.accessibilityInformation = { label: `Migration ${key.migration}${isNew ? '' : ', earlier'}` };
      return item;
    }
    const state = worstState(status.map((line) => line.state));
    item.iconPath = stateIcon(state);
    item.description = headline(status);
    item.accessibilityInformation = { label: `Migration ${key.migration}, ${spokenState(state)}: ${headline(status)}` };
    return item;
  }

  async children(): Promise<readonly Row[]> {
    const lines = this.#summary.status ?? (await this.#engine.call('status', { key: this.target }));
    return lines.map((line) => new StatusRow(this, this.target, line));
  }
}

/** What stands beside the migration's name: its findings. */
function headline(status: readonly StatusLine[]): string {
  return status.find(({ kind }) => kind === 'lint')?.text ?? '';
}
