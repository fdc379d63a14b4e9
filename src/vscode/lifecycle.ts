import type { Disposable } from 'vscode';

/**
 * An owner of things that must be let go. All that has a lifetime goes through `_register`; what is registered after
 * disposal is disposed at once, so that nothing that came late from a promise is left behind.
 */
export abstract class Owner implements Disposable {
  readonly #owned = new Set<Disposable>();
  #disposed = false;

  get disposed(): boolean {
    return this.#disposed;
  }

  protected _register<T extends Disposable>(thing: T): T {
    if (this.#disposed) thing.dispose();
    else this.#owned.add(thing);
    return thing;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const thing of this.#owned) thing.dispose();
    this.#owned.clear();
  }
}
