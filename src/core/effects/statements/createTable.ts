import type { CreateSchemaStmt, CreateStmt, CreateTableAsStmt, Node, SelectStmt } from '@pgsql/types';
import type { Relation, TableRelation } from '../../catalog/catalog.ts';
import { isTable } from '../../catalog/lookup.ts';
import type { Work } from '../effect.ts';
import { documented, measured } from '../fact.ts';
import type { Fact } from '../fact.ts';
import type { EffectRecorder } from '../recorder.ts';
import { CONSTRAINT_FACTS, referenceOther } from './constraints.ts';
import { query, queryWalker } from './modify.ts';
import { touchForNewPartition } from './partitions.ts';
import { nameText } from '../../sql/quote.ts';

const PAGE = 'sql-createtable.html';
const NEW = 'Nobody else can see it before the transaction ends.';

const FACTS = {
  create: { operation: 'create table', lock: 'ACCESS EXCLUSIVE', why: NEW, source: documented(PAGE) },
  createAs: {
    operation: 'create table as',
    lock: 'ACCESS EXCLUSIVE',
    why: NEW,
    source: documented('sql-createtableas.html'),
  },
  createMaterialized: {
    operation: 'create materialized view',
    lock: 'ACCESS EXCLUSIVE',
    why: NEW,
    source: documented('sql-creatematerializedview.html'),
  },
  createSequence: { operation: 'create sequence', lock: 'ACCESS EXCLUSIVE', why: NEW, source: measured() },
  like: {
    operation: 'create table like',
    lock: 'ACCESS SHARE',
    why: 'The table is only looked at.',
    source: documented(PAGE),
  },
  partitionOf: {
    operation: 'create partition',
    lock: 'ACCESS EXCLUSIVE',
    why: 'A new partition changes the partitioned table: reads and writes of all of it wait for a moment. CREATE TABLE, then ATTACH PARTITION, lets them go on.',
    source: documented('sql-createtable.html#SQL-CREATETABLE-PARTITION'),
  },
  inherits: {
    operation: 'create inheritance child',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'The parent gets a child: reads and writes of it go on.',
    source: measured(),
  },
} as const satisfies Record<string, Fact>;

const ROWS: readonly Work[] = ['rows'];
const NOTHING: readonly Work[] = [];

/** CREATE TABLE, with LIKE, INHERITS, PARTITION OF, and foreign keys to other tables. CREATE FOREIGN TABLE too. */
export function createTable(recorder: EffectRecorder, statement: CreateStmt): void {
  const name = statement.relation?.relname ?? '';
  if (statement.if_not_exists === true && !recorder.madeOne) return;
  const what = `CREATE TABLE ${nameText(name)}`;
  touchNew(recorder, FACTS.create, what, NOTHING);
  const parents = (statement.inhRelations ?? []).flatMap((node) => ('RangeVar' in node ? [node.RangeVar] : []));
  for (const parent of parents) {
    const fact = statement.partbound === undefined ? FACTS.inherits : FACTS.partitionOf;
    const relation = recorder.touchNamed(parent, fact, { what });
    if (relation === undefined || !isTable(relation) || statement.partbound === undefined) continue;
    const bound = newTable(recorder)?.partitionOf?.bound ?? null;
    touchForNewPartition(recorder, relation, bound, what);
  }
  for (const node of [...(statement.tableElts ?? []), ...(statement.constraints ?? [])])
    touchReferred(recorder, node, what);
}

/** @param made names in the schema that the same statement makes */
function touchReferred(recorder: EffectRecorder, node: Node, what: string, made?: ReadonlySet<string>): void {
  if ('TableLikeClause' in node) {
    if (made?.has(node.TableLikeClause.relation?.relname ?? '') === true) return;
    recorder.touchNamed(node.TableLikeClause.relation, FACTS.like, {
      what: `LIKE ${nameText(node.TableLikeClause.relation?.relname)}`,
    });
  } else if ('Constraint' in node) {
    if (node.Constraint.contype !== 'CONSTR_FOREIGN') return;
    const { conname, pktable } = node.Constraint;
    if (made?.has(pktable?.relname ?? '') === true) return;
    const other = recorder.resolve(pktable);
    // A table that refers to itself is new and has no name before the statement.
    if (other === undefined && pktable?.relname === newTable(recorder)?.name) return;
    const detail = {
      what: `foreign key${conname === undefined ? '' : ` ${nameText(conname)}`} of ${what.slice(13)}`,
      checked: false,
    };
    referenceOther(recorder, node.Constraint, { ...detail, fact: CONSTRAINT_FACTS.foreignKey });
  } else if ('ColumnDef' in node) {
    for (const constraint of node.ColumnDef.constraints ?? []) touchReferred(recorder, constraint, what, made);
  }
}

function newTable(recorder: EffectRecorder): TableRelation | undefined {
  for (let id = recorder.before.nextId; id < recorder.after.nextId; id++) {
    const relation = recorder.after.relations.get(id);
    if (relation !== undefined && isTable(relation)) return relation;
  }
  return undefined;
}

/** Everything that the statement made: its table, its sequences. */
export function touchNew(recorder: EffectRecorder, fact: Fact, what: string, work: readonly Work[]): void {
  for (let id = recorder.before.nextId; id < recorder.after.nextId; id++) {
    const made = recorder.after.relations.get(id);
    if (made === undefined) continue;
    if (made.kind === 'sequence')
      recorder.touch(id, FACTS.createSequence, { what: `sequence ${nameText(made.name)}`, object: made.name });
    else if (holds(made)) recorder.touch(id, fact, { what, object: made.name, work });
  }
}

function holds(made: Relation): boolean {
  return isTable(made) || made.kind === 'view' || made.kind === 'materialized view';
}

/** CREATE SCHEMA with elements: they are all new; what they refer to outside of the schema is locked as each would. */
export function createSchema(recorder: EffectRecorder, statement: CreateSchemaStmt): void {
  const what = `CREATE SCHEMA ${nameText(statement.schemaname)}`;
  touchNew(recorder, FACTS.create, what, NOTHING);
  const made = new Set<string>();
  for (let id = recorder.before.nextId; id < recorder.after.nextId; id++) {
    const relation = recorder.after.relations.get(id);
    if (relation !== undefined) made.add(relation.name);
  }
  for (const element of statement.schemaElts ?? []) {
    if ('ViewStmt' in element) {
      const walker = queryWalker(recorder, 'parse');
      walker.hiding([...made], () => {
        walker.walk(element.ViewStmt.query);
      });
    }
    if (!('CreateStmt' in element)) continue;
    for (const node of [...(element.CreateStmt.tableElts ?? []), ...(element.CreateStmt.constraints ?? [])]) {
      touchReferred(recorder, node, what, made);
    }
  }
}

/** CREATE TABLE AS, CREATE MATERIALIZED VIEW. */
export function createTableAs(recorder: EffectRecorder, statement: CreateTableAsStmt): void {
  const into = statement.into?.rel;
  if (statement.if_not_exists === true && !recorder.madeOne) {
    // The query is looked up before anybody sees that the name is taken.
    if (statement.query !== undefined) query(recorder, statement.query, 'parse');
    return;
  }
  const materialized = statement.objtype === 'OBJECT_MATVIEW';
  const what = `${materialized ? 'CREATE MATERIALIZED VIEW' : 'CREATE TABLE AS'} ${nameText(into?.relname)}`;
  const empty = statement.into?.skipData === true;
  touchNew(recorder, materialized ? FACTS.createMaterialized : FACTS.createAs, what, empty ? NOTHING : ROWS);
  if (statement.query !== undefined && 'ExecuteStmt' in statement.query)
    recorder.opaqueHere('EXECUTE of a prepared statement is not followed');
  if (statement.query !== undefined) query(recorder, statement.query, empty ? 'parse' : 'execute');
}

/** SELECT … INTO. */
export function selectInto(recorder: EffectRecorder, statement: SelectStmt): void {
  touchNew(recorder, FACTS.createAs, `SELECT INTO ${statement.intoClause?.rel?.relname ?? ''}`, ROWS);
  query(recorder, { SelectStmt: statement }, 'execute');
}
