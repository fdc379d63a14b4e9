import type { MigrationAnalysis, StatementAnalysis } from '../analyze.ts';
import type { Catalog, OtherObject, Relation } from '../catalog/catalog.ts';
import { qualifiedKey } from '../catalog/catalog.ts';
import { hasColumns, isTable, isView } from '../catalog/lookup.ts';
import { usedIds } from './usedIds.ts';

/** What a migration made, what it made and dropped again, and what was there before it. */
export class Lifetimes {
  readonly #start: Catalog;
  readonly #end: Catalog;
  readonly #catalogs: readonly Catalog[];
  readonly #alive: ReadonlySet<number>;
  /** Made and dropped within the migration, but used meanwhile by something that stays: treated like what was there before. */
  readonly #needed: ReadonlySet<number>;
  readonly #order = new Map<number, number[]>();

  constructor(migration: MigrationAnalysis) {
    this.#start = migration.before;
    this.#end = migration.after;
    this.#catalogs = [migration.before, ...migration.statements.map(({ after }) => after)];
    this.#alive = idsFrom(migration.after, migration.before.nextId);
    this.#needed = this.#usedMeanwhile(migration.statements);
  }

  /** Made by the migration. */
  isBorn(id: number): boolean {
    return id >= this.#start.nextId && !this.#needed.has(id);
  }

  /** Made by the migration and dropped by it again. */
  isTransient(id: number): boolean {
    return this.isBorn(id) && !this.#alive.has(id);
  }

  /** The same for what is known by name only: by the statement that made it. */
  isBornOther(object: OtherObject): boolean {
    return !holdsOther(this.#start, object);
  }

  isTransientOther(object: OtherObject): boolean {
    return this.isBornOther(object) && !holdsOther(this.#end, object);
  }

  /** Added by the migration to a table that was there before. */
  isBornColumn(relation: number, column: number): boolean {
    const table = this.#start.relations.get(relation);
    return table !== undefined && 'nextColumn' in table && column >= table.nextColumn;
  }

  isTransientColumn(relation: number, column: number): boolean {
    if (!this.isBornColumn(relation, column)) return false;
    const table = this.#end.relations.get(relation);
    return table === undefined || !hasColumns(table) || !table.columns.some(({ number }) => number === column);
  }

  nameWasTaken(schema: string, name: string): boolean {
    return this.#start.relationByName.has(qualifiedKey(schema, name));
  }

  /** A constraint of the table was called so before the migration. */
  constraintNameWasTaken(table: number, name: string): boolean {
    const before = this.#start.relations.get(table);
    return before !== undefined && isTable(before) && before.constraints.some((one) => one.name === name);
  }

  /** Names that a type or relation has had during the migration. */
  namesOf(id: number): readonly string[] {
    const names = this.#catalogs.flatMap(({ relations, types }) => (relations.get(id) ?? types.get(id))?.name ?? []);
    return [...new Set(names)];
  }

  /** A step makes a table again as a whole. */
  noteTable({ table, columns }: { readonly table: number; readonly columns: readonly number[] }): void {
    this.#order.set(table, [...columns]);
  }

  /** A step drops or adds a column of a table that stays; in the order of the script. */
  noteColumn({
    table,
    column,
    added,
  }: {
    readonly table: number;
    readonly column: number;
    readonly added: boolean;
  }): void {
    const order = this.#order.get(table) ?? columnNumbers(this.#end.relations.get(table));
    this.#order.set(table, added ? [...order, column] : order.filter((number) => number !== column));
  }

  /** Names of tables whose columns will stand in another order than before the migration. */
  reorderedTables(): readonly string[] {
    const names: string[] = [];
    for (const [id, order] of this.#order) {
      const before = this.#start.relations.get(id);
      if (before === undefined) continue;
      if (columnNumbers(before).join() !== order.join()) names.push(before.name);
    }
    return names;
  }

  #usedMeanwhile(statements: readonly StatementAnalysis[]): ReadonlySet<number> {
    const gone = new Set<number>();
    for (const { after } of statements) {
      for (const id of idsFrom(after, this.#start.nextId)) if (!this.#alive.has(id)) gone.add(id);
    }
    const needed = new Set<number>();
    if (gone.size === 0) return needed;
    for (const { before, after } of statements) {
      if (before === after) continue;
      for (const [id, relation] of after.relations) {
        if (gone.has(id) || belongsTo(relation, gone) || before.relations.get(id) === relation) continue;
        for (const used of usedIds(relation)) if (gone.has(used)) needed.add(used);
      }
    }
    // What these need in turn.
    for (const id of needed) {
      for (const { relations } of this.#catalogs) {
        const relation = relations.get(id);
        for (const used of relation === undefined ? [] : usedIds(relation)) if (gone.has(used)) needed.add(used);
      }
    }
    return needed;
  }
}

/** Ids of everything made since `first`, constraints and triggers too. */
function idsFrom(catalog: Catalog, first: number): Set<number> {
  const ids = new Set<number>();
  const add = (id: number): void => {
    if (id >= first) ids.add(id);
  };
  for (const [id, relation] of catalog.relations) {
    add(id);
    if (isTable(relation)) for (const constraint of relation.constraints) add(constraint.id);
    if (isTable(relation) || isView(relation)) for (const trigger of relation.triggers) add(trigger.id);
  }
  for (const id of catalog.types.keys()) add(id);
  for (const id of catalog.functions.keys()) add(id);
  return ids;
}

/** An index or sequence of something that is gone is gone as well. */
function belongsTo(relation: Relation, gone: ReadonlySet<number>): boolean {
  if ('table' in relation) return gone.has(relation.table);
  return relation.kind === 'sequence' && relation.ownedBy !== null && gone.has(relation.ownedBy.relation);
}

function columnNumbers(relation: Relation | undefined): number[] {
  return relation !== undefined && hasColumns(relation) ? relation.columns.map(({ number }) => number) : [];
}

function holdsOther({ others }: Catalog, { kind, definition }: OtherObject): boolean {
  const made = (text: string | null): string => text?.split(';\n')[0] ?? '';
  return [...others.values()].some((one) => one.kind === kind && made(one.definition) === made(definition));
}
