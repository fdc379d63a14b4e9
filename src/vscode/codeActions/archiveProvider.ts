import { CodeAction, CodeActionKind, WorkspaceEdit } from 'vscode';
import type { CodeActionProvider, Range, TextDocument } from 'vscode';
import { toRange } from '../diagnostics/findingStore.ts';
import { concernsUs } from '../documentSync.ts';
import type { DocumentSync } from '../documentSync.ts';
import type { EngineClient } from '../engine/client.ts';
import type { MigrationSummary } from '../engine/protocol.ts';

/** Days until what was kept may be dropped. */
const KEPT_DAYS = 90;

/** On a destructive statement of a new migration: keep the rows in `lockkeeper_archive` first. */
export class ArchiveProvider implements CodeActionProvider {
  static readonly kinds = [CodeActionKind.RefactorRewrite];
  readonly #documents: DocumentSync;
  readonly #engine: EngineClient;
  readonly #migrationOf: (path: string) => MigrationSummary | undefined;

  constructor(
    documents: DocumentSync,
    engine: EngineClient,
    migrationOf: (path: string) => MigrationSummary | undefined,
  ) {
    this.#documents = documents;
    this.#engine = engine;
    this.#migrationOf = migrationOf;
  }

  async provideCodeActions(document: TextDocument, range: Range): Promise<CodeAction[]> {
    if (!concernsUs(document)) return [];
    const migration = this.#migrationOf(document.uri.fsPath);
    if (migration?.isNew !== true) return [];
    const { version } = document;
    await this.#documents.settled(document);
    const dropAfter = new Date(Date.now() + KEPT_DAYS * 86_400_000).toISOString().slice(0, 10);
    const offers = await this.#engine.call('archive', { key: migration.key, dropAfter });
    // Places are those of the text that they were worked out for.
    if (document.version !== version) return [];
    return offers
      .filter(({ place }) => toRange(place).intersection(range) !== undefined)
      .map(({ title, insert, place }) => {
        const action = new CodeAction(title, CodeActionKind.RefactorRewrite);
        action.edit = new WorkspaceEdit();
        action.edit.insert(document.uri, toRange(place).start, insert);
        return action;
      });
  }
}
