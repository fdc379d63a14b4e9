import type { Map as ImmutableMap, Set as ImmutableSet } from 'immutable';
import { qualifiedKey } from './catalog.ts';
import type {
  Catalog,
  CatalogView,
  CatalogGap,
  Constraint,
  DefaultPrivilege,
  Extension,
  IndexRelation,
  OtherObject,
  Relation,
  Schema,
  ServerMajor,
  Session,
  TableRelation,
  UserFunction,
  UserType,
} from './catalog.ts';
import { indexById, isIndex, tableById } from './lookup.ts';
import type { NameKey } from './nameKey.ts';
import { Overlay } from './overlay.ts';
import { withDefaults } from './privilegeLists.ts';

/**
 * The catalog while one statement is applied: reads like a Catalog, takes changes, and gives the next one. When the
 * statement is refused half-way it is thrown away.
 */
export class Draft implements CatalogView {
  readonly major: ServerMajor;
  readonly base: Catalog;
  readonly relations: Overlay<number, Relation>;
  readonly relationByName: Overlay<NameKey, number>;
  readonly types: Overlay<number, UserType>;
  readonly typeByName: Overlay<NameKey, number>;
  readonly functions: Overlay<number, UserFunction>;
  readonly functionsByName: Overlay<NameKey, readonly number[]>;
  schemas: ImmutableMap<string, Schema>;
  extensions: ImmutableMap<string, Extension>;
  others: ImmutableMap<string, OtherObject>;
  defaultPrivileges: readonly DefaultPrivilege[];
  readonly constraintNames: Overlay<NameKey, number>;
  readonly dependents: Overlay<number, readonly number[]>;
  gone: ImmutableSet<NameKey>;
  session: Session;
  gaps: readonly CatalogGap[];
  nextId: number;

  constructor(base: Catalog) {
    this.base = base;
    this.major = base.major;
    this.relations = new Overlay(base.relations);
    this.relationByName = new Overlay(base.relationByName);
    this.types = new Overlay(base.types);
    this.typeByName = new Overlay(base.typeByName);
    this.functions = new Overlay(base.functions);
    this.functionsByName = new Overlay(base.functionsByName);
    this.schemas = base.schemas;
    this.extensions = base.extensions;
    this.others = base.others;
    this.defaultPrivileges = base.defaultPrivileges;
    this.constraintNames = new Overlay(base.constraintNames);
    this.dependents = new Overlay(base.dependents);
    this.gone = base.gone;
    this.session = base.session;
    this.gaps = base.gaps;
    this.nextId = base.nextId;
  }

  /** The catalog after the statement; the one before it, the same object, when nothing changed. */
  finish(): Catalog {
    const { base } = this;
    const same =
      !this.relations.changed &&
      !this.relationByName.changed &&
      !this.types.changed &&
      !this.functions.changed &&
      this.schemas === base.schemas &&
      this.extensions === base.extensions &&
      this.others === base.others &&
      this.defaultPrivileges === base.defaultPrivileges &&
      this.session === base.session &&
      this.gaps === base.gaps &&
      !this.dependents.changed;
    if (same) return base;
    return {
      major: this.major,
      relations: this.relations.flush(),
      relationByName: this.relationByName.flush(),
      types: this.types.flush(),
      typeByName: this.typeByName.flush(),
      functions: this.functions.flush(),
      functionsByName: this.functionsByName.flush(),
      schemas: this.schemas,
      extensions: this.extensions,
      others: this.others,
      defaultPrivileges: this.defaultPrivileges,
      constraintNames: this.constraintNames.flush(),
      dependents: this.dependents.flush(),
      gone: this.gone,
      session: this.session,
      gaps: this.gaps,
      nextId: this.nextId,
    };
  }

  newId(): number {
    return this.nextId++;
  }

  /** Notes that `dependent` hangs on `on`. */
  link(on: number | null, dependent: number): void {
    if (on === null || on === dependent) return;
    const known = this.dependents.get(on);
    if (known === undefined) this.dependents.set(on, [dependent]);
    else if (!known.includes(dependent)) this.dependents.set(on, [...known, dependent]);
  }

  linkAll(on: readonly number[] | undefined, dependent: number): void {
    for (const id of on ?? []) this.link(id, dependent);
  }

  /** Adds a relation under its name. The caller has made sure that the name is free. */
  addRelation(added: Relation): void {
    const relation = this.defaultPrivileges.length === 0 ? added : this.#withDefaultPrivileges(added);
    this.relations.set(relation.id, relation);
    const key = qualifiedKey(relation.schema, relation.name);
    this.relationByName.set(key, relation.id);
    if (this.gone.size > 0) this.gone = this.gone.delete(key);
  }

  /** Replaces a relation by a changed one of the same id; follows a new name or schema. */
  put(relation: Relation): void {
    const before = this.relations.get(relation.id);
    if (before === relation) return;
    if (before !== undefined && (before.name !== relation.name || before.schema !== relation.schema)) {
      const key = qualifiedKey(before.schema, before.name);
      const newKey = qualifiedKey(relation.schema, relation.name);
      this.relationByName.delete(key);
      this.relationByName.set(newKey, relation.id);
      this.gone = this.gone.delete(newKey).add(key);
    }
    this.relations.set(relation.id, relation);
  }

  /** Takes a relation and its constraints' names away; nothing else. */
  removeRelation(relation: Relation): void {
    this.relations.delete(relation.id);
    const key = qualifiedKey(relation.schema, relation.name);
    this.relationByName.delete(key);
    this.gone = this.gone.add(key);
    this.dependents.delete(relation.id);
    if ('constraints' in relation) {
      for (const constraint of relation.constraints) this.releaseConstraintName(relation.schema, constraint.name);
    }
  }

  /** The table as it is now. Ids given to it come from the catalog itself. */
  table(id: number): TableRelation {
    const table = tableById(this, id);
    if (table === undefined) throw new Error(`no table with id ${id}`);
    return table;
  }

  index(id: number): IndexRelation {
    const index = indexById(this, id);
    if (index === undefined) throw new Error(`no index with id ${id}`);
    return index;
  }

  /** Changes a table by its id. */
  changeTable(id: number, change: Partial<TableRelation>): TableRelation {
    const table = { ...this.table(id), ...change };
    this.put(table);
    return table;
  }

  addConstraint(tableId: number, constraint: Constraint): void {
    const table = this.table(tableId);
    this.claimConstraintName(table.schema, constraint.name);
    this.changeTable(tableId, { constraints: [...table.constraints, constraint] });
    if (constraint.kind === 'foreign key') this.link(constraint.referenced, tableId);
    if (constraint.kind === 'check') this.linkAll(constraint.expression.uses, tableId);
  }

  /** Adds several constraints at once: a new table's. */
  addConstraints(tableId: number, constraints: readonly Constraint[]): void {
    const table = this.table(tableId);
    for (const { name } of constraints) this.claimConstraintName(table.schema, name);
    this.changeTable(tableId, { constraints: [...table.constraints, ...constraints] });
  }

  /** Replaces a constraint by a changed one of the same id. */
  putConstraint(tableId: number, constraint: Constraint): void {
    const table = this.table(tableId);
    const constraints = table.constraints.map((existing) => {
      if (existing.id !== constraint.id) return existing;
      if (existing.name !== constraint.name) {
        this.releaseConstraintName(table.schema, existing.name);
        this.claimConstraintName(table.schema, constraint.name);
      }
      return constraint;
    });
    this.changeTable(tableId, { constraints });
  }

  removeConstraint(tableId: number, constraintId: number): void {
    const table = this.table(tableId);
    const constraints = table.constraints.filter((existing) => {
      if (existing.id !== constraintId) return true;
      this.releaseConstraintName(table.schema, existing.name);
      return false;
    });
    this.changeTable(tableId, { constraints });
  }

  claimConstraintName(schema: string, name: string): void {
    const key = qualifiedKey(schema, name);
    this.constraintNames.set(key, (this.constraintNames.get(key) ?? 0) + 1);
  }

  releaseConstraintName(schema: string, name: string): void {
    const key = qualifiedKey(schema, name);
    const count = this.constraintNames.get(key) ?? 0;
    if (count > 1) this.constraintNames.set(key, count - 1);
    else this.constraintNames.delete(key);
  }

  addType(added: UserType): void {
    const type =
      this.defaultPrivileges.length === 0
        ? added
        : { ...added, privileges: withDefaults(this, added.privileges, 'types', added.schema) };
    this.types.set(type.id, type);
    this.typeByName.set(qualifiedKey(type.schema, type.name), type.id);
  }

  /** Replaces a type by a changed one of the same id; follows a new name or schema. */
  putType(type: UserType): void {
    const before = this.types.get(type.id);
    if (before !== undefined && (before.name !== type.name || before.schema !== type.schema)) {
      this.typeByName.delete(qualifiedKey(before.schema, before.name));
      this.typeByName.set(qualifiedKey(type.schema, type.name), type.id);
    }
    this.types.set(type.id, type);
  }

  removeType(type: UserType): void {
    this.types.delete(type.id);
    this.typeByName.delete(qualifiedKey(type.schema, type.name));
    this.dependents.delete(type.id);
    if (type.kind !== 'domain') return;
    for (const constraint of type.constraints) this.releaseConstraintName(type.schema, constraint.name);
    if (type.notNullName !== null) this.releaseConstraintName(type.schema, type.notNullName);
  }

  addFunction(wanted: UserFunction): void {
    const isNew = !this.base.functions.has(wanted.id);
    const added =
      this.defaultPrivileges.length === 0 || !isNew
        ? wanted
        : { ...wanted, privileges: withDefaults(this, wanted.privileges, 'functions', wanted.schema) };
    this.functions.set(added.id, added);
    const key = qualifiedKey(added.schema, added.name);
    this.functionsByName.set(key, [...(this.functionsByName.get(key) ?? []), added.id]);
    this.linkAll(added.uses, added.id);
  }

  putFunction(changed: UserFunction): void {
    const before = this.functions.get(changed.id);
    if (before !== undefined && (before.name !== changed.name || before.schema !== changed.schema)) {
      this.removeFunction(before);
      this.addFunction(changed);
    } else {
      this.functions.set(changed.id, changed);
      this.linkAll(changed.uses, changed.id);
    }
  }

  removeFunction(removed: UserFunction): void {
    this.functions.delete(removed.id);
    const key = qualifiedKey(removed.schema, removed.name);
    const rest = (this.functionsByName.get(key) ?? []).filter((id) => id !== removed.id);
    if (rest.length > 0) this.functionsByName.set(key, rest);
    else this.functionsByName.delete(key);
  }

  /** Says once that something could not be followed. */
  gap(gap: CatalogGap): void {
    if (this.gaps.some(({ kind, what }) => kind === gap.kind && what === gap.what)) return;
    this.gaps = [...this.gaps, gap];
  }

  #withDefaultPrivileges(relation: Relation): Relation {
    if (isIndex(relation)) return relation;
    const objects =
      relation.kind === 'sequence' ? 'sequences' : relation.kind === 'composite type' ? 'types' : 'tables';
    return { ...relation, privileges: withDefaults(this, relation.privileges, objects, relation.schema) };
  }
}
