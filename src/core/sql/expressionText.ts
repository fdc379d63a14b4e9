import type { Node } from '@pgsql/types';
import { deparseSync } from 'pgsql-deparser';
import type { Expression } from '../catalog/catalog.ts';

/** An expression as SQL, whether it came from a script (a tree) or from a server (text). */
export function expressionText(expression: Expression): string {
  return expression.text ?? (expression.tree ? deparse(expression.tree) : '');
}

/**
 * A parse tree as SQL, on one line, without a closing `;`.
 *
 * @throws when pgsql-deparser does not know the node
 */
export function deparse(tree: Node): string {
  return deparseSync(tree, { pretty: false }).replace(/;\s*$/, '');
}
