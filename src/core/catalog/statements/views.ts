import type { CreateTableAsStmt, IntoClause, Node, RefreshMatViewStmt, ViewStmt } from '@pgsql/types';
import type { Column, Dependencies, ViewRelation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { indexesOf, relationAt, sameType } from '../lookup.ts';
import { nameOfRangeVar, strings } from '../nodes.ts';
import { analyzeQuery } from '../query.ts';
import type { QueryAnalysis } from '../query.ts';
import { Refusal } from '../refusal.ts';
import { expandStars } from '../rewriteTrees.ts';
import {
  creationSchema,
  missRelation,
  requireFreeRelationName,
  requireFreeTypeName,
  requireRelation,
} from '../targets.ts';
import { builtinType } from '../typeNames.ts';
import { linkColumn, newTable, noteDropOnCommit } from './createTable.ts';
import { optionsOf } from './indexes.ts';

/** CREATE [OR REPLACE] VIEW. */
export function createView(draft: Draft, node: ViewStmt): void {
  const { schema: written, name } = nameOfRangeVar(node.view);
  const analysis = analyze(draft, node.query);
  const schema = viewSchema(draft, node, written, analysis);
  const existing = relationAt(draft, schema, name);
  const replaced = node.replace === true && existing?.kind === 'view' ? existing : undefined;
  if (replaced === undefined) {
    requireFreeRelationName(draft, schema, name);
    requireFreeTypeName(draft, schema, name);
  }
  const columns = columnsOf(analysis, strings(node.aliases));
  if (replaced !== undefined) requireSameColumns(replaced, columns);
  const checkOption =
    node.withCheckOption === 'CASCADED_CHECK_OPTION'
      ? 'cascaded'
      : node.withCheckOption === 'LOCAL_CHECK_OPTION'
        ? 'local'
        : null;
  const view: ViewRelation = {
    ...(replaced ?? newView(draft.newId(), schema, name)),
    kind: 'view',
    columns: replaced === undefined ? columns : keepComments(replaced, columns),
    options: { ...optionsOf(node.options), ...(checkOption === null ? {} : { check_option: checkOption }) },
    query: { tree: node.query === undefined ? null : expandStars(node.query, analysis.references), text: null },
    dependencies: analysis.dependencies,
    persistence: schema === 'pg_temp' ? 'temporary' : 'permanent',
  };
  if (replaced === undefined) draft.addRelation(view);
  else draft.put(view);
  linkQuery(draft, view.id, analysis.dependencies);
}

/** A view over temporary relations is temporary itself. */
function viewSchema(draft: Draft, node: ViewStmt, written: string | undefined, analysis: QueryAnalysis): string {
  const temporary = analysis.dependencies.relations.some((id) => draft.relations.get(id)?.persistence === 'temporary');
  return creationSchema(draft, written, temporary && written === undefined ? 't' : node.view?.relpersistence);
}

function newView(id: number, schema: string, name: string): ViewRelation {
  return {
    kind: 'view',
    id,
    schema,
    name,
    persistence: 'permanent',
    owner: null,
    comment: null,
    privileges: [],
    options: {},
    tablespace: null,
    extension: null,
    columns: [],
    query: { tree: null, text: null },
    dependencies: { relations: [], columns: [], functions: [], types: [] },
    indexes: [],
    populated: true,
    accessMethod: null,
    clusteredOn: null,
    triggers: [],
    rules: [],
  };
}

/** CREATE TABLE AS, SELECT INTO, CREATE MATERIALIZED VIEW. */
export function createTableAs(draft: Draft, node: CreateTableAsStmt): void {
  const { into, query } = node;
  if (into === undefined || query === undefined) return;
  const { schema: written, name } = nameOfRangeVar(into.rel);
  const schema = creationSchema(draft, written, into.rel?.relpersistence);
  if (node.if_not_exists === true && relationAt(draft, schema, name) !== undefined) return;
  createFromQuery(draft, into, query, { schema, name, materialized: node.objtype === 'OBJECT_MATVIEW' });
}

export function createFromQuery(
  draft: Draft,
  into: IntoClause,
  query: Node,
  { schema, name, materialized }: { readonly schema: string; readonly name: string; readonly materialized: boolean },
): void {
  requireFreeRelationName(draft, schema, name);
  requireFreeTypeName(draft, schema, name);
  const analysis = analyze(draft, query);
  const columns = columnsOf(analysis, strings(into.colNames));
  const id = draft.newId();
  const { oids: _oids, ...options } = optionsOf(into.options);
  const tablespace = into.tableSpaceName ?? null;
  const accessMethod = into.accessMethod === undefined || into.accessMethod === 'heap' ? null : into.accessMethod;
  if (materialized) {
    const populated = into.skipData !== true;
    const { dependencies } = analysis;
    draft.addRelation({
      ...newView(id, schema, name),
      kind: 'materialized view',
      columns,
      options,
      tablespace,
      accessMethod,
      query: { tree: expandStars(query, analysis.references), text: null },
      dependencies,
      populated,
    });
    linkQuery(draft, id, dependencies);
  } else {
    const persistence =
      schema === 'pg_temp' ? 'temporary' : into.rel?.relpersistence === 'u' ? 'unlogged' : 'permanent';
    const onCommit =
      into.onCommit === 'ONCOMMIT_DROP' ? 'drop' : into.onCommit === 'ONCOMMIT_DELETE_ROWS' ? 'delete' : 'preserve';
    const nextColumn = columns.length + 1;
    draft.addRelation({
      ...newTable(id, schema, name),
      columns,
      nextColumn,
      options,
      tablespace,
      accessMethod,
      persistence,
      onCommit,
    });
  }
  if (into.onCommit === 'ONCOMMIT_DROP') noteDropOnCommit(draft, id);
  for (const column of columns) linkColumn(draft, id, column);
}

/** SELECT … INTO. */
export function selectInto(draft: Draft, into: IntoClause, query: Node): void {
  const { schema: written, name } = nameOfRangeVar(into.rel);
  const schema = creationSchema(draft, written, into.rel?.relpersistence);
  createFromQuery(draft, into, query, { schema, name, materialized: false });
}

/** REFRESH MATERIALIZED VIEW: only whether it holds data. */
export function refreshMaterializedView(draft: Draft, node: RefreshMatViewStmt): void {
  const name = nameOfRangeVar(node.relation);
  const relation = requireRelation(draft, name);
  if (relation.kind !== 'materialized view')
    throw new Refusal('42809', `"${relation.name}" is not a materialized view`);
  if (node.concurrent === true) requireConcurrentRefresh(draft, relation);
  const populated = node.skipData !== true;
  if (relation.populated !== populated) draft.put({ ...relation, populated });
}

/** Rows are told apart by a unique index on plain columns and all rows; and there must be some to compare with (ExecRefreshMatView). */
function requireConcurrentRefresh(draft: Draft, relation: ViewRelation): void {
  if (!relation.populated) {
    throw new Refusal('0A000', 'CONCURRENTLY cannot be used when the materialized view is not populated');
  }
  const usable = indexesOf(draft, relation).some(
    ({ unique, predicate, keys }) => unique && predicate === null && keys.every(({ column }) => column !== null),
  );
  if (!usable) {
    throw new Refusal(
      '55000',
      `cannot refresh materialized view "${relation.name}" concurrently: it has no unique index without WHERE on its columns`,
    );
  }
}

function analyze(draft: Draft, query: Node | undefined): QueryAnalysis {
  const analysis = analyzeQuery(draft, query);
  for (const name of analysis.unknown) missRelation(draft, name);
  return analysis;
}

function columnsOf(analysis: QueryAnalysis, names: readonly string[]): Column[] {
  const taken = analysis.columns.map((column, at) => names[at] ?? column.name);
  if (new Set(taken).size < taken.length) throw new Refusal('42701', 'column specified more than once');
  return analysis.columns.map((column, at): Column => ({
    number: at + 1,
    name: names[at] ?? column.name,
    type: column.type ?? { ...builtinType('unknown'), schema: null },
    notNull: false,
    default: null,
    generated: null,
    identity: null,
    collation: column.collation,
    storage: null,
    compression: null,
    statistics: null,
    comment: null,
    privileges: [],
    options: {},
    local: true,
    inheritCount: 0,
  }));
}

/** CREATE OR REPLACE VIEW may add columns at the end only (checkViewColumns). */
function requireSameColumns(before: ViewRelation, columns: readonly Column[]): void {
  if (columns.length < before.columns.length) throw new Refusal('42P16', 'cannot drop columns from view');
  for (const [at, column] of before.columns.entries()) {
    const now = columns[at];
    if (now === undefined) continue;
    if (now.name !== column.name) {
      throw new Refusal('42P16', `cannot change name of view column "${column.name}" to "${now.name}"`);
    }
    const known = now.type.schema !== null && column.type.schema !== null;
    const differs = !sameType(now.type, column.type) || now.type.modifiers.join() !== column.type.modifiers.join();
    if (known && differs) throw new Refusal('42P16', `cannot change data type of view column "${column.name}"`);
  }
}

function keepComments(before: ViewRelation, columns: readonly Column[]): Column[] {
  return columns.map((column, at) => {
    const { comment, privileges, default: defaultExpression } = before.columns[at] ?? column;
    return { ...column, comment, privileges, default: defaultExpression };
  });
}

/** Notes what a query hangs on. */
export function linkQuery(draft: Draft, id: number, dependencies: Dependencies): void {
  draft.linkAll(dependencies.relations, id);
  draft.linkAll(dependencies.functions, id);
  draft.linkAll(dependencies.types, id);
}
