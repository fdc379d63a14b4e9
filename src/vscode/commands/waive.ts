import { CancellationError, EndOfLine, Position, Uri, window, workspace, WorkspaceEdit } from 'vscode';
import type { TextDocument } from 'vscode';
import { CommandError } from '../errors.ts';
import type { Services } from '../services.ts';

/** A finding that a person wants to accept. */
export interface WaiveRequest {
  readonly path: string;
  /** Of the text that the place is exact for. */
  readonly version: number;
  readonly rule: string;
  /** Where the statement begins, from 0. */
  readonly line: number;
  readonly column: number;
}

/** Writes a waiver above the statement, with the reason that the person gives. Without one nothing is written. */
export async function waive(_services: Services, argument: unknown): Promise<void> {
  if (!isWaiveRequest(argument)) throw new CommandError('The quick fix of a finding calls this.');
  const reason = await window.showInputBox({
    title: `Accept ${argument.rule} here`,
    prompt: 'Why may it stay? Reviewers read this in the migration. It is no longer reported for this statement.',
    placeHolder: 'the table is empty in production',
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'A reason is demanded.' : null),
  });
  if (reason === undefined) throw new CancellationError();
  const document = await workspace.openTextDocument(Uri.file(argument.path));
  if (document.version !== argument.version)
    throw new CommandError('The text was changed meanwhile. Choose the quick fix again.');
  const edit = new WorkspaceEdit();
  const { at, text } = insertion(document, argument, reason.trim().replaceAll(/\s+/g, ' '));
  edit.insert(document.uri, at, text);
  await workspace.applyEdit(edit);
}

/** The comment on a line of its own before the statement, also where another statement stands before it on its line. */
function insertion(document: TextDocument, { rule, line, column }: WaiveRequest, reason: string) {
  const end = document.eol === EndOfLine.CRLF ? '\r\n' : '\n';
  const before = document.lineAt(line).text.slice(0, column);
  const isFirst = before.trim() === '';
  const comment = `-- lockkeeper-ignore ${rule}: ${reason}`;
  return isFirst
    ? { at: new Position(line, 0), text: `${before}${comment}${end}` }
    : { at: new Position(line, column), text: `${end}${comment}${end}` };
}

function isWaiveRequest(value: unknown): value is WaiveRequest {
  if (typeof value !== 'object' || value === null) return false;
  const { path, version, rule, line, column } = value as Record<string, unknown>;
  return (
    typeof path === 'string' &&
    typeof rule === 'string' &&
    [version, line, column].every((one) => Number.isInteger(one))
  );
}
