import type { ValueObject } from 'immutable';

/**
 * The key of the catalog's maps by name. An object and not a text, since an immutable map of texts spends more on
 * hashing them than everything else costs (measured: 1.5 µs a look-up, this way 0.25).
 */
export class NameKey implements ValueObject {
  readonly schema: string;
  readonly name: string;
  readonly #hash: number;

  constructor(schema: string, name: string) {
    this.schema = schema;
    this.name = name;
    let hash = 0;
    for (let index = 0; index < schema.length; index++) hash = (31 * hash + schema.charCodeAt(index)) | 0;
    for (let index = 0; index < name.length; index++) hash = (31 * hash + name.charCodeAt(index)) | 0;
    // What fits into a small integer of every engine.
    this.#hash = hash & 0x3fffffff;
  }

  equals(other: unknown): boolean {
    return other instanceof NameKey && other.name === this.name && other.schema === this.schema;
  }

  hashCode(): number {
    return this.#hash;
  }

  /** As a text: no identifier can hold a NUL. */
  toString(): string {
    return `${this.schema}\u0000${this.name}`;
  }
}
