import type { Expression, Privilege, TypeReference } from '../../core/catalog/catalog.ts';
import type { Acl, DependencyRow, TypeRow } from './rows.ts';
import type { Snapshot } from './snapshot.ts';

/** What an object hangs on, by our ids. */
export interface Uses {
  readonly relations: readonly number[];
  /** `<relation id>.<column number>` */
  readonly columns: readonly string[];
  readonly functions: readonly number[];
  readonly types: readonly number[];
}

const NOTHING: Uses = { relations: [], columns: [], functions: [], types: [] };

/** Turns oids into ids and finds what other rows say of an object: comments, extensions, dependencies. */
export class SnapshotReader {
  readonly #ids = new Map<string, number>();
  readonly #comments: ReadonlyMap<string, string>;
  readonly #members: ReadonlyMap<string, string>;
  readonly #types: ReadonlyMap<string, TypeRow>;
  readonly #dependencies = new Map<string, DependencyRow[]>();
  readonly #userSchemas: ReadonlySet<string>;
  #next = 1;

  constructor(snapshot: Snapshot) {
    this.#comments = new Map(snapshot.comments.map((row) => [`${row.class} ${row.oid} ${row.sub}`, row.description]));
    this.#members = new Map(snapshot.members.map((row) => [`${row.class} ${row.oid}`, row.extension]));
    this.#types = new Map(snapshot.types.map((row) => [row.oid, row]));
    this.#userSchemas = new Set(snapshot.schemas.map(({ name }) => name));
    for (const row of snapshot.dependencies) {
      const key = `${row.class} ${row.oid}`;
      const known = this.#dependencies.get(key);
      if (known === undefined) this.#dependencies.set(key, [row]);
      else known.push(row);
    }
  }

  get nextId(): number {
    return this.#next;
  }

  /** The id of an object; always the same for one oid of one catalog table. */
  id(table: string, oid: string): number {
    const key = `${table} ${oid}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#next++;
      this.#ids.set(key, id);
    }
    return id;
  }

  comment(table: string, oid: string, column = 0): string | null {
    return this.#comments.get(`${table} ${oid} ${column}`) ?? null;
  }

  extension(table: string, oid: string): string | null {
    return this.#members.get(`${table} ${oid}`) ?? null;
  }

  /** What an object's expressions hang on. `besides`: a relation that it belongs to. */
  uses(table: string, oid: string): Uses {
    const rows = this.#dependencies.get(`${table} ${oid}`);
    if (rows === undefined) return NOTHING;
    const relations = new Set<number>();
    const columns = new Set<string>();
    const functions = new Set<number>();
    const types = new Set<number>();
    for (const row of rows) {
      if (row.onClass === 'pg_proc') functions.add(this.id('pg_proc', row.onOid));
      else if (row.onClass === 'pg_type') {
        const id = this.typeId(row.onOid);
        if (id !== null) types.add(id);
      } else {
        const relation = this.id('pg_class', row.onOid);
        relations.add(relation);
        if (row.onColumn > 0) columns.add(`${relation}.${row.onColumn}`);
      }
    }
    return { relations: [...relations], columns: [...columns], functions: [...functions], types: [...types] };
  }

  /** As `uses`, for an expression of a relation's own: ids of other objects. */
  expression(text: string, table: string, oid: string, own: string): Expression {
    const { relations, functions, types } = this.uses(table, oid);
    const self = this.id('pg_class', own);
    const uses = [...relations.filter((id) => id !== self), ...functions, ...types];
    return uses.length === 0 ? { tree: null, text } : { tree: null, text, uses };
  }

  /** Columns of one relation that an object reads, by number. */
  columnsUsed(table: string, oid: string, relation: string): number[] {
    const rows = this.#dependencies.get(`${table} ${oid}`) ?? [];
    const numbers = rows.filter((row) => row.onClass === 'pg_class' && row.onOid === relation && row.onColumn > 0);
    return [...new Set(numbers.map(({ onColumn }) => onColumn))];
  }

  /** The id of a type that people made, or of the relation whose row type it is; of an array, its element's. */
  typeId(oid: string): number | null {
    const type = this.#types.get(oid);
    if (type === undefined) return null;
    if (type.element !== null) return this.typeId(type.element);
    if (!this.#userSchemas.has(type.schema)) return null;
    return type.relation === '0' ? this.id('pg_type', oid) : this.id('pg_class', type.relation);
  }

  /** @param formatted format_type's text with modifiers, where there are any: `numeric(10,2)` */
  type(oid: string, formatted: string | null = null, modifier = -1): TypeReference {
    const type = this.#types.get(oid);
    if (type === undefined) return { schema: null, name: 'unknown', modifiers: [], arrayDimensions: 0, id: null };
    if (type.element !== null && type.schema === 'pg_catalog' && !type.name.startsWith('_')) {
      return { schema: type.schema, name: type.name, modifiers: [], arrayDimensions: 0, id: null };
    }
    if (type.element !== null) return { ...this.type(type.element, formatted, modifier), arrayDimensions: 1 };
    const modifiers = formatted === null ? [] : modifiersOf(type.name, formatted, modifier);
    return { schema: type.schema, name: type.name, modifiers, arrayDimensions: 0, id: this.typeId(oid) };
  }
}

/** INTERVAL_FULL_RANGE and INTERVAL_FULL_PRECISION of utils/timestamp.h: nothing was named. */
const FULL_RANGE = 0x7fff;
const FULL_PRECISION = 0xffff;

function modifiersOf(name: string, formatted: string, modifier: number): (number | string)[] {
  if (name === 'interval') {
    const range = (modifier >> 16) & 0x7fff;
    const precision = modifier & 0xffff;
    if (precision !== FULL_PRECISION) return [range, precision];
    return range === FULL_RANGE ? [] : [range];
  }
  const inside = /\(([^)]*)\)/.exec(formatted)?.[1];
  if (inside === undefined) return [];
  return inside.split(',').map((part) => (/^-?\d+$/.test(part.trim()) ? Number(part) : part.trim()));
}

export function privileges(acl: Acl): Privilege[] {
  return (acl ?? []).map(([grantee, privilege, grantable]) => ({ grantee, privilege, grantable }));
}

/** `{fillfactor=70}` as a record. */
export function optionRecord(options: readonly string[] | null, prefix = ''): Record<string, string> {
  return Object.fromEntries(
    (options ?? []).map((option) => {
      const at = option.indexOf('=');
      return [prefix + option.slice(0, at), option.slice(at + 1)];
    }),
  );
}

/** `1 3 0` of an int2vector. */
export function numbers(vector: string | null): number[] {
  return (vector ?? '').split(' ').filter(Boolean).map(Number);
}
