import { MarkdownString, Range, ThemeColor, window } from 'vscode';
import type { DecorationOptions, TextEditor } from 'vscode';
import { concernsUs, type DocumentSync } from '../documentSync.ts';
import type { EngineClient } from '../engine/client.ts';
import type { MeasuredPlace } from '../engine/protocol.ts';
import { Owner } from '../lifecycle.ts';
import { onDidChangeSurface, surfaceIsOn } from '../settings.ts';
import type { WorkspaceModel } from '../workspaceModel.ts';

/** What was measured of each statement, at its end: "0.81 s, others waited 1.1 s". Of an earlier text: paler, and said so. */
export class MeasurementLabels extends Owner {
  readonly #engine: EngineClient;
  readonly #workspace: WorkspaceModel;
  readonly #fresh = this._register(
    window.createTextEditorDecorationType({
      after: { margin: '0 0 0 2em', color: new ThemeColor('editorCodeLens.foreground'), fontStyle: 'italic' },
    }),
  );
  readonly #stale = this._register(
    window.createTextEditorDecorationType({
      after: { margin: '0 0 0 2em', color: new ThemeColor('disabledForeground'), fontStyle: 'italic' },
    }),
  );
  /** The newest question per editor: an older answer is dropped. */
  readonly #asked = new WeakMap<TextEditor, number>();

  constructor(engine: EngineClient, documents: DocumentSync, workspace: WorkspaceModel) {
    super();
    this.#engine = engine;
    this.#workspace = workspace;
    const showAll = (): void => {
      this.#showAll();
    };
    this._register(window.onDidChangeVisibleTextEditors(showAll));
    this._register(workspace.onDidChange(showAll));
    this._register(onDidChangeSurface(showAll));
    this._register(
      documents.onDidPublish(({ path }) => {
        for (const editor of window.visibleTextEditors)
          if (editor.document.uri.fsPath === path) void this.#show(editor);
      }),
    );
    this.#showAll();
  }

  #showAll(): void {
    for (const editor of window.visibleTextEditors) void this.#show(editor);
  }

  async #show(editor: TextEditor): Promise<void> {
    const { document } = editor;
    if (!concernsUs(document)) return;
    const asked = (this.#asked.get(editor) ?? 0) + 1;
    this.#asked.set(editor, asked);
    const migration = this.#workspace.migrationOf(document.uri.fsPath);
    const wanted = migration !== undefined && surfaceIsOn('measurements', document.uri);
    const places = wanted
      ? await this.#engine.call('measurements', { key: migration.key }).catch((): readonly MeasuredPlace[] => [])
      : [];
    if (this.disposed || this.#asked.get(editor) !== asked) return;
    editor.setDecorations(this.#fresh, places.filter(({ stale }) => !stale).map(decoration));
    editor.setDecorations(this.#stale, places.filter(({ stale }) => stale).map(decoration));
  }
}

function decoration({ place, label, detail }: MeasuredPlace): DecorationOptions {
  const end = new Range(place.endLine, place.endColumn, place.endLine, place.endColumn);
  return {
    range: end,
    hoverMessage: new MarkdownString().appendText(detail),
    // The closing `;` stands after the statement's end.
    renderOptions: { after: { contentText: label } },
  };
}
