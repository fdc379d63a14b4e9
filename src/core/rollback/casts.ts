import type { TypeReference } from '../catalog/catalog.ts';

/**
 * How a column's values get from one type to another in `USING`. Explicit casts between built-in types are those of
 * pg_cast (`\dC`); everything else goes through text, which every type can be written to and read from.
 */

const NUMBERS = ['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'];
const TEXTS = ['text', 'varchar', 'bpchar', 'name', 'char'];
/** Pairs with a direct cast both ways. */
const DIRECT = [
  NUMBERS,
  TEXTS,
  ['date', 'timestamp', 'timestamptz'],
  ['timestamptz', 'timetz'],
  ['time', 'timetz'],
  ['time', 'interval'],
  ['json', 'jsonb'],
  ['bool', 'int4'],
  ['inet', 'cidr'],
  ['bit', 'varbit'],
  ['macaddr', 'macaddr8'],
  ['bit', 'int4'],
  ['bit', 'int8'],
  ['money', 'numeric'],
];

/** The expression after USING; null: none is needed, since only modifiers differ. */
export function usingExpression(column: string, from: TypeReference, to: TypeReference, target: string): string | null {
  const sameBase = from.id === to.id && from.name === to.name && from.schema === to.schema;
  const sameArray = from.arrayDimensions > 0 === to.arrayDimensions > 0;
  if (sameBase && sameArray) return null;
  if (!sameArray) {
    // An element becomes a list of one; of a list only its first element is left.
    const [element, wanted] = [
      { ...from, arrayDimensions: 0 },
      { ...to, arrayDimensions: 0 },
    ];
    if (to.arrayDimensions > 0) {
      const one = usingExpression(column, element, wanted, target.replace(/(?:\[\])+$/, '')) ?? column;
      return `ARRAY[${one}]::${target}`;
    }
    return usingExpression(`(${column})[1]`, element, wanted, target) ?? `(${column})[1]::${target}`;
  }
  const brackets = from.arrayDimensions > 0 ? '[]' : '';
  if (isBuiltin(from) && isBuiltin(to)) {
    if (TEXTS.includes(to.name)) return `${column}::${target}`;
    if (DIRECT.some((group) => group.includes(from.name) && group.includes(to.name))) return `${column}::${target}`;
    if (from.name === 'bool' && NUMBERS.includes(to.name)) return `${column}::integer${brackets}::${target}`;
    if (to.name === 'bool' && NUMBERS.includes(from.name)) return `(${column} <> 0)`;
  }
  if (isBuiltin(to) && TEXTS.includes(to.name)) return `${column}::${target}`;
  if (isBuiltin(from) && TEXTS.includes(from.name)) return `${column}::${target}`;
  return `${column}::text${brackets}::${target}`;
}

/** Sizes of number types, from narrow to wide. */
const WIDTH: Readonly<Record<string, number>> = { int2: 1, int4: 2, int8: 3, numeric: 4, float4: 5, float8: 6 };

/**
 * Does every value of `from` fit into `to` and come back unchanged? False where that is not certain: only what is
 * certain is called kept.
 */
export function keepsEveryValue(from: TypeReference, to: TypeReference): boolean {
  if (from.arrayDimensions !== to.arrayDimensions) return false;
  if (!isBuiltin(from))
    return isBuiltin(to) && (to.name === 'text' || (to.name === 'varchar' && to.modifiers.length === 0));
  if (!isBuiltin(to)) return false;
  const length = to.modifiers[0];
  if (to.name === 'text' || (to.name === 'varchar' && length === undefined)) return from.name !== 'bpchar';
  if (from.name === 'varchar' && to.name === 'varchar') return shorter(from.modifiers[0], length);
  if (from.name === to.name && from.modifiers.join() === to.modifiers.join()) return true;
  if (from.name === 'numeric' && to.name === 'numeric') return widerNumeric(from, to);
  if (['int2', 'int4', 'int8'].includes(from.name)) {
    if (to.name === 'float4' || (to.name === 'float8' && from.name === 'int8')) return false;
    if (to.name === 'numeric') return to.modifiers.length === 0;
    return (WIDTH[to.name] ?? 0) > (WIDTH[from.name] ?? 9);
  }
  if (from.name === 'float4' && to.name === 'float8') return true;
  if (from.name === 'date' && (to.name === 'timestamp' || to.name === 'timestamptz')) return true;
  if (from.name === to.name) return to.modifiers.length === 0 || shorter(from.modifiers[0], length);
  return false;
}

function shorter(from: number | string | undefined, to: number | string | undefined): boolean {
  if (to === undefined) return true;
  return typeof from === 'number' && typeof to === 'number' && from <= to;
}

function widerNumeric(from: TypeReference, to: TypeReference): boolean {
  const [precision, scale] = to.modifiers;
  const [ownPrecision, ownScale] = from.modifiers;
  if (precision === undefined) return true;
  if (typeof precision !== 'number' || typeof scale !== 'number') return false;
  if (typeof ownPrecision !== 'number' || typeof ownScale !== 'number') return false;
  return scale >= ownScale && precision - scale >= ownPrecision - ownScale;
}

/**
 * A value that rows can be given in a NOT NULL column that comes back without its values, as an SQL literal; null where
 * no value is harmless. Written into the script with a remark, so that nobody takes it for the lost value.
 */
export function placeholder(type: TypeReference, firstLabel: string | undefined): string | null {
  if (type.arrayDimensions > 0) return "'{}'";
  if (firstLabel !== undefined) return `'${firstLabel.replaceAll("'", "''")}'`;
  if (!isBuiltin(type)) return null;
  if (NUMBERS.includes(type.name) || type.name === 'money') return '0';
  if (TEXTS.includes(type.name) || type.name === 'bytea' || type.name === 'tsvector') return "''";
  return PLACEHOLDERS[type.name] ?? null;
}

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  bool: 'false',
  date: "'epoch'",
  timestamp: "'epoch'",
  timestamptz: "'epoch'",
  time: "'00:00'",
  timetz: "'00:00+00'",
  interval: "'0'",
  json: "'{}'",
  jsonb: "'{}'",
  uuid: "'00000000-0000-0000-0000-000000000000'",
  inet: "'0.0.0.0'",
  cidr: "'0.0.0.0/0'",
};

function isBuiltin(type: TypeReference): boolean {
  return type.schema === 'pg_catalog' && type.id === null;
}
