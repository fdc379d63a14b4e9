import type { Constraint as ConstraintNode, CreateForeignTableStmt, CreateStmt } from '@pgsql/types';
import type { Column, TableRelation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { hasColumns, isTable, relationAt, resolveRelation } from '../lookup.ts';
import { nameOf, nameOfRangeVar, strings } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { creationSchema, missRelation, requireFreeRelationName, requireFreeTypeName } from '../targets.ts';
import { planColumn } from './columns.ts';
import type { ColumnPlan } from './columns.ts';
import { addConstraint, planIndexBacked } from './constraints.ts';
import { addIndex, optionsOf } from './indexes.ts';
import type { IndexPlan } from './indexes.ts';
import { inheritedColumns, linkToParents } from './inheritance.ts';
import { copyLike, likeColumns, likeNotNulls } from './like.ts';
import type { LikeSource } from './like.ts';
import { newTableNotNulls } from './newTableNotNulls.ts';
import type { WantedNotNull } from './newTableNotNulls.ts';
import { boundOf, partitionKeyOf } from './partitionBounds.ts';
import { joinPartition } from './partitions.ts';

/** A table with nothing in it. */
export function newTable(id: number, schema: string, name: string): TableRelation {
  return {
    kind: 'table',
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
    nextColumn: 1,
    constraints: [],
    indexes: [],
    triggers: [],
    policies: [],
    rules: [],
    rowSecurity: 'off',
    forceRowSecurity: false,
    replicaIdentity: { kind: 'default' },
    accessMethod: null,
    ofType: null,
    server: null,
    inherits: [],
    children: [],
    partitionKey: null,
    partitionOf: null,
    clusteredOn: null,
    onCommit: 'preserve',
  };
}

/** CREATE FOREIGN TABLE. */
export function createForeignTable(draft: Draft, node: CreateForeignTableStmt): void {
  if (node.base !== undefined) createTable(draft, node.base, node.servername ?? '');
}

/** CREATE TABLE, in the order in which the server does it (transformCreateStmt, DefineRelation), since generated names depend on it. */
export function createTable(draft: Draft, node: CreateStmt, server: string | null = null): void {
  const { schema: written, name } = nameOfRangeVar(node.relation);
  const schema = creationSchema(draft, written, node.relation?.relpersistence);
  if (node.if_not_exists === true && relationAt(draft, schema, name) !== undefined) return;
  requireFreeRelationName(draft, schema, name);
  requireFreeTypeName(draft, schema, name);

  const id = draft.newId();
  const persistence =
    schema === 'pg_temp' ? 'temporary' : node.relation?.relpersistence === 'u' ? 'unlogged' : 'permanent';
  const parents = parentsOf(draft, node);
  const inherited = inheritedColumns(draft, parents, node.partbound !== undefined);
  const build = readElements(draft, node, { schema, table: name, persistence, inherited });

  const { oids: _oids, ...options } = optionsOf(node.options);
  const table: TableRelation = {
    ...newTable(id, schema, name),
    kind: server !== null ? 'foreign table' : node.partspec === undefined ? 'table' : 'partitioned table',
    persistence,
    options,
    tablespace: node.tablespacename ?? null,
    accessMethod: node.accessMethod === undefined || node.accessMethod === 'heap' ? null : node.accessMethod,
    columns: build.columns,
    nextColumn: build.columns.length + 1,
    ofType: node.ofTypename === undefined ? null : (ofTypeOf(draft, node)?.id ?? null),
    server,
    inherits: node.partbound === undefined ? parents.map((parent) => parent.id) : [],
    onCommit:
      node.oncommit === 'ONCOMMIT_DROP' ? 'drop' : node.oncommit === 'ONCOMMIT_DELETE_ROWS' ? 'delete' : 'preserve',
  };
  const partitionKey = node.partspec === undefined ? null : partitionKeyOf(draft, table, node.partspec);
  draft.addRelation(partitionKey === null ? table : { ...table, partitionKey });
  for (const { expression } of partitionKey?.columns ?? []) draft.linkAll(expression?.uses, id);
  draft.link(table.ofType, id);
  if (table.onCommit === 'drop') noteDropOnCommit(draft, id);
  for (const { column, sequence } of build.plans) {
    if (sequence === null) continue;
    const internal = column.identity !== null;
    draft.addRelation({ ...sequence, ownedBy: { relation: id, column: column.number, internal } });
    draft.link(id, sequence.id);
  }
  for (const column of build.columns) linkColumn(draft, id, column);
  linkToParents(draft, id, parents);
  const [parent] = parents;
  if (node.partbound !== undefined && parent !== undefined) {
    joinPartition(draft, parent.id, id, boundOf(draft, node.partbound), { newTable: true });
  }

  for (const constraint of build.constraints) {
    if (constraint.contype === 'CONSTR_CHECK') addConstraint(draft, id, constraint, NEW_TABLE);
  }
  newTableNotNulls(draft, id, build.notNulls, node.partbound === undefined ? parents : []);
  addKeys(draft, id, build.constraints);
  for (const source of build.likes) copyLike(draft, id, source);
  for (const constraint of build.constraints) {
    if (constraint.contype === 'CONSTR_FOREIGN') addConstraint(draft, id, constraint, NEW_TABLE);
  }
}

/** The COMMIT of this transaction will drop it. */
export function noteDropOnCommit(draft: Draft, id: number): void {
  const { session } = draft;
  draft.session = { ...session, dropOnCommit: [...session.dropOnCommit, id] };
}

const NEW_TABLE = { newTable: true, only: false };

/** Notes what a column hangs on: its type, and what its default uses. */
export function linkColumn(draft: Draft, relation: number, column: Column): void {
  draft.link(column.type.id, relation);
  draft.linkAll(column.default?.uses, relation);
  draft.linkAll(column.generated?.expression.uses, relation);
}

function parentsOf(draft: Draft, node: CreateStmt): TableRelation[] {
  return (node.inhRelations ?? []).flatMap((item) => {
    const name = nameOfRangeVar('RangeVar' in item ? item.RangeVar : undefined);
    const parent = resolveRelation(draft, name.schema, name.name);
    if (parent === undefined) {
      missRelation(draft, name);
      return [];
    }
    if (!isTable(parent)) throw new Refusal('42809', `inherited relation "${parent.name}" is not a table`);
    if (node.partbound !== undefined && parent.partitionKey === null) {
      throw new Refusal('42P17', `"${parent.name}" is not partitioned`);
    }
    return [parent];
  });
}

interface Place {
  readonly schema: string;
  readonly table: string;
  readonly persistence: TableRelation['persistence'];
  readonly inherited: readonly Column[];
}

interface Build {
  readonly columns: readonly Column[];
  readonly plans: readonly ColumnPlan[];
  readonly constraints: readonly ConstraintNode[];
  readonly notNulls: readonly WantedNotNull[];
  readonly likes: readonly LikeSource[];
}

function readElements(draft: Draft, node: CreateStmt, place: Place): Build {
  const columns: Column[] = place.inherited.map((column, at) => ({ ...column, number: at + 1 }));
  const plans: ColumnPlan[] = [];
  const constraints: ConstraintNode[] = [];
  const notNulls: WantedNotNull[] = [];
  const likes: LikeSource[] = [];
  const takenNames = new Set<string>([place.table]);
  const add = (column: Column): void => {
    if (columns.some(({ name }) => name === column.name)) {
      throw new Refusal('42701', `column "${column.name}" specified more than once`);
    }
    columns.push({ ...column, number: columns.length + 1 });
  };
  for (const column of ofTypeOf(draft, node)?.columns ?? []) add({ ...column, local: true, inheritCount: 0 });
  const fromType = columns.length;
  const merged = new Set<string>();

  for (const element of node.tableElts ?? []) {
    if ('ColumnDef' in element) {
      const definition = element.ColumnDef;
      const name = definition.colname ?? '';
      const at = columns.findIndex(
        (column, index) => column.name === name && index < Math.max(place.inherited.length, fromType),
      );
      const before = columns[at];
      const number = before?.number ?? columns.length + 1;
      const { schema, table, persistence } = place;
      const plan = planColumn(draft, definition, {
        ...{ schema, table, persistence, number, takenNames },
        ...(before === undefined ? {} : { inherited: before }),
      });
      if (before === undefined) {
        add(plan.column);
      } else {
        if (merged.has(name)) throw new Refusal('42701', `column "${name}" specified more than once`);
        merged.add(name);
        const local = node.partbound === undefined;
        columns[at] = { ...plan.column, identity: plan.column.identity ?? before.identity, local };
      }
      plans.push(plan);
      if (plan.notNull !== null) notNulls.push({ column: name, ...plan.notNull });
      constraints.push(...plan.constraints);
    } else if ('Constraint' in element) {
      const constraint = element.Constraint;
      if (constraint.contype !== 'CONSTR_NOTNULL') constraints.push(constraint);
      else {
        const column = strings(constraint.keys)[0] ?? '';
        const at = columns.findIndex((candidate) => candidate.name === column);
        const before = columns[at];
        if (before !== undefined) columns[at] = { ...before, notNull: true };
        notNulls.push({ column, name: constraint.conname ?? null, noInherit: constraint.is_no_inherit === true });
      }
    } else if ('TableLikeClause' in element) {
      const found = likeColumns(draft, element.TableLikeClause, {
        ...place,
        takenNames,
        firstNumber: columns.length + 1,
      });
      if (found === null) continue;
      for (const column of found.columns) {
        // LIKE and INHERITS of one column merge as a column of its own and an inherited one do.
        const at = columns.findIndex(({ name }, index) => name === column.name && index < place.inherited.length);
        const before = columns[at];
        if (before === undefined || merged.has(column.name)) {
          add(column);
          continue;
        }
        merged.add(column.name);
        const notNull = before.notNull || column.notNull;
        const merge = { number: before.number, inheritCount: before.inheritCount, local: true, notNull };
        columns[at] = { ...column, default: column.default ?? before.default, ...merge };
      }
      plans.push(...found.plans);
      notNulls.push(...likeNotNulls(found.source));
      likes.push(found);
    }
  }
  markPrimaryKey(columns, constraints, notNulls);
  return { columns, plans, constraints, notNulls, likes };
}

/** Columns of the primary key are NOT NULL. */
function markPrimaryKey(columns: Column[], constraints: readonly ConstraintNode[], notNulls: WantedNotNull[]): void {
  const keys = constraints.filter(({ contype }) => contype === 'CONSTR_PRIMARY');
  if (keys.length > 1) throw new Refusal('42P16', 'multiple primary keys are not allowed');
  for (const name of strings(keys[0]?.keys)) {
    const at = columns.findIndex((column) => column.name === name);
    const column = columns[at];
    if (column === undefined) throw new Refusal('42703', `column "${name}" named in key does not exist`);
    columns[at] = { ...column, notNull: true };
    if (!notNulls.some((wanted) => wanted.column === name))
      notNulls.push({ column: name, name: null, noInherit: false });
  }
}

/** PRIMARY KEY first, then UNIQUE and EXCLUDE in order; equal ones are one (transformIndexConstraints). */
function addKeys(draft: Draft, tableId: number, constraints: readonly ConstraintNode[]): void {
  const keys = constraints.filter(
    ({ contype }) => contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_UNIQUE' || contype === 'CONSTR_EXCLUSION',
  );
  keys.sort((a, b) => Number(b.contype === 'CONSTR_PRIMARY') - Number(a.contype === 'CONSTR_PRIMARY'));
  const plans: IndexPlan[] = [];
  for (const key of keys) {
    const plan = planIndexBacked(draft, draft.table(tableId), key);
    const equal = plans.findIndex((earlier) => isSameKey(earlier, plan));
    const earlier = plans[equal];
    if (earlier === undefined) plans.push(plan);
    else plans[equal] = { ...earlier, name: earlier.name ?? plan.name };
  }
  for (const plan of plans) addIndex(draft, draft.table(tableId), plan, { only: false, parent: null });
}

function isSameKey(a: IndexPlan, b: IndexPlan): boolean {
  return (
    a.constraint?.kind !== 'exclude' &&
    b.constraint?.kind === 'unique' &&
    a.elements.map(({ name }) => name).join('\u0000') === b.elements.map(({ name }) => name).join('\u0000') &&
    a.include.join('\u0000') === b.include.join('\u0000') &&
    a.method === b.method &&
    a.nullsNotDistinct === b.nullsNotDistinct &&
    a.constraint?.deferrable === b.constraint.deferrable &&
    a.constraint.initiallyDeferred === b.constraint.initiallyDeferred
  );
}

function ofTypeOf(draft: Draft, node: CreateStmt): { readonly id: number; readonly columns: readonly Column[] } | null {
  if (node.ofTypename === undefined) return null;
  const { schema, name } = nameOf(node.ofTypename.names);
  const relation = resolveRelation(draft, schema, name);
  return relation?.kind === 'composite type' && hasColumns(relation) ? relation : null;
}
