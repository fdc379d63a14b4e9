import type { AlterTableCmd } from '@pgsql/types';
import type { Statement } from '../../sql/statement.ts';
import { nodeAs } from '../../sql/tree.ts';
import { tokensOf } from './tokens.ts';
import type { Token } from './tokens.ts';

/** One command of an ALTER TABLE: `ADD CONSTRAINT …`, with its place in the file. */
export interface AlterTablePart {
  readonly command: AlterTableCmd;
  readonly tokens: readonly Token[];
  /** UTF-16 range in the file, without the commas around it. */
  readonly start: number;
  readonly end: number;
}

export interface AlterTableText {
  /** The table as written, with IF EXISTS and ONLY: what stands between ALTER TABLE and the first command. */
  readonly target: string;
  readonly parts: readonly AlterTablePart[];
}

/** Cuts an ALTER TABLE into its commands; null where text and tree do not agree, so that no edit goes astray. */
export function alterTableText(statement: Statement): AlterTableText | null {
  const commands = nodeAs(statement.tree, 'AlterTableStmt')?.cmds ?? [];
  const tokens = tokensOf(statement.text);
  const first = firstCommand(tokens);
  const head = tokens[1];
  if (commands.length === 0 || first === null || head?.text !== 'table') return null;
  const groups: Token[][] = [[]];
  for (const token of tokens.slice(first)) {
    if (token.kind === 'other' && token.text === ',' && token.depth === 0) groups.push([]);
    else groups.at(-1)?.push(token);
  }
  if (groups.length !== commands.length) return null;
  const parts: AlterTablePart[] = [];
  for (const [index, group] of groups.entries()) {
    const command = nodeAs(commands[index], 'AlterTableCmd');
    const start = group[0]?.start;
    const end = group.at(-1)?.end;
    if (!command || start === undefined || end === undefined) return null;
    parts.push({ command, tokens: group, start: statement.start + start, end: statement.start + end });
  }
  return { target: targetText(statement.text, tokens.slice(2, first)), parts };
}

/** The tokens as written, comments left out. */
function targetText(text: string, tokens: readonly Token[]): string {
  let written = '';
  for (const [index, { start, end, text: token }] of tokens.entries()) {
    const joins = index === 0 || token === '.' || tokens[index - 1]?.text === '.';
    written += `${joins ? '' : ' '}${text.slice(start, end)}`;
  }
  return written;
}

/** The index of the first token after `ALTER TABLE [IF EXISTS] [ONLY] name [*]`. */
function firstCommand(tokens: readonly Token[]): number | null {
  let at = 2;
  if (tokens[at]?.text === 'if' && tokens[at + 1]?.text === 'exists') at += 2;
  if (tokens[at]?.kind === 'word' && tokens[at]?.text === 'only') at += 1;
  at += 1;
  while (tokens[at]?.text === '.') at += 2;
  if (tokens[at]?.text === '*') at += 1;
  return at < tokens.length ? at : null;
}
