import { TreeItem } from 'vscode';
import type { MigrationKey, StatusKind, StatusLine } from '../../engine/protocol.ts';
import type { Row } from '../row.ts';
import { spokenState, stateIcon } from '../stateIcon.ts';

const TITLES: Readonly<Record<StatusKind, string>> = {
  lint: 'Lint',
  rollback: 'Rollback',
  staging: 'Staging',
  approvals: 'Approvals',
  integrity: 'Integrity',
  applied: 'Applied',
};

/** What a click on the row does. */
const ACTIONS: Readonly<Record<StatusKind, { readonly title: string; readonly command: string } | null>> = {
  lint: { title: 'Open the migration', command: 'lockkeeper.openMigration' },
  rollback: { title: 'Write the rollback', command: 'lockkeeper.writeRollback' },
  staging: { title: 'Open the staging report', command: 'lockkeeper.openReport' },
  approvals: null,
  integrity: null,
  applied: null,
};

/** One stage of one migration: lint, rollback, staging, approvals, integrity, applied. */
export class StatusRow implements Row {
  readonly id: string;
  readonly parent: Row;
  readonly target: MigrationKey;
  readonly #line: StatusLine;

  constructor(parent: Row, target: MigrationKey, line: StatusLine) {
    this.parent = parent;
    this.target = target;
    this.id = `${parent.id}/${line.kind}`;
    this.#line = line;
  }

  item(): TreeItem {
    const { kind, state, text } = this.#line;
    const item = new TreeItem(TITLES[kind]);
    item.id = this.id;
    item.description = text;
    item.tooltip = `${TITLES[kind]}: ${text}`;
    item.iconPath = stateIcon(state);
    item.contextValue = `status.${kind}`;
    item.accessibilityInformation = { label: `${TITLES[kind]}, ${spokenState(state)}: ${text}` };
    const action = ACTIONS[kind];
    if (action !== null) item.command = { ...action, arguments: [this] };
    return item;
  }

  children(): readonly Row[] {
    return [];
  }
}
