import type { ClusterStmt, DropOwnedStmt, ReindexStmt } from '@pgsql/types';
import type { Privilege } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { hasColumns, indexesOf, isIndex, isTable } from '../lookup.ts';
import { nameOfRangeVar, roleOf } from '../nodes.ts';
import { requireRelation, requireTable } from '../targets.ts';
import { drop } from './drop.ts';
import type { DropTarget } from './dropTargets.ts';

/** CLUSTER … USING index: the table remembers it. */
export function clusterTable(draft: Draft, node: ClusterStmt): void {
  if (node.relation === undefined || node.indexname === undefined) return;
  const table = requireTable(draft, node.relation);
  const index = indexesOf(draft, table).find(({ name }) => name === node.indexname);
  if (index !== undefined && (index.method === 'btree' || index.method === 'gist') && index.predicate === null)
    draft.changeTable(table.id, { clusteredOn: index.id });
}

/** REINDEX makes an invalid index valid again. */
export function reindex(draft: Draft, node: ReindexStmt): void {
  if (node.relation === undefined) return;
  const relation = requireRelation(draft, nameOfRangeVar(node.relation));
  const indexes = isIndex(relation) ? [relation] : isTable(relation) ? indexesOf(draft, relation) : [];
  for (const index of indexes) {
    if (!index.valid && index.kind === 'index') draft.put({ ...index, valid: true });
  }
}

/** DROP OWNED: what is known to be the role's goes, and what was granted to it. */
export function dropOwned(draft: Draft, node: DropOwnedStmt): void {
  const roles = new Set((node.roles ?? []).map((role) => roleOf('RoleSpec' in role ? role.RoleSpec : undefined)));
  const owned = ({ owner }: { readonly owner: string | null }): boolean => owner !== null && roles.has(owner);
  const targets: DropTarget[] = [];
  for (const one of [...draft.relations.values()])
    if (owned(one) && !isIndex(one)) targets.push({ kind: 'relation', id: one.id });
  for (const one of [...draft.types.values()]) if (owned(one)) targets.push({ kind: 'type', id: one.id });
  for (const one of [...draft.functions.values()]) if (owned(one)) targets.push({ kind: 'function', id: one.id });
  for (const one of draft.schemas.values()) if (owned(one)) targets.push({ kind: 'schema', name: one.name });
  drop(draft, targets, node.behavior === 'DROP_CASCADE');
  const kept = <T extends { readonly privileges: readonly Privilege[] }>(one: T): T => {
    const privileges = one.privileges.filter(({ grantee }) => !roles.has(grantee));
    return privileges.length === one.privileges.length ? one : { ...one, privileges };
  };
  for (const one of [...draft.relations.values()]) {
    const relation = kept(one);
    if (!hasColumns(relation)) draft.put(relation);
    else draft.put({ ...relation, columns: relation.columns.map(kept) });
  }
  for (const one of [...draft.types.values()]) draft.putType(kept(one));
  for (const one of [...draft.functions.values()]) draft.putFunction(kept(one));
  draft.schemas = draft.schemas.map(kept);
}
