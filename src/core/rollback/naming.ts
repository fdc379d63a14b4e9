import type { Catalog, Column, Relation, TypeReference, UserFunction } from '../catalog/catalog.ts';
import type { RelationWithColumns } from '../catalog/lookup.ts';
import { columnNumbered, typeOf } from '../catalog/lookup.ts';
import { qualifiedName, quoteIdentifier } from '../sql/quote.ts';

/** How objects of one catalog are written: by the names that they have *there*, whatever they are called later. */
export interface Naming {
  readonly catalog: Catalog;
  /** Objects of this schema are written without it, as the history does; null: every name is qualified. */
  readonly bareSchema: string | null;
}

/** A relation's, type's or function's name, qualified where it has to be. */
export function nameIn(naming: Naming, object: { readonly schema: string; readonly name: string }): string {
  if (object.schema === 'pg_temp') return quoteIdentifier(object.name);
  return qualifiedName(object.schema === naming.bareSchema ? null : object.schema, object.name);
}

/** The name of a relation given by id; null where the catalog does not have it. */
export function relationName(naming: Naming, id: number): string | null {
  const relation = naming.catalog.relations.get(id);
  return relation === undefined ? null : nameIn(naming, relation);
}

/** Column names by attnum, quoted; throws `NotKnown` for a number that the relation does not have. */
export function columnList(relation: RelationWithColumns, numbers: readonly number[]): string {
  return numbers.map((number) => quoteIdentifier(columnOf(relation, number).name)).join(', ');
}

export function columnOf(relation: RelationWithColumns, number: number): Column {
  const column = columnNumbered(relation, number);
  if (column === undefined) throw new NotKnown(`column ${number} of ${relation.schema}.${relation.name}`);
  return column;
}

/** Something that is needed for the way back and that the history does not tell. Caught in `rollback.ts`, where it becomes a reason to decline. */
export class NotKnown extends Error {
  readonly what: string;

  constructor(what: string) {
    super(what);
    this.name = 'NotKnown';
    this.what = what;
  }
}

/** Internal names of built-in types and how people write them; the others stand as they are, being no reserved words. https://www.postgresql.org/docs/current/datatype.html#DATATYPE-TABLE */
const SPELLINGS: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  bool: 'boolean',
  bpchar: 'char',
  char: '"char"',
};

/** A type as it stands in SQL: `numeric(10,2)[]`, `"Role"`, `tenant.status`. */
export function typeName(naming: Naming, type: TypeReference): string {
  return baseName(naming, type) + '[]'.repeat(type.arrayDimensions);
}

function baseName(naming: Naming, type: TypeReference): string {
  const own = typeOf(naming.catalog, type);
  if (own !== undefined) return nameIn(naming, own) + modifierText(type);
  if (type.schema !== 'pg_catalog') return qualifiedName(type.schema, type.name) + modifierText(type);
  if (type.name === 'interval') return intervalName(type);
  // Without a length, bpchar is unlimited while CHAR means CHAR(1).
  if (type.name === 'bpchar' && type.modifiers.length === 0) return 'bpchar';
  const spelled = SPELLINGS[type.name];
  return (spelled ?? (/^[a-z]\w*$/.test(type.name) ? type.name : quoteIdentifier(type.name))) + modifierText(type);
}

function modifierText(type: TypeReference): string {
  return type.modifiers.length === 0 ? '' : `(${type.modifiers.join(',')})`;
}

/** Bits of an interval's first modifier: the fields that it keeps. utils/datetime.h (`INTERVAL_MASK`), from largest to smallest. */
const INTERVAL_FIELDS = [
  [2, 'year'],
  [1, 'month'],
  [3, 'day'],
  [10, 'hour'],
  [11, 'minute'],
  [12, 'second'],
] as const;
const INTERVAL_FULL_RANGE = 0x7fff;

function intervalName(type: TypeReference): string {
  const [mask, precision] = type.modifiers;
  const digits = precision === undefined ? '' : `(${precision})`;
  if (typeof mask !== 'number' || mask === INTERVAL_FULL_RANGE) return `interval${digits}`;
  const fields = INTERVAL_FIELDS.filter(([bit]) => (mask & (1 << bit)) !== 0).map(([, name]) => name);
  const first = fields[0];
  const last = fields.at(-1);
  if (first === undefined || last === undefined) return `interval${digits}`;
  const range = first === last ? first : `${first} to ${last}`;
  return `interval ${range}${last === 'second' ? digits : ''}`;
}

/** `name(argument types)`, as DROP, ALTER, COMMENT and GRANT want a function. */
export function functionSignature(naming: Naming, object: UserFunction): string {
  const types = object.argumentTypes.map((type) => typeName(naming, type)).join(', ');
  // An aggregate without arguments is written (*); ordered-set ones need ORDER BY, which the catalog does not keep.
  return `${nameIn(naming, object)}(${object.kind === 'aggregate' && types === '' ? '*' : types})`;
}

/** The word for a relation's kind in ALTER, DROP, COMMENT and GRANT. */
export function relationKeyword(relation: Relation): string {
  switch (relation.kind) {
    case 'table':
    case 'partitioned table':
      return 'TABLE';
    case 'foreign table':
      return 'FOREIGN TABLE';
    case 'view':
      return 'VIEW';
    case 'materialized view':
      return 'MATERIALIZED VIEW';
    case 'sequence':
      return 'SEQUENCE';
    case 'index':
    case 'partitioned index':
      return 'INDEX';
    case 'composite type':
      return 'TYPE';
  }
}

export function functionKeyword(object: UserFunction): string {
  switch (object.kind) {
    case 'procedure':
      return 'PROCEDURE';
    case 'aggregate':
      return 'AGGREGATE';
    default:
      return 'FUNCTION';
  }
}
