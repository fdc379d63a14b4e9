import { EventEmitter, InlayHint, workspace } from 'vscode';
import type { CancellationToken, InlayHintsProvider, Range, TextDocument } from 'vscode';
import { toRange } from '../diagnostics/findingStore.ts';
import { concernsUs } from '../documentSync.ts';
import type { DocumentSync } from '../documentSync.ts';
import type { EngineClient } from '../engine/client.ts';
import { Owner } from '../lifecycle.ts';
import { onDidChangeSurface, surfaceIsOn } from '../settings.ts';
import type { WorkspaceModel } from '../workspaceModel.ts';

/** Behind each statement that locks an existing table: the lock, and who waits. Off unless switched on. */
export class ImpactHints extends Owner implements InlayHintsProvider {
  readonly #engine: EngineClient;
  readonly #documents: DocumentSync;
  readonly #changed = this._register(new EventEmitter<void>());

  readonly onDidChangeInlayHints = this.#changed.event;

  constructor(engine: EngineClient, documents: DocumentSync, model: WorkspaceModel) {
    super();
    this.#engine = engine;
    this.#documents = documents;
    const changed = () => {
      if (workspace.textDocuments.some((document) => surfaceIsOn('inlayHints', document.uri))) this.#changed.fire();
    };
    this._register(documents.onDidPublish(changed));
    this._register(model.onDidChange(changed));
    this._register(
      onDidChangeSurface(() => {
        this.#changed.fire();
      }),
    );
  }

  async provideInlayHints(document: TextDocument, range: Range, token: CancellationToken): Promise<InlayHint[]> {
    if (!surfaceIsOn('inlayHints', document.uri) || !concernsUs(document)) return [];
    await this.#documents.settled(document);
    const impact = await this.#engine.call('impact', { path: document.uri.fsPath, hints: true }, { token });
    return (impact?.hints ?? []).flatMap(({ place, text, tooltip }) => {
      const { end } = toRange(place);
      if (!range.contains(end)) return [];
      const hint = new InlayHint(end, text);
      hint.paddingLeft = true;
      hint.tooltip = tooltip;
      return hint;
    });
  }
}
