import { CodeAction, CodeActionKind, Range, Uri, workspace, WorkspaceEdit } from 'vscode';
import type { CancellationToken, CodeActionContext, CodeActionProvider, TextDocument } from 'vscode';
import { prismaFieldEdits } from '../../core/tools/prismaSchema.ts';
import type { WaiveRequest } from '../commands/waive.ts';
import { toDiagnostic, toPlace, toRange } from '../diagnostics/findingStore.ts';
import { concernsUs } from '../documentSync.ts';
import type { DocumentSync } from '../documentSync.ts';
import type { EngineClient } from '../engine/client.ts';
import type { EditorFinding, EditorFix } from '../engine/protocol.ts';
import { surfaceIsOn } from '../settings.ts';

/** A fix on its way to be applied, with what its edit is made from. */
class FixAction extends CodeAction {
  readonly document: TextDocument;
  readonly fix: EditorFix;

  constructor(document: TextDocument, fix: EditorFix) {
    super(fix.title, CodeActionKind.QuickFix);
    this.document = document;
    this.fix = fix;
  }
}

/** Quick fixes, which the engine makes when they are asked for. A fix that takes several files is one edit of the workspace, all or nothing. */
export class FixProvider implements CodeActionProvider {
  static readonly kinds = [CodeActionKind.QuickFix];
  readonly #documents: DocumentSync;
  readonly #engine: EngineClient;

  constructor(documents: DocumentSync, engine: EngineClient) {
    this.#documents = documents;
    this.#engine = engine;
  }

  async provideCodeActions(
    document: TextDocument,
    range: Range,
    _context: CodeActionContext,
    token: CancellationToken,
  ): Promise<CodeAction[]> {
    if (!surfaceIsOn('quickFixes', document.uri) || !concernsUs(document)) return [];
    const { version } = document;
    await this.#documents.settled(document);
    // Edits are exact for the text that they were made for, and for no other.
    if (document.version !== version) return [];
    const asked = { path: document.uri.fsPath, version, place: toPlace(range) };
    const here = await this.#engine.call('fixes', asked, { token });
    if (document.version !== version) return [];
    return [
      ...here.flatMap(({ finding, fixes }) => fixes.map((fix, index) => action(document, finding, fix, index === 0))),
      // Behind all safe forms.
      ...here.flatMap(({ finding }) => waiveAction(document, finding) ?? []),
    ];
  }

  /**
   * Prisma's schema is looked up only for the fix that is applied: the edit has to be exact for its text then. The editor
   * asks for this only where an action came without its edit.
   */
  async resolveCodeAction(action: CodeAction, token: CancellationToken): Promise<CodeAction> {
    if (!(action instanceof FixAction)) return action;
    const { document, fix } = action;
    const edit = editOf(document, fix);
    const paths = await this.#engine.call('schemaFiles', { path: document.uri.fsPath }, { token });
    const schemas = await Promise.all(paths.map((path) => workspace.openTextDocument(Uri.file(path))));
    for (const field of fix.schemaFields) {
      for (const schema of schemas) {
        for (const { start, end, newText } of prismaFieldEdits(schema.getText(), field) ?? [])
          edit.replace(schema.uri, new Range(schema.positionAt(start), schema.positionAt(end)), newText);
      }
    }
    action.edit = edit;
    return action;
  }
}

function editOf(document: TextDocument, fix: EditorFix): WorkspaceEdit {
  const edit = new WorkspaceEdit();
  for (const { place, newText } of fix.edits) edit.replace(document.uri, toRange(place), newText);
  for (const { path, text } of fix.newFiles) {
    const contents = new TextEncoder().encode(text);
    edit.createFile(Uri.file(path), { ignoreIfExists: false, overwrite: false, contents });
  }
  return edit;
}

function action(document: TextDocument, finding: EditorFinding, fix: EditorFix, preferred: boolean): FixAction {
  const made = new FixAction(document, fix);
  made.diagnostics = [toDiagnostic(finding)];
  made.isPreferred = preferred;
  if (fix.schemaFields.length === 0) made.edit = editOf(document, fix);
  if (fix.steps.length > 0) {
    const files = fix.newFiles.map(({ path }) => path);
    made.command = {
      title: 'Show the steps',
      command: 'lockkeeper.showFixSteps',
      arguments: [{ title: fix.title, steps: fix.steps, files }],
    };
  }
  return made;
}

/** Accepts the finding with a reason, where its migration may be edited. */
function waiveAction(document: TextDocument, { rule, waiveAt, ...finding }: EditorFinding): CodeAction | null {
  if (waiveAt === null) return null;
  const made = new CodeAction(`Accept ${rule} here, with a reason…`, CodeActionKind.QuickFix);
  made.diagnostics = [toDiagnostic({ rule, waiveAt, ...finding })];
  const request: WaiveRequest = {
    path: document.uri.fsPath,
    version: document.version,
    rule,
    line: waiveAt.startLine,
    column: waiveAt.startColumn,
  };
  made.command = { title: made.title, command: 'lockkeeper.waive', arguments: [request] };
  return made;
}
