import type { Node, SelectStmt } from '@pgsql/types';
import type { ViewRelation } from '../catalog/catalog.ts';
import { figureName } from '../catalog/figuredNames.ts';
import { columnNamed, hasColumns } from '../catalog/lookup.ts';
import { analyzeQuery } from '../catalog/query.ts';
import { deparse, expressionText } from '../sql/expressionText.ts';
import { quoteIdentifier } from '../sql/quote.ts';
import { nodeAs, stringValue } from '../sql/tree.ts';
import { NotKnown, nameIn } from './naming.ts';
import type { Naming } from './naming.ts';

/** CREATE VIEW or CREATE MATERIALIZED VIEW, without the closing `;`. */
export function createView(
  naming: Naming,
  view: ViewRelation,
  { replace = false }: { readonly replace?: boolean } = {},
): string {
  const { query, names } = viewQuery(naming, view);
  const listed = view.columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  const same = names !== null && view.columns.every(({ name }, index) => name === names[index]);
  const columns = view.columns.length === 0 || same ? '' : ` (${listed})`;
  const options = Object.entries(view.options).filter(([name]) => name !== 'check_option');
  const list = options.length === 0 ? '' : ` WITH (${options.map(([name, value]) => `${name}=${value}`).join(', ')})`;
  if (view.kind === 'materialized view') {
    const method = view.accessMethod === null ? '' : ` USING ${quoteIdentifier(view.accessMethod)}`;
    const tablespace = view.tablespace === null ? '' : ` TABLESPACE ${quoteIdentifier(view.tablespace)}`;
    const data = view.populated ? '' : '\nWITH NO DATA';
    return `CREATE MATERIALIZED VIEW ${nameIn(naming, view)}${columns}${method}${list}${tablespace} AS\n${query}${data}`;
  }
  const check = view.options['check_option'];
  const clause = check === undefined ? '' : `\nWITH ${check.toUpperCase()} CHECK OPTION`;
  return `CREATE ${replace ? 'OR REPLACE ' : ''}VIEW ${nameIn(naming, view)}${columns}${list} AS\n${query}${clause}`;
}

/**
 * The query, and the names that its columns would get by themselves (null: not known). A `*` means the columns that
 * there were when the view was made, so it is written out: today it could mean more.
 */
function viewQuery(
  naming: Naming,
  view: ViewRelation,
): { readonly query: string; readonly names: readonly string[] | null } {
  const { tree } = view.query;
  const select = nodeAs(tree, 'SelectStmt');
  if (tree === null || select === undefined) {
    const query = expressionText(view.query).replace(/;\s*$/, '');
    if (query === '') throw new NotKnown(`the query of the view ${view.name}`);
    return { query, names: null };
  }
  if (view.dependencies.relations.includes(view.id)) throw new NotKnown(`the view ${view.name}, which reads itself,`);
  const now = analyzeQuery(naming.catalog, tree);
  // A view outlives renames below it, and so does its query on the server. If what stands here no longer leads to what the
  // view hangs on, the names in it are old ones.
  const found = [...now.dependencies.relations].sort().join();
  if (now.unknown.length > 0 || found !== [...view.dependencies.relations].sort().join()) {
    throw new NotKnown(`the query of the view ${view.name}, as renames since it was made left it,`);
  }
  const names = now.columns.map(({ name }) => name);
  if (names.join() === view.columns.map(({ name }) => name).join()) return { query: deparse(tree), names };
  const written = expandStars(naming, view, select);
  const listed = (leftmost(written).targetList ?? []).map(targetName);
  return { query: deparse({ SelectStmt: written }), names: listed.length === view.columns.length ? listed : null };
}

/** The arm of UNION that names the columns. */
function leftmost(select: SelectStmt): SelectStmt {
  return select.larg === undefined ? select : leftmost(select.larg);
}

function expandStars(naming: Naming, view: ViewRelation, select: SelectStmt): SelectStmt {
  const stars = (select.targetList ?? []).filter(isStar).length;
  if (select.larg !== undefined && select.rarg !== undefined) {
    // The names of the other arms don't count, so only what the first one says could be written out: leave it if it has no star.
    const arms = [leftmost(select.larg), leftmost(select.rarg)];
    if (arms.some((arm) => (arm.targetList ?? []).some(isStar) && readsRelations(arm))) throw starNotKnown(view);
    return select;
  }
  if (stars === 0 || !readsRelations(select)) return select;
  if (stars > 1) throw starNotKnown(view);
  const targets = select.targetList ?? [];
  const at = targets.findIndex(isStar);
  const behind = targets.length - at - 1;
  const names = view.columns.slice(at, view.columns.length - behind).map(({ name }) => name);
  const sources = view.dependencies.relations.flatMap((id) => naming.catalog.relations.get(id) ?? []);
  const known = (name: string) =>
    sources.some((source) => hasColumns(source) && columnNamed(source, name) !== undefined);
  if (!names.every(known)) throw starNotKnown(view);
  const qualifier = starQualifier(targets[at]);
  const expanded = names.map((name): Node => {
    const fields = [...qualifier, name].map((sval): Node => ({ String: { sval } }));
    return { ResTarget: { val: { ColumnRef: { fields } } } };
  });
  return { ...select, targetList: [...targets.slice(0, at), ...expanded, ...targets.slice(at + 1)] };
}

/** Is a table or view named in FROM? What only comes from subqueries is told by these, whatever columns tables get. */
function readsRelations(select: SelectStmt): boolean {
  const named = (select.withClause?.ctes ?? []).map((cte) => nodeAs(cte, 'CommonTableExpr')?.ctename);
  const reads = (item: Node | undefined): boolean => {
    const relation = nodeAs(item, 'RangeVar');
    if (relation !== undefined) return relation.schemaname !== undefined || !named.includes(relation.relname);
    const join = nodeAs(item, 'JoinExpr');
    return join !== undefined && (reads(join.larg) || reads(join.rarg));
  };
  return (select.fromClause ?? []).some(reads);
}

function starNotKnown(view: ViewRelation): NotKnown {
  return new NotKnown(`which columns the * in the view ${view.name} stood for`);
}

function fieldsOf(target: Node | undefined): readonly Node[] {
  return nodeAs(nodeAs(target, 'ResTarget')?.val, 'ColumnRef')?.fields ?? [];
}

function isStar(target: Node): boolean {
  const last = fieldsOf(target).at(-1);
  return last !== undefined && 'A_Star' in last;
}

/** `t` of `t.*`. */
function starQualifier(target: Node | undefined): readonly string[] {
  return fieldsOf(target).flatMap((field) => stringValue(field) ?? []);
}

function targetName(target: Node): string {
  const body = nodeAs(target, 'ResTarget');
  return body?.name ?? figureName(body?.val) ?? '?column?';
}
