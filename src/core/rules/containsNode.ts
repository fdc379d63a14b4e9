import { walkTree } from '../sql/tree.ts';

/** Whether the tree holds a node that the predicate likes, itself included. */
export function containsNode(
  tree: unknown,
  likes: (kind: string, body: Readonly<Record<string, unknown>>) => boolean,
): boolean {
  let found = false;
  walkTree([tree], (kind, body) => {
    found ||= likes(kind, body);
    return !found;
  });
  return found;
}
