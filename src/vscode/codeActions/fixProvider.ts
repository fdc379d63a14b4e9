import { CodeAction, CodeActionKind, Uri, WorkspaceEdit } from 'vscode';
import type { CodeActionProvider, Range, TextDocument } from 'vscode';
import { toDiagnostic, toRange } from '../diagnostics/findingStore.ts';
import type { FindingStore } from '../diagnostics/findingStore.ts';
import { concernsUs } from '../documentSync.ts';
import type { DocumentSync } from '../documentSync.ts';
import type { EditorFinding, EditorFix } from '../engine/protocol.ts';
import { surfaceIsOn } from '../settings.ts';

/** Quick fixes: those that the findings carry. */
export class FixProvider implements CodeActionProvider {
  static readonly kinds = [CodeActionKind.QuickFix];
  readonly #findings: FindingStore;
  readonly #documents: DocumentSync;

  constructor(findings: FindingStore, documents: DocumentSync) {
    this.#findings = findings;
    this.#documents = documents;
  }

  async provideCodeActions(document: TextDocument, range: Range): Promise<CodeAction[]> {
    if (!surfaceIsOn('quickFixes', document.uri) || !concernsUs(document)) return [];
    const { version } = document;
    await this.#documents.settled(document);
    // Edits are exact for the text that they were made for, and for no other.
    if (document.version !== version) return [];
    return this.#findings
      .of(document.uri.fsPath)
      .filter(({ place }) => toRange(place).intersection(range) !== undefined)
      .flatMap((finding) => finding.fixes.map((fix, index) => action(document, finding, fix, index === 0)));
  }
}

function action(document: TextDocument, finding: EditorFinding, fix: EditorFix, preferred: boolean): CodeAction {
  const made = new CodeAction(fix.title, CodeActionKind.QuickFix);
  made.diagnostics = [toDiagnostic(finding)];
  made.isPreferred = preferred;
  made.edit = new WorkspaceEdit();
  for (const { place, newText } of fix.edits) made.edit.replace(document.uri, toRange(place), newText);
  for (const { path, text } of fix.newFiles) {
    made.edit.createFile(Uri.file(path), {
      ignoreIfExists: false,
      overwrite: false,
      contents: new TextEncoder().encode(text),
    });
  }
  return made;
}
