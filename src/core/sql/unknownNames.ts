import type { Node } from '@pgsql/types';
import { UNKNOWN_NAME } from './constantText.ts';
import { nodeAs } from './tree.ts';

/** What may stay unknown, since no lock hangs on it: roles, databases and constants. */
const OF_NO_LOCK = new Set(['rolename', 'role', 'A_Const', 'granted_roles', 'dbname']);

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
    if (typeof value === 'string' ? value.includes(UNKNOWN_NAME) : matters(value)) return true;
  }
  return false;
}
