import { Hover, MarkdownString } from 'vscode';
import type { CancellationToken, HoverProvider, Position, TextDocument } from 'vscode';
import { toRange } from '../diagnostics/findingStore.ts';
import { concernsUs } from '../documentSync.ts';
import type { DocumentSync } from '../documentSync.ts';
import type { EngineClient } from '../engine/client.ts';
import { surfaceIsOn } from '../settings.ts';

/** Lock impact of the statement under the cursor. */
export class LockImpactHover implements HoverProvider {
  readonly #engine: EngineClient;
  readonly #documents: DocumentSync;

  constructor(engine: EngineClient, documents: DocumentSync) {
    this.#engine = engine;
    this.#documents = documents;
  }

  async provideHover(document: TextDocument, position: Position, token: CancellationToken): Promise<Hover | null> {
    if (!surfaceIsOn('hover', document.uri) || !concernsUs(document)) return null;
    await this.#documents.settled(document);
    const at = { path: document.uri.fsPath, line: position.line, column: position.character };
    const hover = await this.#engine.call('hover', at, { token });
    if (hover === null) return null;
    return new Hover(new MarkdownString(hover.markdown), toRange(hover.place));
  }
}
