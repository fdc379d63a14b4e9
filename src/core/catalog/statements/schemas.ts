import type { CreateSchemaStmt, Node } from '@pgsql/types';
import type { Draft } from '../draft.ts';
import { roleOf } from '../nodes.ts';
import { withDefaults } from '../privilegeLists.ts';
import { Refusal } from '../refusal.ts';
import { newSchema } from '../targets.ts';

/** CREATE SCHEMA, with the objects that it may hold. */
export function createSchema(draft: Draft, node: CreateSchemaStmt, apply: (element: Node) => void): void {
  const owner = node.authrole === undefined ? null : roleOf(node.authrole);
  const name = node.schemaname ?? owner ?? '';
  if (draft.schemas.has(name)) {
    if (node.if_not_exists === true) return;
    throw new Refusal('42P06', `schema "${name}" already exists`);
  }
  draft.schemas = draft.schemas.set(name, {
    ...newSchema(name),
    owner,
    privileges: withDefaults(draft, [], 'schemas', null),
  });
  if (node.schemaElts === undefined) return;
  // Its elements are made as if it stood first in search_path.
  const { session } = draft;
  draft.session = { ...session, searchPath: [name, ...session.searchPath] };
  for (const element of inOrder(node.schemaElts)) apply(element);
  draft.session = { ...draft.session, searchPath: session.searchPath };
}

/** transformCreateSchemaStmtElements: sequences, tables, views, indexes, triggers, grants. */
const ORDER = ['CreateSeqStmt', 'CreateStmt', 'ViewStmt', 'IndexStmt', 'CreateTrigStmt', 'GrantStmt'];

function inOrder(elements: readonly Node[]): Node[] {
  const rank = (node: Node): number => ORDER.indexOf(Object.keys(node)[0] ?? '');
  return [...elements].sort((a, b) => rank(a) - rank(b));
}
