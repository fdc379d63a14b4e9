import type {
  Catalog,
  Column,
  Constraint,
  Dependencies,
  Expression,
  IndexRelation,
  OtherObject,
  PartitionBound,
  Privilege,
  Relation,
  TypeReference,
  UserFunction,
  UserType,
} from './catalog.ts';
import { hasColumns, isIndex, isTable, isView } from './lookup.ts';
import type { RelationWithColumns } from './lookup.ts';

/**
 * A catalog as plain values that can be compared and hashed: objects under their full names, no ids, expressions by
 * presence (servers rewrite them), lists without an order of their own sorted. One entry an object: the columns and
 * constraints of a table are entries too, so that a difference says exactly where it is.
 */

export type CanonicalValue = string | number | boolean | null | readonly CanonicalValue[];
export type CanonicalObject = Readonly<Record<string, CanonicalValue>>;

export interface CanonicalOptions {
  /** Columns count by their place too. Off: two tables are the same whatever the order of their columns. */
  readonly columnOrder?: boolean;
  /** Who owns things: a replay seldom knows. Default off. */
  readonly owners?: boolean;
  /** GRANTs. Default on. */
  readonly privileges?: boolean;
  /** Default on. */
  readonly comments?: boolean;
}

/** All objects of a catalog by full name; members of extensions and temporary objects are left out. */
export function canonicalObjects(catalog: Catalog, options: CanonicalOptions = {}): Map<string, CanonicalObject> {
  const writer = new Writer(catalog, options);
  for (const schema of catalog.schemas.values()) {
    writer.add(`schema ${schema.name}`, { ...writer.common(schema), privileges: writer.privileges(schema.privileges) });
  }
  for (const relation of catalog.relations.values()) {
    if (relation.extension !== null || relation.persistence === 'temporary') continue;
    writer.relation(relation);
  }
  for (const type of catalog.types.values()) if (type.extension === null) writer.type(type);
  for (const one of catalog.functions.values()) if (one.extension === null) writer.function(one);
  for (const other of catalog.others.values()) if (other.extension === null) writer.other(other);
  for (const extension of catalog.extensions.values()) {
    writer.add(`extension ${extension.name}`, { schema: extension.schema });
  }
  return writer.objects;
}

class Writer {
  readonly objects = new Map<string, CanonicalObject>();
  readonly #catalog: Catalog;
  readonly #options: CanonicalOptions;

  constructor(catalog: Catalog, options: CanonicalOptions) {
    this.#catalog = catalog;
    this.#options = options;
  }

  add(name: string, value: CanonicalObject): void {
    this.objects.set(name, value);
  }

  common(object: { readonly comment: string | null; readonly owner?: string | null }): Record<string, CanonicalValue> {
    const common: Record<string, CanonicalValue> = {};
    if (this.#options.comments !== false) common['comment'] = object.comment;
    if (this.#options.owners === true && object.owner !== undefined) common['owner'] = object.owner;
    return common;
  }

  privileges(privileges: readonly Privilege[]): CanonicalValue {
    if (this.#options.privileges === false) return [];
    return privileges.map((one) => `${one.grantee} ${one.privilege}${one.grantable ? '*' : ''}`).sort();
  }

  relation(relation: Relation): void {
    const name = nameOf(relation);
    const base = {
      ...this.common(relation),
      privileges: this.privileges(relation.privileges),
      persistence: relation.persistence,
      options: pairs(relation.options),
      tablespace: relation.tablespace,
    };
    if (isIndex(relation)) {
      this.#index(relation, base);
      return;
    }
    if (relation.kind === 'sequence') {
      const { dataType, start, increment, minimum, maximum, cache, cycle, ownedBy } = relation;
      const owner = ownedBy === null ? null : this.#columns(ownedBy.relation, [ownedBy.column], true);
      const internal = ownedBy?.internal ?? false;
      this.add(name, { ...base, dataType, start, increment, minimum, maximum, cache, cycle, owner, internal });
      return;
    }
    for (const [at, column] of relation.columns.entries()) this.#column(relation, column, at);
    if (isView(relation)) {
      this.add(name, {
        ...base,
        populated: relation.populated,
        accessMethod: relation.accessMethod,
        query: this.#dependencies(relation.dependencies, false),
      });
    } else if (isTable(relation)) {
      const { partitionKey, partitionOf, replicaIdentity } = relation;
      this.add(name, {
        ...base,
        rowSecurity: relation.rowSecurity,
        forceRowSecurity: relation.forceRowSecurity,
        accessMethod: relation.accessMethod,
        server: relation.server,
        ofType: this.#relationName(relation.ofType),
        inherits: relation.inherits.map((id) => this.#relationName(id)),
        replicaIdentity:
          replicaIdentity.kind === 'index' ? this.#relationName(replicaIdentity.index) : replicaIdentity.kind,
        clusteredOn: this.#relationName(relation.clusteredOn),
        partitionKey:
          partitionKey === null
            ? null
            : [
                partitionKey.strategy,
                ...partitionKey.columns.map(({ column }) =>
                  column === null ? '(expression)' : (this.#columns(relation.id, [column])[0] ?? null),
                ),
              ],
        partitionOf: partitionOf === null ? null : this.#relationName(partitionOf.parent),
        bound: partitionOf === null ? null : boundText(partitionOf.bound),
      });
      for (const constraint of relation.constraints) this.#constraint(relation, constraint);
      for (const policy of relation.policies) {
        this.add(`policy ${policy.name} on ${name}`, {
          ...this.common(policy),
          command: policy.command,
          permissive: policy.permissive,
          roles: [...policy.roles].sort(),
          using: presence(policy.using),
          check: presence(policy.check),
          dependencies: this.#dependencies(policy.dependencies, true),
        });
      }
    } else this.add(name, base);
    if (!isTable(relation) && !isView(relation)) return;
    for (const trigger of relation.triggers) {
      this.add(`trigger ${trigger.name} on ${name}`, {
        ...this.common(trigger),
        function: this.#functionName(trigger.function),
        constraint: trigger.constraint,
        timing: trigger.timing,
        events: [...trigger.events].sort(),
        forEachRow: trigger.forEachRow,
        enabled: trigger.enabled,
        columns: this.#columns(relation.id, trigger.columns).sort(),
        inherited: trigger.parent !== null,
      });
    }
    for (const rule of relation.rules) {
      this.add(`rule ${rule.name} on ${name}`, { ...this.common(rule), enabled: rule.enabled });
    }
  }

  #column(relation: RelationWithColumns, column: Column, at: number): void {
    const place = this.#options.columnOrder === true ? { place: at + 1 } : {};
    this.add(`column ${column.name} of ${nameOf(relation)}`, {
      ...place,
      ...this.common(column),
      type: canonicalType(column.type),
      notNull: column.notNull,
      default: presence(column.default),
      generated: column.generated?.kind ?? null,
      identity: column.identity,
      collation: column.collation,
      storage: column.storage,
      compression: column.compression,
      statistics: column.statistics,
      options: pairs(column.options),
      privileges: this.privileges(column.privileges),
      local: column.local,
      inheritCount: column.inheritCount,
    });
  }

  #constraint(table: RelationWithColumns, constraint: Constraint): void {
    const value: Record<string, CanonicalValue> = {
      ...this.common(constraint),
      kind: constraint.kind,
      deferrable: constraint.deferrable,
      initiallyDeferred: constraint.initiallyDeferred,
      validated: constraint.validated,
      enforced: constraint.enforced,
      noInherit: constraint.noInherit,
      local: constraint.local,
      inheritCount: constraint.inheritCount,
    };
    switch (constraint.kind) {
      case 'check':
        value['columns'] = this.#columns(table.id, constraint.columns).sort();
        break;
      case 'not null':
        value['columns'] = this.#columns(table.id, [constraint.column]);
        break;
      case 'foreign key':
        value['columns'] = this.#columns(table.id, constraint.columns);
        value['referenced'] = this.#relationName(constraint.referenced) ?? constraint.referencedName;
        value['referencedColumns'] =
          constraint.referenced === null ? [] : this.#columns(constraint.referenced, constraint.referencedColumns);
        value['referencedIndex'] = this.#relationName(constraint.referencedIndex);
        value['match'] = constraint.match;
        value['onUpdate'] = constraint.onUpdate;
        value['onDelete'] = constraint.onDelete;
        value['onDeleteSetColumns'] = this.#columns(table.id, constraint.onDeleteSetColumns);
        value['period'] = constraint.period;
        break;
      default:
        value['columns'] = this.#columns(table.id, constraint.columns);
        value['index'] = this.#relationName(constraint.index);
        break;
    }
    this.add(`constraint ${constraint.name} on ${nameOf(table)}`, value);
  }

  #index(index: IndexRelation, base: CanonicalObject): void {
    this.add(nameOf(index), {
      ...base,
      table: this.#relationName(index.table),
      method: index.method,
      unique: index.unique,
      nullsNotDistinct: index.nullsNotDistinct,
      valid: index.valid,
      keys: index.keys.map((key) =>
        [
          key.column === null ? '(expression)' : (this.#columns(index.table, [key.column])[0] ?? '?'),
          key.collation === null ? '' : `collate ${key.collation}`,
          key.operatorClass ?? '',
          key.descending ? 'desc' : '',
          key.nullsFirst ? 'nulls first' : '',
        ]
          .filter((part) => part !== '')
          .join(' '),
      ),
      include: this.#columns(index.table, index.include),
      predicate: presence(index.predicate),
      expressionColumns: this.#columns(
        index.table,
        // pg_depend does not tell a column that is a key as well.
        index.expressionColumns.filter(
          (n) => !index.include.includes(n) && index.keys.every((key) => key.column !== n),
        ),
      ).sort(),
      constraint: index.constraint !== null,
      parent: this.#relationName(index.parent),
    });
  }

  type(type: UserType): void {
    const name = `${type.kind} ${type.schema}.${type.name}`;
    const base = { ...this.common(type), privileges: this.privileges(type.privileges) };
    switch (type.kind) {
      case 'enum':
        this.add(name, { ...base, labels: type.labels });
        break;
      case 'domain':
        this.add(name, {
          ...base,
          base: canonicalType(type.base),
          notNull: type.notNull,
          notNullName: type.notNullName,
          default: presence(type.default),
          collation: type.collation,
        });
        for (const constraint of type.constraints) {
          this.add(`constraint ${constraint.name} on ${name}`, {
            ...this.common(constraint),
            validated: constraint.validated,
          });
        }
        break;
      case 'range':
        this.add(name, { ...base, subtype: canonicalType(type.subtype), multirange: type.multirange });
        break;
      default:
        this.add(name, base);
    }
  }

  function(one: UserFunction): void {
    this.add(functionName(one), {
      ...this.common(one),
      privileges: this.privileges(one.privileges),
      kind: one.kind,
      arguments: one.arguments.map(
        ({ name, mode, type, hasDefault }) =>
          `${mode} ${name ?? ''} ${canonicalType(type)}${hasDefault ? ' default' : ''}`,
      ),
      returns: one.returns === null ? null : canonicalType(one.returns),
      returnsSet: one.returnsSet,
      language: one.language,
      volatility: one.volatility,
      strict: one.strict,
      leakproof: one.leakproof,
      parallel: one.parallel,
      securityDefiner: one.securityDefiner,
      settings: [...one.settings].sort(),
      body: one.body,
    });
  }

  other(other: OtherObject): void {
    const schema = other.schema === null ? '' : `${other.schema}.`;
    this.add(`${other.kind} ${schema}${other.name}`, {
      ...this.common(other),
      relations: other.relations.map((id) => this.#relationName(id)).sort(),
    });
  }

  #dependencies(dependencies: Dependencies, columns: boolean): CanonicalValue {
    const relations = dependencies.relations.map((id) => this.#relationName(id) ?? '?').sort();
    return columns
      ? relations
      : [...relations, ...dependencies.columns.flatMap((one) => this.#columnReference(one)).sort()];
  }

  /** A server keeps no dependency for a whole row. */
  #columnReference(reference: string): readonly string[] {
    const [id = '', number = ''] = reference.split('.');
    return number === '*' ? [] : [this.#columns(Number(id), [Number(number)], true)[0] ?? '?'];
  }

  #relationName(id: number | null): string | null {
    const relation = id === null ? undefined : this.#catalog.relations.get(id);
    return relation === undefined ? null : `${relation.schema}.${relation.name}`;
  }

  #functionName(id: number | null): string | null {
    const one = id === null ? undefined : this.#catalog.functions.get(id);
    return one === undefined ? null : `${one.schema}.${one.name}`;
  }

  #columns(relationId: number, numbers: readonly number[], full = false): string[] {
    const relation = this.#catalog.relations.get(relationId);
    if (relation === undefined || !hasColumns(relation)) return numbers.map(() => '?');
    const prefix = full ? `${relation.schema}.${relation.name}.` : '';
    return numbers.map((number) => {
      const column = relation.columns.find((candidate) => candidate.number === number);
      return `${prefix}${column?.name ?? '?'}`;
    });
  }
}

function nameOf(relation: Relation): string {
  return `${relation.kind} ${relation.schema}.${relation.name}`;
}

function functionName(one: UserFunction): string {
  return `routine ${one.schema}.${one.name}(${one.argumentTypes.map(canonicalType).join(', ')})`;
}

/** Array dimensions are not kept by the server: one or more is the same. */
function canonicalType(type: TypeReference): string {
  const schema = type.schema === 'pg_catalog' || type.schema === null ? '' : `${type.schema}.`;
  const modifiers = type.modifiers.length === 0 ? '' : `(${type.modifiers.join(',').toLowerCase()})`;
  return `${schema}${type.name}${modifiers}${type.arrayDimensions > 0 ? '[]' : ''}`;
}

function presence(expression: Expression | null): boolean {
  return expression !== null;
}

function pairs(options: Readonly<Record<string, string>>): string[] {
  return Object.entries(options)
    .map(([name, value]) => `${name}=${optionValue(value)}`)
    .sort();
}

/** `on`, `yes` and `1` of a boolean parameter mean true; the server keeps what was written. */
function optionValue(value: string): string {
  const lower = value.toLowerCase();
  return lower === 'on' || lower === 'yes' ? 'true' : lower === 'off' || lower === 'no' ? 'false' : lower;
}

function boundText(bound: PartitionBound): string {
  switch (bound.kind) {
    case 'default':
      return 'default';
    case 'hash':
      return `hash ${bound.modulus} ${bound.remainder}`;
    case 'list':
      return `list of ${bound.values.length}`;
    case 'range':
      return `range of ${bound.from.length}`;
  }
}
