import type { OtherObject } from '../catalog.ts';
import type { Draft } from '../draft.ts';

/** Key of `Catalog.others`. */
export function otherKey(kind: string, schema: string | null, name: string): string {
  return `${kind}\u0000${schema ?? ''}\u0000${name}`;
}

export function putOther(draft: Draft, other: OtherObject): void {
  draft.others = draft.others.set(otherKey(other.kind, other.schema, other.name), other);
}

export function removeOther(draft: Draft, other: OtherObject): void {
  draft.others = draft.others.delete(otherKey(other.kind, other.schema, other.name));
}

/** A new object of which only the name is kept, with what it hangs on. */
export function newOther(kind: string, schema: string | null, name: string, definition: string | null): OtherObject {
  return {
    kind,
    schema,
    name,
    owner: null,
    extension: null,
    definition,
    relations: [],
    columns: [],
    uses: [],
    comment: null,
  };
}
