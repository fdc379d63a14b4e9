import { BUILTIN_TYPE_STORAGE } from '../catalog/builtinTypes.ts';
import type { Catalog, Column, SequenceRelation, TableRelation, TypeReference } from '../catalog/catalog.ts';
import { isTable, ownedSequences } from '../catalog/lookup.ts';
import { makeObjectName } from '../catalog/generatedNames.ts';
import { expressionText } from '../sql/expressionText.ts';
import { quoteIdentifier } from '../sql/quote.ts';
import type { Naming } from './naming.ts';
import { nameIn, typeName } from './naming.ts';
import { defaultText, sequenceOptions, serialName, serialSequenceName } from './sequences.ts';

/** A column as CREATE TABLE and ADD COLUMN take it: type, collation, default, identity, NOT NULL. */
export function columnDefinition(naming: Naming, table: TableRelation, column: Column): string {
  const sequence = columnSequence(naming.catalog, table, column);
  const serial = serialName(table, column, sequence);
  const parts = [quoteIdentifier(column.name)];
  if (serial !== null) {
    // serial implies NOT NULL and the default.
    const name = notNullName(naming, table, column);
    parts.push(serial, ...(name.length === 0 ? [] : [...name, 'NOT NULL']));
    return parts.join(' ');
  }
  parts.push(typeName(naming, column.type), ...valueClauses(naming, table, column));
  const name = notNullName(naming, table, column);
  // An identity column is NOT NULL anyhow.
  const isSaid = column.notNull && !comesFromParent(table, column);
  if (isSaid && (column.identity === null || name.length > 0)) parts.push(...name, 'NOT NULL');
  return parts.join(' ');
}

/** From 18 on a column can be the table's own, and that it is NOT NULL only its parents'. */
function comesFromParent(table: TableRelation, { number }: Column): boolean {
  return table.constraints.some((one) => one.kind === 'not null' && one.column === number && !one.local);
}

/** Collation, default, generated and identity clauses. */
function valueClauses(naming: Naming, table: TableRelation, column: Column): readonly string[] {
  const parts: string[] = [];
  if (column.collation !== null) parts.push(`COLLATE ${quoteIdentifier(column.collation)}`);
  if (column.default !== null) parts.push(`DEFAULT ${defaultText(naming, column.default)}`);
  if (column.generated !== null) {
    const kind = column.generated.kind.toUpperCase();
    parts.push(`GENERATED ALWAYS AS (${expressionText(column.generated.expression)}) ${kind}`);
  }
  if (column.identity !== null) parts.push(identityClause(naming, table, column));
  return parts;
}

/** `GENERATED ALWAYS AS IDENTITY (…)` with the options in which its sequence differs from the usual one. */
export function identityClause(naming: Naming, table: TableRelation, column: Column): string {
  const sequence = columnSequence(naming.catalog, table, column);
  const options = sequence === undefined ? [] : [...sequenceOptions(sequence, column.type.name)];
  if (sequence !== undefined && sequence.name !== serialSequenceName(table, column)) {
    options.unshift(`SEQUENCE NAME ${nameIn(naming, sequence)}`);
  }
  const list = options.length === 0 ? '' : ` (${options.join(' ')})`;
  return `GENERATED ${column.identity === 'always' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY${list}`;
}

/** The sequence that a serial or identity column owns. */
export function columnSequence(catalog: Catalog, table: TableRelation, column: Column): SequenceRelation | undefined {
  const owned = ownedSequences(catalog, table.id, column.number);
  const internal = column.identity !== null;
  return owned.find((sequence) => sequence.ownedBy?.internal === internal);
}

/** `CONSTRAINT name` before NOT NULL, where it has a name (from 18 on) and not the one that it would get by itself. */
function notNullName(naming: Naming, table: TableRelation, column: Column): readonly string[] {
  const name = notNullConstraintName(naming.catalog, table, column);
  return name === null ? [] : [`CONSTRAINT ${quoteIdentifier(name)}`];
}

/** The name of a column's NOT NULL constraint, if it has one that PostgreSQL would not choose by itself. */
export function notNullConstraintName(catalog: Catalog, table: TableRelation, column: Column): string | null {
  if (catalog.major < 18) return null;
  const constraint = table.constraints.find((one) => one.kind === 'not null' && one.column === column.number);
  if (constraint === undefined) return null;
  const free = (notNullNames(catalog).get(`${table.schema} ${constraint.name}`) ?? 0) < 2;
  return free && constraint.name === makeObjectName(table.name, column.name, 'not_null') ? null : constraint.name;
}

const countedNames = new WeakMap<Catalog, ReadonlyMap<string, number>>();

/** How many tables of a schema have a NOT NULL constraint of a name: LIKE copies names, and PostgreSQL chooses one that is free. */
function notNullNames(catalog: Catalog): ReadonlyMap<string, number> {
  const known = countedNames.get(catalog);
  if (known !== undefined) return known;
  const counts = new Map<string, number>();
  for (const relation of catalog.relations.values()) {
    if (!isTable(relation)) continue;
    for (const { kind, name } of relation.constraints) {
      if (kind !== 'not null') continue;
      const key = `${relation.schema} ${name}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  countedNames.set(catalog, counts);
  return counts;
}

/** What ADD COLUMN can't say: storage, statistics, options. Actions of ALTER TABLE. */
export function columnSettings(naming: Naming, from: Column | null, to: Column): readonly string[] {
  const alter = `ALTER COLUMN ${quoteIdentifier(to.name)}`;
  const actions: string[] = [];
  if ((from?.storage ?? null) !== to.storage) {
    actions.push(`${alter} SET STORAGE ${(to.storage ?? ownStorage(naming.catalog, to.type)).toUpperCase()}`);
  }
  if ((from?.compression ?? null) !== to.compression) {
    actions.push(`${alter} SET COMPRESSION ${to.compression ?? 'default'}`);
  }
  if ((from?.statistics ?? null) !== to.statistics) {
    actions.push(`${alter} SET STATISTICS ${to.statistics ?? -1}`);
  }
  const gone = Object.keys(from?.options ?? {}).filter((name) => !(name in to.options));
  if (gone.length > 0) actions.push(`${alter} RESET (${gone.join(', ')})`);
  const set = Object.entries(to.options).filter(([name, value]) => from?.options[name] !== value);
  if (set.length > 0) actions.push(`${alter} SET (${set.map(([name, value]) => `${name}=${value}`).join(', ')})`);
  return actions;
}

/** A type's own storage. SET STORAGE DEFAULT exists from 16 on; before, it has to be named. */
function ownStorage(catalog: Catalog, type: TypeReference): string {
  if (catalog.major >= 16) return 'default';
  if (type.arrayDimensions > 0) return 'extended';
  const user = type.id === null ? undefined : catalog.types.get(type.id);
  if (user?.kind === 'domain') return ownStorage(catalog, user.base);
  if (user?.kind === 'enum') return 'plain';
  return BUILTIN_TYPE_STORAGE.get(type.name) ?? 'extended';
}
