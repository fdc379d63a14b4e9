import { EventEmitter, workspace } from 'vscode';
import type { TextDocument } from 'vscode';
import type { EngineClient } from './engine/client.ts';
import { Owner } from './lifecycle.ts';

/** The language ids that people and other extensions give to SQL files. */
export const LANGUAGES = ['sql', 'postgres', 'plpgsql', 'pgsql'] as const;

/** One text on its way to the engine. */
interface Sending {
  /** Settles when the newest text has been answered. */
  done: Promise<void>;
  /** A newer text came meanwhile. */
  again: boolean;
  /** When the newest text came. */
  changedAt: number;
}

/** One answered text change. */
export interface Publication {
  readonly path: string;
  readonly version: number;
  /** From the editor's change event, as the extension host delivered it, to published diagnostics. */
  readonly milliseconds: number;
}

/**
 * Tells the engine what is in the editors, saved or not. No timer: while the engine works on one text of a document,
 * newer ones wait, and only the newest of them is sent. So a fast answer is at once, and a slow one never piles up.
 */
export class DocumentSync extends Owner {
  readonly #engine: EngineClient;
  readonly #sending = new Map<string, Sending>();
  readonly #published = this._register(new EventEmitter<Publication>());

  /** A text was read, and its diagnostics are out. */
  readonly onDidPublish = this.#published.event;

  constructor(engine: EngineClient) {
    super();
    this.#engine = engine;
    this._register(
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && concernsUs(document)) this.#send(document);
      }),
    );
    // A change of the language id comes as close and open.
    this._register(
      workspace.onDidOpenTextDocument((document) => {
        if (concernsUs(document)) this.#send(document);
      }),
    );
    this._register(
      workspace.onDidCloseTextDocument((document) => {
        if (concernsUs(document))
          void this.#engine.call('closeText', { path: document.uri.fsPath }).catch(() => undefined);
      }),
    );
    this._register(
      engine.onRestarted(() => {
        this.sendAll();
      }),
    );
  }

  /** Sends all open documents. */
  sendAll(): void {
    for (const document of workspace.textDocuments) if (concernsUs(document)) this.#send(document);
  }

  /** Settles when the engine has read the document as it is now. */
  async settled(document: TextDocument): Promise<void> {
    await this.#sending.get(document.uri.fsPath)?.done;
  }

  #send(document: TextDocument): void {
    const path = document.uri.fsPath;
    const current = this.#sending.get(path);
    if (current !== undefined) {
      current.again = true;
      current.changedAt = performance.now();
      return;
    }
    const sending: Sending = { again: true, changedAt: performance.now(), done: Promise.resolve() };
    this.#sending.set(path, sending);
    sending.done = this.#sendUntilNewest(document, sending);
  }

  async #sendUntilNewest(document: TextDocument, sending: Sending): Promise<void> {
    const path = document.uri.fsPath;
    try {
      while (sending.again && !document.isClosed) {
        sending.again = false;
        const { changedAt } = sending;
        const version = document.version;
        await this.#engine.call('setText', { path, text: document.getText(), version });
        this.#published.fire({ path, version, milliseconds: performance.now() - changedAt });
      }
    } catch {
      // The engine stopped or was stopped; a new one is told everything again, and the tree says what happened.
    } finally {
      this.#sending.delete(path);
    }
  }
}

/** Files of ours: on this machine, and SQL by their language. */
export function concernsUs(document: TextDocument): boolean {
  return document.uri.scheme === 'file' && (LANGUAGES as readonly string[]).includes(document.languageId);
}
