import type { ClusterStmt, DropOwnedStmt, ReindexStmt } from '@pgsql/types';
import type { Draft } from '../draft.ts';
import { indexesOf, isIndex, isTable } from '../lookup.ts';
import { nameOfRangeVar } from '../nodes.ts';
import { requireRelation, requireTable } from '../targets.ts';

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

/** DROP OWNED takes what a role owns: not known from the history, so it is said. */
export function dropOwned(draft: Draft, _node: DropOwnedStmt): void {
  draft.gap({ kind: 'not followed', what: 'DROP OWNED' });
}
