import { StatusBarAlignment, window } from 'vscode';
import type { Command, StatusBarItem } from 'vscode';
import type { HistorySummary } from './engine/protocol.ts';
import { Owner } from './lifecycle.ts';
import { onDidChangeSurface, surfaceIsOn } from './settings.ts';
import type { WorkspaceModel } from './workspaceModel.ts';

interface Part {
  readonly text: string;
  readonly tooltip: string;
  readonly command: Command;
}

/** The parts from left to right, and the name under which each can be hidden. */
const NAMES = [
  ['lockkeeper.tool', 'Lockkeeper: migration tool'],
  ['lockkeeper.migrations', 'Lockkeeper: migrations'],
  ['lockkeeper.new', 'Lockkeeper: new migrations'],
  ['lockkeeper.server', 'Lockkeeper: PostgreSQL version'],
] as const;

/**
 * "Prisma 7.10 · 163 migrations read · 2 new on this branch · PostgreSQL 16 assumed", of the history that the editor
 * shows. An item a part, side by side, since an item has one command.
 */
export class StatusBar extends Owner {
  readonly #model: WorkspaceModel;
  readonly #items: readonly StatusBarItem[];

  constructor(model: WorkspaceModel) {
    super();
    this.#model = model;
    // Next to each other: nothing of the editor's own stands between 49 and 50 (Problems have 50).
    this.#items = NAMES.map(([id, name], index) => {
      const item = this._register(window.createStatusBarItem(id, StatusBarAlignment.Left, 49.9 - index / 10));
      item.name = name;
      return item;
    });
    const show = () => {
      this.#show(this.#historyOf(window.activeTextEditor?.document.uri.fsPath ?? null));
    };
    this._register(model.onDidChange(show));
    this._register(window.onDidChangeActiveTextEditor(show));
    this._register(onDidChangeSurface(show));
  }

  #show(history: HistorySummary | undefined): void {
    const parts = history === undefined || !surfaceIsOn('statusBar') ? [] : partsOf(history);
    for (const [index, item] of this.#items.entries()) {
      const part = parts[index];
      if (part === undefined) {
        item.hide();
        continue;
      }
      item.text = index === 0 ? `$(lock) ${part.text}` : `· ${part.text}`;
      item.tooltip = part.tooltip;
      item.command = part.command;
      item.accessibilityInformation = { label: `Lockkeeper: ${part.text}`, role: 'button' };
      item.show();
    }
  }

  #historyOf(path: string | null): HistorySummary | undefined {
    const { histories } = this.#model;
    const shown = path === null ? undefined : this.#model.migrationOf(path);
    if (shown === undefined) return histories.length === 1 ? histories[0] : undefined;
    return this.#model.history(shown.key);
  }
}

function partsOf({ folder, id, label, migrations, major, majorAssumed, dialect }: HistorySummary): readonly Part[] {
  const fresh = migrations.filter(({ isNew }) => isNew).length;
  const target = { folder, history: id };
  const version = dialect === 'mysql' ? 'MySQL' : `PostgreSQL ${String(major)}`;
  return [
    {
      text: label,
      tooltip: `The migration tool of ${id}, recognised by its files. Click to show the history.`,
      command: { title: 'Show the history', command: 'lockkeeper.migrations.focus' },
    },
    {
      text: `${String(migrations.length)} migration${migrations.length === 1 ? '' : 's'} read`,
      tooltip: 'Click to choose one and open it.',
      command: { title: 'Go to Migration', command: 'lockkeeper.goToMigration', arguments: [{ target }] },
    },
    {
      text: `${String(fresh)} new on this branch`,
      tooltip: 'Not on the default branch and not applied: only these are linted. Click to choose one and open it.',
      command: { title: 'Go to Migration', command: 'lockkeeper.goToMigration', arguments: [{ target, fresh: true }] },
    },
    {
      text: dialect !== 'mysql' && majorAssumed ? `${version} assumed` : version,
      tooltip: majorAssumed
        ? 'No version is configured, so this one is assumed. Click to set "postgresVersion" in lockkeeper.jsonc.'
        : 'From lockkeeper.jsonc. Click to open it.',
      command: { title: 'Open lockkeeper.jsonc', command: 'lockkeeper.openConfiguration', arguments: [{ target }] },
    },
  ];
}
