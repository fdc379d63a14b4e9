import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Lockkeeper } from '../../../../src/vscode/extension.ts';

/** The running extension. */
export async function lockkeeper(): Promise<Lockkeeper> {
  const extension = vscode.extensions.getExtension<Lockkeeper | null>('lockkeeper.lockkeeper');
  assert.ok(extension, 'the extension is not installed');
  const api = await extension.activate();
  assert.ok(api, 'the extension did not start');
  await api.ready;
  return api;
}

/** A file of the workspace's first folder. */
export function inFolder(path: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder);
  return vscode.Uri.joinPath(folder.uri, path);
}

/** Opens a file; settles when it is shown. */
export async function open(path: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(inFolder(path)));
}

/** The file as it lies on disk again. */
export async function revert(path: string): Promise<void> {
  await open(path);
  await vscode.commands.executeCommand('workbench.action.files.revert');
}

/** Settles when `condition` holds: asked at once and after each change of diagnostics. The test's time-out ends it. */
export function untilDiagnostics(
  uri: vscode.Uri,
  condition: (diagnostics: readonly vscode.Diagnostic[]) => boolean,
): Promise<readonly vscode.Diagnostic[]> {
  const own = () => vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'lockkeeper');
  return new Promise((resolve) => {
    const ask = () => {
      const diagnostics = own();
      if (!condition(diagnostics)) return;
      listener.dispose();
      resolve(diagnostics);
    };
    const listener = vscode.languages.onDidChangeDiagnostics(ask);
    ask();
  });
}

/** Replaces a part of the document as typing would. */
export async function replace(editor: vscode.TextEditor, old: string, text: string): Promise<void> {
  const { document } = editor;
  const start = document.getText().indexOf(old);
  assert.notEqual(start, -1, `"${old}" is not in the document`);
  const range = new vscode.Range(document.positionAt(start), document.positionAt(start + old.length));
  assert.ok(
    await editor.edit((edit) => {
      edit.replace(range, text);
    }),
  );
}

/** The hovers at the first place of `text`, as markdown. */
export async function hoverAt(document: vscode.TextDocument, text: string): Promise<string> {
  const position = document.positionAt(document.getText().indexOf(text));
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    document.uri,
    position,
  );
  return hovers
    .flatMap(({ contents }) => contents.map((one) => (one instanceof vscode.MarkdownString ? one.value : '')))
    .join('\n');
}

/** The text that a diagnostic underlines. */
export function underlined(document: vscode.TextDocument, diagnostic: vscode.Diagnostic): string {
  return document.getText(diagnostic.range);
}

/** A diagnostic's rule id. */
export function ruleOf({ code }: vscode.Diagnostic): string {
  return typeof code === 'object' ? String(code.value) : String(code);
}
