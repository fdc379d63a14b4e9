import type { Node } from '@pgsql/types';
import type { Catalog, TypeReference } from '../catalog/catalog.ts';
import { BINARY_CASTS } from './builtins.ts';
import { itemsOf } from './volatility.ts';

/**
 * What a change of a column's type asks of the table. After ATColumnChangeRequiresRewrite() in
 * src/backend/commands/tablecmds.c and the planner's support functions (varchar_support, numeric_support,
 * timestamp_support, time_support, interval_support, varbit_support); measured on 14–18.
 */
export interface TypeChange {
  readonly rewrite: 'yes' | 'no' | 'unknown';
  /** For people: why. */
  readonly why: string;
}

const FREE = (why: string): TypeChange => ({ rewrite: 'no', why });
const REWRITE = (why: string): TypeChange => ({ rewrite: 'yes', why });

/** A change along a chain of types: the column's, those of casts in USING, the new one. */
export function typeChange(
  chain: readonly TypeReference[],
  context: { readonly catalog: Catalog; readonly timeZone: string | null },
): TypeChange {
  let unknown: TypeChange | null = null;
  let last: TypeChange = FREE('The type stays the same.');
  for (let index = 1; index < chain.length; index++) {
    const [from, to] = [chain[index - 1], chain[index]];
    if (from === undefined || to === undefined) continue;
    const step = coercion(from, to, context);
    if (step.rewrite === 'yes') return step;
    if (step.rewrite === 'unknown') unknown ??= step;
    last = step;
  }
  return unknown ?? last;
}

function coercion(
  from: TypeReference,
  to: TypeReference,
  context: { readonly catalog: Catalog; readonly timeZone: string | null },
): TypeChange {
  const { catalog } = context;
  const constrained = constrainedDomain(catalog, to);
  if (constrained && !sameName(from, to)) {
    return REWRITE(`${nameOf(to)} is a domain with constraints: every value is checked while the table is rewritten.`);
  }
  const [base, target] = [baseOf(catalog, from), baseOf(catalog, to)];
  // The value of a domain comes without its base type's modifiers (RelabelType with typmod -1).
  const source = base === from || sameName(from, to) ? base : { ...base, modifiers: [] };
  if (isArray(source) !== isArray(target)) return REWRITE(`${nameOf(from)} and ${nameOf(to)} are stored differently.`);
  if (isArray(source)) return arrayCoercion(source, target);
  if (sameName(source, target)) return modifierChange(source, target);
  if (binaryCoercible(catalog, source, target)) {
    return modifierChange({ ...target, modifiers: [] }, target);
  }
  const zone = timestampChange(source, target, context.timeZone);
  if (zone !== null) return zone.rewrite === 'no' ? modifierChange({ ...target, modifiers: [] }, target) : zone;
  if (isUnknown(source) || isUnknown(target)) {
    return {
      rewrite: 'unknown',
      why: `How ${nameOf(from)} becomes ${nameOf(to)} depends on a cast that is not known here.`,
    };
  }
  return REWRITE(`${nameOf(from)} and ${nameOf(to)} are stored differently: every row is converted.`);
}

/** Arrays are converted element by element even if the elements are binary coercible. Without a modifier nothing is to be done. */
function arrayCoercion(source: TypeReference, target: TypeReference): TypeChange {
  if (!sameName(source, target))
    return REWRITE('An array is converted element by element when its element type changes.');
  if (target.modifiers.length === 0 || sameModifiers(source, target)) return FREE('The array is stored the same way.');
  return REWRITE('An array is converted element by element when its length limit changes.');
}

function timestampChange(source: TypeReference, target: TypeReference, timeZone: string | null): TypeChange | null {
  const pair = `${source.name}>${target.name}`;
  if (pair !== 'timestamp>timestamptz' && pair !== 'timestamptz>timestamp') return null;
  if (timeZone === null) {
    return {
      rewrite: 'unknown',
      why: 'Under TimeZone=UTC nothing is rewritten, under any other time zone the whole table is. Which one the session has is not known.',
    };
  }
  if (isUtc(timeZone)) return FREE(`Under TimeZone=${timeZone} the stored values stay the same.`);
  return REWRITE(`Under TimeZone=${timeZone} every value is shifted; under UTC nothing would be rewritten.`);
}

/** Time zones with a constant offset of zero (TimestampTimestampTzRequiresRewrite()). */
export function isUtc(timeZone: string): boolean {
  return /^(etc\/)?(utc|gmt|uct|zulu|universal|greenwich|gmt[+-]?0|utc[+-]?0+(:0+)?|[+-]?0+(:0+)*)$/i.test(
    timeZone.trim(),
  );
}

/** The same type with other modifiers: length, precision, scale. */
function modifierChange(source: TypeReference, target: TypeReference): TypeChange {
  if (sameModifiers(source, target)) return FREE('The values are stored the same way.');
  const [old, next] = [numbers(source), numbers(target)];
  switch (target.name) {
    case 'varchar':
    case 'varbit':
      return next[0] === undefined || (old[0] !== undefined && next[0] >= old[0])
        ? FREE('The new length limit is not below the old one.')
        : REWRITE('The length limit is new or lower: every value is checked and the table is rewritten.');
    case 'numeric': {
      if (next[0] === undefined) return FREE('The new type has no limits.');
      const free = old[0] !== undefined && next[0] >= old[0] && (next[1] ?? 0) === (old[1] ?? 0);
      return free
        ? FREE('The scale stays and the precision does not shrink.')
        : REWRITE('The scale changes or the precision shrinks: every value is rounded anew.');
    }
    case 'timestamp':
    case 'timestamptz':
    case 'time':
    case 'timetz':
      return (next[0] ?? 6) >= (old[0] ?? 6)
        ? FREE('The new precision is not below the old one.')
        : REWRITE('The precision shrinks: every value is rounded anew.');
    case 'interval':
      return intervalChange(source, target);
    case 'bpchar':
    case 'bit':
      return target.modifiers.length === 0
        ? FREE('The new type has no length.')
        : REWRITE(`Values of fixed length are padded anew when the length changes.`);
    default:
      return target.modifiers.length === 0
        ? FREE('The new type has no modifier.')
        : { rewrite: 'unknown', why: `What a new modifier of ${target.name} means is not known here.` };
  }
}

/** Fields of an interval, least significant last; a range is stored by its least significant field alone. */
const INTERVAL_FIELDS: readonly (readonly [number, number])[] = [
  [1 << 2, 0], // YEAR
  [1 << 1, 1], // MONTH
  [1 << 3, 2], // DAY
  [1 << 10, 3], // HOUR
  [1 << 11, 4], // MINUTE
  [1 << 12, 5], // SECOND
];

function intervalChange(source: TypeReference, target: TypeReference): TypeChange {
  const [old, next] = [intervalLimits(source), intervalLimits(target)];
  return next.field >= old.field && (next.field < 5 || next.precision >= old.precision)
    ? FREE('The new interval type keeps all that the old one held.')
    : REWRITE('The new interval type holds less: every value is cut anew.');
}

function intervalLimits(type: TypeReference): { readonly field: number; readonly precision: number } {
  const [first, second] = numbers(type);
  if (first === undefined) return { field: 5, precision: 6 };
  let field = 0;
  for (const [bit, rank] of INTERVAL_FIELDS) if ((first & bit) !== 0) field = Math.max(field, rank);
  return { field, precision: second ?? 6 };
}

const pairs = new Map<number, ReadonlySet<string>>();

/** A pair of types whose values are stored the same way (pg_cast WITHOUT FUNCTION), or domains over such. */
export function binaryCoercible(catalog: Catalog, from: TypeReference, to: TypeReference): boolean {
  let known = pairs.get(catalog.major);
  if (known === undefined) {
    known = itemsOf(BINARY_CASTS, catalog.major);
    pairs.set(catalog.major, known);
  }
  // citext's own casts: text, varchar ↔ citext WITHOUT FUNCTION (contrib/citext).
  if (to.name === 'citext') return from.name === 'text' || from.name === 'varchar';
  if (from.name === 'citext') return to.name === 'text' || to.name === 'varchar';
  return known.has(`${from.name}>${to.name}`);
}

/** Types that share one default operator class, so that an index stays usable when nothing is rewritten. */
const OPERATOR_CLASS: Readonly<Record<string, string>> = { varchar: 'text', cidr: 'inet' };

/** Whether an index on a column can be kept when its type changes without a rewrite (CheckIndexCompatible()). */
export function keepsOperatorClass(catalog: Catalog, from: TypeReference, to: TypeReference): boolean {
  const [source, target] = [baseOf(catalog, from), baseOf(catalog, to)];
  if (isArray(source) || isArray(target)) return sameName(source, target) && isArray(source) === isArray(target);
  const classOf = (name: string): string => (name.startsWith('reg') ? 'oid' : (OPERATOR_CLASS[name] ?? name));
  return (
    sameName(source, target) ||
    (source.id === null && target.id === null && classOf(source.name) === classOf(target.name))
  );
}

/** Those of information_schema with a CHECK (src/backend/catalog/information_schema.sql, 14–18). */
const CONSTRAINED_BUILTINS: ReadonlySet<string> = new Set(['cardinal_number', 'yes_or_no']);

/** A domain, or one over a domain, that has a CHECK or is NOT NULL. Not so an array of it. */
export function constrainedDomain(catalog: Catalog, type: TypeReference): boolean {
  if (isArray(type)) return false;
  const domain = type.id === null ? undefined : catalog.types.get(type.id);
  if (domain?.kind !== 'domain') return type.schema === 'information_schema' && CONSTRAINED_BUILTINS.has(type.name);
  return domain.notNull || domain.constraints.length > 0 || constrainedDomain(catalog, domain.base);
}

/** The type under domains. */
export function baseOf(catalog: Catalog, type: TypeReference): TypeReference {
  const domain = type.id === null || isArray(type) ? undefined : catalog.types.get(type.id);
  return domain?.kind === 'domain' ? baseOf(catalog, domain.base) : type;
}

/** The casts of a USING expression down to the column itself, innermost first; null if it is anything else. */
export function castsOver(using: Node | undefined, column: string): Node[] | null {
  if (using === undefined) return [];
  if ('ColumnRef' in using) {
    const last = using.ColumnRef.fields?.at(-1);
    return last !== undefined && 'String' in last && last.String.sval === column ? [] : null;
  }
  if (!('TypeCast' in using) || using.TypeCast.typeName === undefined) return null;
  const inner = castsOver(using.TypeCast.arg, column);
  return inner === null ? null : [...inner, { TypeName: using.TypeCast.typeName }];
}

function isArray(type: TypeReference): boolean {
  return type.arrayDimensions > 0;
}

function sameName(a: TypeReference, b: TypeReference): boolean {
  if (a.id !== null || b.id !== null) return a.id === b.id;
  return a.name === b.name;
}

function sameModifiers(a: TypeReference, b: TypeReference): boolean {
  if (a.name === 'numeric' && a.modifiers.length > 0 && b.modifiers.length > 0) {
    return (
      String(a.modifiers[0]) === String(b.modifiers[0]) && String(a.modifiers[1] ?? 0) === String(b.modifiers[1] ?? 0)
    );
  }
  return (
    a.modifiers.length === b.modifiers.length &&
    a.modifiers.every((each, index) => String(each) === String(b.modifiers[index]))
  );
}

function numbers(type: TypeReference): number[] {
  return type.modifiers.map(Number);
}

/** Neither built in nor in the catalog: an extension's type, or one that the history never made. */
function isUnknown(type: TypeReference): boolean {
  return type.id === null && type.schema !== 'pg_catalog';
}

function nameOf(type: TypeReference): string {
  const modifiers = type.modifiers.length > 0 ? `(${type.modifiers.join(',')})` : '';
  return `${type.name}${modifiers}${'[]'.repeat(type.arrayDimensions)}`;
}
