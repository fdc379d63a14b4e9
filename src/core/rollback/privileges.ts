import type { Privilege } from '../catalog/catalog.ts';
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts';
import { roleName } from './routines.ts';

/** An object as GRANT, COMMENT and OWNER TO name it: `TABLE orders`. */
export interface ObjectName {
  /** `TABLE`, `SEQUENCE`, `FUNCTION`, `SCHEMA`, `TYPE` … */
  readonly keyword: string;
  readonly name: string;
}

/** Statements that turn one set of rights into another. */
export function privilegeChanges(
  object: ObjectName,
  from: readonly Privilege[],
  to: readonly Privilege[],
  column: string | null = null,
): readonly string[] {
  const on = `ON ${grantKeyword(object.keyword)} ${object.name}`;
  const has = (list: readonly Privilege[], one: Privilege, grantable: boolean) =>
    list.some((other) => same(other, one) && (!grantable || other.grantable));
  const revoked = from.filter((one) => !has(to, one, false));
  const granted = to.filter((one) => !has(from, one, one.grantable));
  const narrowed = from.filter((one) => one.grantable && has(to, one, false) && !has(to, one, true));
  return [
    ...byGrantee(revoked).map(([grantee, list]) => `REVOKE ${names(list, column)} ${on} FROM ${roleName(grantee)}`),
    ...byGrantee(narrowed).map(
      ([grantee, list]) => `REVOKE GRANT OPTION FOR ${names(list, column)} ${on} FROM ${roleName(grantee)}`,
    ),
    ...[false, true].flatMap((grantable) =>
      byGrantee(granted.filter((one) => one.grantable === grantable)).map(
        ([grantee, list]) =>
          `GRANT ${names(list, column)} ${on} TO ${roleName(grantee)}${grantable ? ' WITH GRANT OPTION' : ''}`,
      ),
    ),
  ];
}

function same(a: Privilege, b: Privilege): boolean {
  return a.grantee === b.grantee && a.privilege === b.privilege;
}

function byGrantee(list: readonly Privilege[]): readonly (readonly [string, readonly Privilege[]])[] {
  const grouped = new Map<string, Privilege[]>();
  for (const one of list) grouped.set(one.grantee, [...(grouped.get(one.grantee) ?? []), one]);
  return [...grouped];
}

function names(list: readonly Privilege[], column: string | null): string {
  const suffix = column === null ? '' : ` (${quoteIdentifier(column)})`;
  return list.map(({ privilege }) => privilege + suffix).join(', ');
}

/** Views, materialized and foreign tables are TABLE to GRANT; procedures and aggregates are ROUTINE, respectively FUNCTION. */
function grantKeyword(keyword: string): string {
  if (keyword === 'VIEW' || keyword === 'MATERIALIZED VIEW' || keyword === 'FOREIGN TABLE') return 'TABLE';
  if (keyword === 'AGGREGATE') return 'FUNCTION';
  return keyword;
}

/** COMMENT ON. */
export function commentOn(object: ObjectName, comment: string | null): string {
  return `COMMENT ON ${object.keyword} ${object.name} IS ${comment === null ? 'NULL' : quoteLiteral(comment)}`;
}

/** ALTER … OWNER TO. */
export function ownerTo(object: ObjectName, owner: string): string {
  return `ALTER ${object.keyword} ${object.name} OWNER TO ${roleName(owner)}`;
}
