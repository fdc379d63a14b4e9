/** One thing that a DROP takes away, as in pg_depend: an object, or a part of one. */
export type DropTarget =
  | { readonly kind: 'relation'; readonly id: number }
  | { readonly kind: 'column'; readonly relation: number; readonly number: number }
  | { readonly kind: 'default'; readonly relation: number; readonly number: number }
  | { readonly kind: 'constraint'; readonly table: number; readonly id: number }
  | { readonly kind: 'trigger'; readonly relation: number; readonly id: number }
  | { readonly kind: 'policy'; readonly relation: number; readonly name: string }
  | { readonly kind: 'rule'; readonly relation: number; readonly name: string }
  | { readonly kind: 'type'; readonly id: number }
  | { readonly kind: 'domain constraint'; readonly type: number; readonly name: string }
  | { readonly kind: 'function'; readonly id: number }
  | { readonly kind: 'other'; readonly key: string }
  | { readonly kind: 'schema'; readonly name: string }
  | { readonly kind: 'extension'; readonly name: string };

/** What hangs on a target. `auto`: goes with it unasked; otherwise only CASCADE takes it. */
export interface Dependent {
  readonly target: DropTarget;
  readonly auto: boolean;
}

export function targetKey(target: DropTarget): string {
  switch (target.kind) {
    case 'relation':
    case 'type':
    case 'function':
      return `${target.kind} ${target.id}`;
    case 'column':
    case 'default':
      return `${target.kind} ${target.relation}.${target.number}`;
    case 'constraint':
      return `constraint ${target.id}`;
    case 'trigger':
      return `trigger ${target.id}`;
    case 'policy':
    case 'rule':
      return `${target.kind} ${target.relation} ${target.name}`;
    case 'domain constraint':
      return `domain constraint ${target.type} ${target.name}`;
    case 'other':
      return `other ${target.key}`;
    case 'schema':
    case 'extension':
      return `${target.kind} ${target.name}`;
  }
}

/** What a part belongs to: it goes with that, whatever else hangs on it. */
export function containersOf(target: DropTarget): readonly string[] {
  switch (target.kind) {
    case 'default':
      return [`column ${target.relation}.${target.number}`, `relation ${target.relation}`];
    case 'column':
    case 'trigger':
    case 'policy':
    case 'rule':
      return [`relation ${target.relation}`];
    case 'constraint':
      return [`relation ${target.table}`];
    case 'domain constraint':
      return [`type ${target.type}`];
    default:
      return [];
  }
}
