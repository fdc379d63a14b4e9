import type { Node } from '@pgsql/types';
import type { CatalogView, Dependencies } from './catalog.ts';
import type { Name } from './nodes.ts';
import { QueryAnalyzer } from './queryAnalyzer.ts';
import type { QueryReferences } from './queryAnalyzer.ts';
import { ROOT } from './queryScope.ts';
import type { QueryColumn } from './queryScope.ts';

export interface QueryAnalysis {
  readonly columns: readonly QueryColumn[];
  readonly dependencies: Dependencies;
  /** Relations that the history never made. */
  readonly unknown: readonly Name[];
  readonly references: QueryReferences;
}

/** What a query gives and what it hangs on, as the server's parse analysis would find it. */
export function analyzeQuery(catalog: CatalogView, tree: Node | undefined): QueryAnalysis {
  const analyzer = new QueryAnalyzer(catalog);
  const columns = tree === undefined ? [] : analyzer.statement(tree, ROOT);
  return {
    columns,
    dependencies: analyzer.dependencies(),
    unknown: [...analyzer.unknown.values()],
    references: analyzer.references,
  };
}

/** The same for an expression over one relation: a policy's, a rule's. `also`: other names for that relation (NEW, OLD). */
export function analyzeExpression(
  catalog: CatalogView,
  relation: number,
  trees: readonly (Node | undefined)[],
  also: readonly string[] = [],
): Dependencies {
  const analyzer = new QueryAnalyzer(catalog);
  const found = catalog.relations.get(relation);
  const items = found === undefined ? [] : [found.name, ...also].map((alias) => analyzer.relationItem(found.id, alias));
  for (const tree of trees) {
    if (tree !== undefined && analyzer.isStatement(tree)) analyzer.statement(tree, { ...ROOT, outer: items });
    else analyzer.expression(tree, { ...ROOT, items });
  }
  return analyzer.dependencies();
}

/** The nodes by which a query, or an expression over one relation, names columns and relations. */
export function queryReferences(catalog: CatalogView, tree: Node, relation?: number): QueryReferences {
  const analyzer = new QueryAnalyzer(catalog);
  const found = relation === undefined ? undefined : catalog.relations.get(relation);
  const items = found === undefined ? [] : [analyzer.relationItem(found.id, found.name)];
  if (analyzer.isStatement(tree)) analyzer.statement(tree, { ...ROOT, outer: items });
  else analyzer.expression({ tree }, { ...ROOT, items });
  return analyzer.references;
}
