import type { Map as ImmutableMap } from 'immutable';
import type { NameKey } from './nameKey.ts';

/** What lookups need of a map: an immutable one has it, and so has an `Overlay`. */
export interface Lookup<K, V> {
  get(key: K): V | undefined;
  has(key: K): boolean;
  values(): Iterable<V>;
  readonly size: number;
}

/**
 * Changes over an immutable map, kept aside until `flush`: a statement changes one table many times, and only the last
 * state needs to go into the persistent structure.
 */
export class Overlay<K extends number | NameKey, V> implements Lookup<K, V> {
  readonly #base: ImmutableMap<K, V>;
  /** By id, or by a name's text; a value of `undefined`: taken away. Null until something changes. */
  #changes: Map<number | string, { readonly key: K; readonly value: V | undefined }> | null = null;

  constructor(base: ImmutableMap<K, V>) {
    this.#base = base;
  }

  get changed(): boolean {
    return this.#changes !== null;
  }

  get size(): number {
    return this.flush().size;
  }

  get(key: K): V | undefined {
    if (this.#changes !== null) {
      const change = this.#changes.get(plainKey(key));
      if (change !== undefined) return change.value;
    }
    return this.#base.get(key);
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  set(key: K, value: V): void {
    this.#changes ??= new Map();
    this.#changes.set(plainKey(key), { key, value });
  }

  delete(key: K): void {
    if (this.#changes === null && !this.#base.has(key)) return;
    this.#changes ??= new Map();
    this.#changes.set(plainKey(key), { key, value: undefined });
  }

  values(): V[] {
    return [...this.flush().values()];
  }

  /** The map with all changes in it; the base itself when there are none. */
  flush(): ImmutableMap<K, V> {
    const changes = this.#changes;
    if (changes === null) return this.#base;
    return this.#base.withMutations((map) => {
      for (const { key, value } of changes.values()) {
        if (value === undefined) map.delete(key);
        else map.set(key, value);
      }
    });
  }
}

function plainKey(key: number | NameKey): number | string {
  return typeof key === 'number' ? key : key.toString();
}
