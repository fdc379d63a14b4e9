import { ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import type { EngineClient } from '../../engine/client.ts';
import type { MigrationSummary } from '../../engine/protocol.ts';
import type { Row } from '../row.ts';
import { MigrationRow } from './migrationRow.ts';

/** The history's migrations that are applied or on the default branch, newest first. */
export class EarlierRow implements Row {
  readonly id: string;
  readonly parent: Row;
  readonly #migrations: readonly MigrationSummary[];
  readonly #engine: EngineClient;

  constructor(parent: Row, migrations: readonly MigrationSummary[], engine: EngineClient) {
    this.parent = parent;
    this.id = `${parent.id}/earlier`;
    this.#migrations = migrations;
    this.#engine = engine;
  }

  item(): TreeItem {
    const item = new TreeItem('Earlier Migrations', TreeItemCollapsibleState.Collapsed);
    item.id = this.id;
    item.description = String(this.#migrations.length);
    item.iconPath = new ThemeIcon('history');
    item.tooltip =
      'On the default branch or applied. They are read so that new ones are judged rightly, and not linted.';
    item.contextValue = 'earlier';
    item.accessibilityInformation = { label: `${String(this.#migrations.length)} earlier migrations` };
    return item;
  }

  children(): readonly Row[] {
    return this.#migrations.toReversed().map((migration) => new MigrationRow(this, migration, this.#engine));
  }
}
