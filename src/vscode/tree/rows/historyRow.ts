import { ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import type { EngineClient } from '../../engine/client.ts';
import type { HistorySummary } from '../../engine/protocol.ts';
import type { Row } from '../row.ts';
import { EarlierRow } from './earlierRow.ts';
import { MigrationRow } from './migrationRow.ts';
import { NoteRow } from './noteRow.ts';

/** One history: its tool and folder; below it this branch's migrations, then the earlier ones. */
export class HistoryRow implements Row {
  readonly id: string;
  readonly parent = null;
  readonly #history: HistorySummary;
  readonly #engine: EngineClient;

  constructor(history: HistorySummary, engine: EngineClient) {
    this.#history = history;
    this.#engine = engine;
    this.id = `${history.folder}/${history.id}`;
  }

  get target(): { readonly folder: string; readonly history: string } {
    return { folder: this.#history.folder, history: this.#history.id };
  }

  item(): TreeItem {
    const { id, label, migrations, root } = this.#history;
    const item = new TreeItem(id, TreeItemCollapsibleState.Expanded);
    item.id = this.id;
    item.description = `${label}, ${plural(migrations.length, 'migration')}`;
    item.iconPath = new ThemeIcon('database');
    item.tooltip = `${label} history in ${root}`;
    item.contextValue = 'history';
    item.accessibilityInformation = { label: `History ${id}, ${item.description}` };
    return item;
  }

  children(): readonly Row[] {
    const { migrations, ignored } = this.#history;
    const fresh = migrations.filter(({ isNew }) => isNew);
    const earlier = migrations.filter(({ isNew }) => !isNew);
    return [
      ...(fresh.length === 0
        ? [new NoteRow(this, { kind: 'information', text: 'No new migrations on this branch' })]
        : fresh.map((migration) => new MigrationRow(this, migration, this.#engine))),
      ...(earlier.length > 0 ? [new EarlierRow(this, earlier, this.#engine)] : []),
      ...ignored.map(
        ({ path, reason }) => new NoteRow(this, { kind: 'information', text: path, detail: `Not read: ${reason}` }),
      ),
    ];
  }
}

function plural(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}
