import type { Node } from '@pgsql/types';
import { UNKNOWN_NAME } from './constantText.ts';
import { nodeAs, stringValue } from './tree.ts';
import type { NodeBody } from './tree.ts';

/** What may stay unknown, since no lock hangs on it: roles, databases and constants. */
const OF_NO_LOCK = new Set(['rolename', 'role', 'A_Const', 'granted_roles', 'dbname']);

/** Functions whose constant argument names a relation, or is a setting: what comes after hangs on it. */
const BY_TEXT = new Set(['set_config', 'nextval', 'setval', 'currval']);

/** Settings on which the meaning of later statements hangs. */
const MEANINGFUL = new Set(['search_path', 'timezone']);

/**
 * Whether UNKNOWN_NAME stands where it matters which name or value it is: for a relation, a column, a type, a function,
 * or in a setting that later statements depend on.
 */
export function namesSomethingUnknown(tree: Node): boolean {
  const set = nodeAs(tree, 'VariableSetStmt');
  if (set !== undefined && MEANINGFUL.has(set.name?.toLowerCase() ?? '')) return true;
  return matters(tree);
}

function matters(tree: unknown): boolean {
  if (typeof tree !== 'object' || tree === null) return false;
  for (const [key, value] of Object.entries(tree)) {
    // A trigger's arguments are constants too.
    if (OF_NO_LOCK.has(key) || (key === 'args' && 'trigname' in tree)) continue;
    if (namesByText(key, value) && holdsUnknown(value)) return true;
    if (typeof value === 'string' ? value.includes(UNKNOWN_NAME) : matters(value)) return true;
  }
  return false;
}

/** A call of one of BY_TEXT, or a cast to `regclass` and its like. */
function namesByText(key: string, value: unknown): boolean {
  if (key === 'FuncCall') return BY_TEXT.has(lastName((value as NodeBody<'FuncCall'>).funcname));
  if (key === 'TypeCast') return lastName((value as NodeBody<'TypeCast'>).typeName?.names).startsWith('reg');
  return false;
}

function lastName(names: readonly Node[] | undefined): string {
  return stringValue(names?.at(-1)) ?? '';
}

function holdsUnknown(tree: unknown): boolean {
  if (typeof tree === 'string') return tree.includes(UNKNOWN_NAME);
  return typeof tree === 'object' && tree !== null && Object.values(tree).some(holdsUnknown);
}
