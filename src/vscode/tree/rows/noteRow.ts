import { ThemeColor, ThemeIcon, TreeItem } from 'vscode';
import type { Command } from 'vscode';
import type { Row } from '../row.ts';

export interface Note {
  readonly kind: 'information' | 'problem' | 'restricted';
  readonly text: string;
  readonly detail?: string;
  /** What a click does about it. */
  readonly action?: Command;
}

const ICONS: Readonly<Record<Note['kind'], ThemeIcon>> = {
  information: new ThemeIcon('info'),
  problem: new ThemeIcon('error', new ThemeColor('list.errorForeground')),
  restricted: new ThemeIcon('shield', new ThemeColor('list.warningForeground')),
};

/** A row that says something about the tree itself: empty, failed, restricted; with what to do about it. */
export class NoteRow implements Row {
  readonly id: string;
  readonly parent: Row | null;
  readonly #note: Note;

  constructor(parent: Row | null, note: Note) {
    this.parent = parent;
    this.id = `${parent?.id ?? ''}/note:${note.text}`;
    this.#note = note;
  }

  item(): TreeItem {
    const { text, detail, action, kind } = this.#note;
    const item = new TreeItem(text);
    item.id = this.id;
    item.iconPath = ICONS[kind];
    item.tooltip = detail ?? text;
    item.contextValue = 'note';
    if (action !== undefined) {
      item.description = action.title;
      item.command = action;
      item.accessibilityInformation = { label: `${text}. ${action.title}` };
    }
    return item;
  }

  children(): readonly Row[] {
    return [];
  }
}
