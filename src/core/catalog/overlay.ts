import type { Map as ImmutableMap } from 'immutable';

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
export class Overlay<K, V> implements Lookup<K, V> {
  readonly #base: ImmutableMap<K, V>;
  /** `undefined`: taken away. Null until something changes. */
  #changes: Map<K, V | undefined> | null = null;

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
      const changed = this.#changes.get(key);
      if (changed !== undefined) return changed;
      if (this.#changes.has(key)) return undefined;
    }
    return this.#base.get(key);
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  set(key: K, value: V): void {
    this.#changes ??= new Map();
    this.#changes.set(key, value);
  }

  delete(key: K): void {
    if (this.#changes === null && !this.#base.has(key)) return;
    this.#changes ??= new Map();
    this.#changes.set(key, undefined);
  }

  values(): V[] {
    return [...this.flush().values()];
  }

  /** The map with all changes in it; the base itself when there are none. */
  flush(): ImmutableMap<K, V> {
    const changes = this.#changes;
    if (changes === null) return this.#base;
    return this.#base.withMutations((map) => {
      for (const [key, value] of changes) {
        if (value === undefined) map.delete(key);
        else map.set(key, value);
      }
    });
  }
}
