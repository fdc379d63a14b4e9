import type { TreeItem } from 'vscode';

/** One row of the sidebar's tree. */
export interface Row {
  /** Unique in the tree and stable, so that what is open stays open. */
  readonly id: string;
  readonly parent: Row | null;
  readonly item: () => TreeItem;
  readonly children: () => Promise<readonly Row[]> | readonly Row[];
}

/** A row that stands for a migration, or belongs to one: what commands from its menu are about. */
export interface MigrationTarget {
  readonly folder: string;
  readonly history: string;
  readonly migration: string;
}
