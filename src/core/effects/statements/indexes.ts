import type { AlterTableCmd, IndexStmt, ReindexStmt } from '@pgsql/types';
import type { IndexRelation, Relation, TableRelation } from '../../catalog/catalog.ts';
import { descendants, indexesOf, isIndex, isTable, isView } from '../../catalog/lookup.ts';
import { definitionIsOn } from '../../sql/tree.ts';
import type { LockMode, Work } from '../effect.ts';
import { evaluate, evaluateIndexes } from '../evaluated.ts';
import { documented, measured } from '../fact.ts';
import type { Fact } from '../fact.ts';
import { withPartitions } from '../foreignKeys.ts';
import type { EffectRecorder } from '../recorder.ts';
import { hasStrongParameter } from './alteredTable.ts';
import { nameText } from '../../sql/quote.ts';

const CREATE = 'sql-createindex.html';

const FACTS = {
  create: {
    operation: 'create index',
    lock: 'SHARE',
    why: 'Writes wait until the whole index is built; reads go on.',
    source: documented(CREATE),
  },
  createOnly: {
    operation: 'create index only',
    lock: 'SHARE',
    why: 'Only the partitioned table’s own, empty index is made: writes wait for a moment.',
    source: documented(CREATE),
  },
  alreadyThere: {
    operation: 'create index already there',
    lock: 'SHARE',
    why: 'An index of this name is there already, so none is built; but the lock is taken all the same.',
    source: measured(),
  },
  createConcurrently: {
    operation: 'create index concurrently',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'The table is read twice while reads and writes go on.',
    source: documented('sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY'),
  },
  rename: {
    operation: 'rename index',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'Renaming an index does not stop reads or writes.',
    source: documented('sql-alterindex.html'),
  },
  alter: {
    operation: 'alter index',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'Only the index’s parameters change: reads and writes go on.',
    source: documented('sql-alterindex.html'),
  },
  tablespace: {
    operation: 'set tablespace',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The index is copied to the other tablespace; queries that plan with it wait.',
    source: documented('sql-alterindex.html'),
  },
  attach: {
    operation: 'attach index',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'The index is linked to that of the partitioned table: reads and writes of it go on.',
    source: documented('sql-alterindex.html'),
  },
  attachPartition: {
    operation: 'attach index',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The partition’s index is locked for a moment: queries of the partition wait.',
    source: measured(),
  },
  reindex: {
    operation: 'reindex',
    lock: 'ACCESS EXCLUSIVE',
    why: 'Writes to the table wait, and the index itself is locked against everything, so that reads that plan with it wait too.',
    source: documented('sql-reindex.html'),
  },
  reindexNoIndex: {
    operation: 'reindex',
    lock: 'SHARE',
    why: 'The table has no index to build, but the lock is taken.',
    source: documented('sql-reindex.html'),
  },
  reindexPartitioned: {
    operation: 'reindex',
    lock: 'SHARE',
    why: 'The partitions are looked up; they are then reindexed one by one, each in a transaction of its own.',
    source: measured(),
  },
  reindexConcurrently: {
    operation: 'reindex concurrently',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'A new index is built beside the old one while reads and writes go on.',
    source: documented('sql-reindex.html#SQL-REINDEX-CONCURRENTLY'),
  },
} as const satisfies Record<string, Fact>;

const BUILD: readonly Work[] = ['index build'];
const NOTHING: readonly Work[] = [];

const WAITS = 'transactions that use the table to end, at each of its phases';

/** CREATE INDEX. */
export function createIndex(recorder: EffectRecorder, statement: IndexStmt): void {
  const concurrent = statement.concurrent === true;
  if (concurrent) {
    recorder.transactional = false;
    recorder.waits(WAITS);
  }
  const made = newIndex(recorder);
  const name = statement.idxname ?? made?.name;
  const what = `CREATE ${statement.unique === true ? 'UNIQUE ' : ''}INDEX${concurrent ? ' CONCURRENTLY' : ''}${name === undefined ? '' : ` ${nameText(name)}`}`;
  const object = name === undefined ? {} : { object: name };
  const table = recorder.resolve(statement.relation);
  if (table === undefined) {
    const fact = concurrent ? FACTS.createConcurrently : FACTS.create;
    recorder.touchNamed(statement.relation, fact, { what, ...object, work: BUILD, releasedAtEnd: concurrent });
    return;
  }
  if (statement.if_not_exists === true && alreadyThere(recorder, statement, table)) {
    const fact = concurrent ? { ...FACTS.alreadyThere, lock: 'SHARE UPDATE EXCLUSIVE' as const } : FACTS.alreadyThere;
    recorder.touch(table.id, fact, { what, ...object, releasedAtEnd: concurrent });
    return;
  }
  if (isTable(table)) evaluateIndex(recorder, table, statement);
  if (isTable(table) && table.kind === 'partitioned table') {
    const only = statement.relation?.inh !== true;
    recorder.touch(table.id, only ? FACTS.createOnly : FACTS.create, { what, ...object });
    if (only) return;
    for (const child of descendants(recorder.before, table)) {
      const builds = child.kind === 'table' && !hasOwn(recorder, child, made);
      const why = builds ? {} : { why: 'An index that fits is there already and becomes part of the new one.' };
      recorder.touch(child.id, FACTS.create, {
        what,
        ...object,
        work: builds ? BUILD : NOTHING,
        ...(child.kind === 'table' ? why : {}),
      });
    }
    return;
  }
  const fact = concurrent ? FACTS.createConcurrently : FACTS.create;
  recorder.touch(table.id, fact, { what, ...object, work: BUILD, releasedAtEnd: concurrent });
}

/** An index's expressions, and its predicate, run for each row. */
function evaluateIndex(recorder: EffectRecorder, table: TableRelation, statement: IndexStmt): void {
  for (const node of statement.indexParams ?? []) {
    if ('IndexElem' in node) evaluate(recorder, [table], node.IndexElem.expr);
  }
  evaluate(recorder, [table], statement.whereClause);
}

function newIndex(recorder: EffectRecorder): IndexRelation | undefined {
  for (let id = recorder.before.nextId; id < recorder.after.nextId; id++) {
    const relation = recorder.after.relations.get(id);
    if (relation !== undefined && isIndex(relation)) return relation;
  }
  return undefined;
}

/** A partition's index from before that now belongs to the new partitioned one, at any level. */
function hasOwn(recorder: EffectRecorder, partition: TableRelation, made: IndexRelation | undefined): boolean {
  const now = recorder.after.relations.get(partition.id);
  if (made === undefined || now === undefined || !isTable(now)) return false;
  return indexesOf(recorder.after, now).some((index) => {
    if (recorder.madeHere(index.id) || index.parent === null) return false;
    const old = recorder.before.relations.get(index.id);
    return old !== undefined && isIndex(old) && old.parent === null;
  });
}

function alreadyThere(recorder: EffectRecorder, statement: IndexStmt, table: Relation): boolean {
  if (statement.idxname === undefined) return false;
  return recorder.resolve({ schemaname: table.schema, relname: statement.idxname }) !== undefined;
}

/** PostgreSQL's own index access methods (14–18). */
const OWN_METHODS: ReadonlySet<string> = new Set(['btree', 'hash', 'gist', 'gin', 'spgist', 'brin']);

/** ALTER INDEX. */
export function alterIndex(recorder: EffectRecorder, index: IndexRelation, commands: readonly AlterTableCmd[]): void {
  for (const command of commands) {
    if (command.subtype === 'AT_AttachPartition') {
      const part = command.def !== undefined && 'PartitionCmd' in command.def ? command.def.PartitionCmd : undefined;
      const what = `ATTACH PARTITION ${nameText(part?.name?.relname)}`;
      recorder.touch(index.id, FACTS.attach, { what, object: index.name });
      const child = recorder.resolve(part?.name);
      if (child !== undefined) recorder.touch(child.id, FACTS.attachPartition, { what, object: child.name });
    } else if (command.subtype === 'AT_SetTableSpace') {
      const same = (index.tablespace ?? 'pg_default') === command.name;
      const work = same || index.kind === 'partitioned index' ? NOTHING : BUILD;
      recorder.touch(index.id, FACTS.tablespace, {
        what: `SET TABLESPACE ${nameText(command.name)}`,
        object: index.name,
        work,
      });
    } else if (command.subtype === 'AT_ChangeOwner') {
      // Warned about and left alone by the server: an index has its table's owner.
      recorder.touch(
        index.id,
        { ...FACTS.tablespace, operation: 'change owner' },
        { what: 'OWNER TO', object: index.name },
      );
    } else {
      // Access methods of extensions (vector's hnsw, bloom) declare their parameters with the strongest lock.
      const parameters = command.subtype === 'AT_SetRelOptions' || command.subtype === 'AT_ResetRelOptions';
      const strong = hasStrongParameter(command) || (parameters && !OWN_METHODS.has(index.method));
      const lock: { lock?: LockMode } = strong ? { lock: 'ACCESS EXCLUSIVE' } : {};
      recorder.touch(index.id, FACTS.alter, {
        what: `ALTER INDEX ${nameText(index.name)}`,
        object: index.name,
        ...lock,
      });
    }
  }
}

export const RENAME_INDEX: Fact = FACTS.rename;

/** REINDEX. */
export function reindex(recorder: EffectRecorder, statement: ReindexStmt): void {
  const concurrent = definitionIsOn(statement.params, 'concurrently');
  const wide = statement.kind === 'REINDEX_OBJECT_SCHEMA' || statement.kind === 'REINDEX_OBJECT_DATABASE';
  if (concurrent || wide || statement.kind === 'REINDEX_OBJECT_SYSTEM') recorder.transactional = false;
  if (concurrent) recorder.waits(WAITS);
  if (wide) {
    for (const relation of recorder.before.relations.values()) {
      const inside = statement.kind === 'REINDEX_OBJECT_DATABASE' || relation.schema === statement.name;
      if (inside && (relation.kind === 'table' || relation.kind === 'materialized view')) {
        touchReindexed(recorder, relation, concurrent, 'REINDEX', true);
      }
    }
    return;
  }
  const relation = recorder.resolve(statement.relation);
  const what = `REINDEX${concurrent ? ' CONCURRENTLY' : ''} ${nameText(statement.relation?.relname)}`;
  if (relation === undefined) {
    const fact = concurrent ? FACTS.reindexConcurrently : FACTS.reindex;
    const isTableName = statement.kind === 'REINDEX_OBJECT_TABLE';
    if (isTableName) recorder.touchNamed(statement.relation, fact, { what, work: BUILD, releasedAtEnd: concurrent });
    else recorder.unknownIndex(statement.relation?.schemaname, statement.relation?.relname ?? '');
    return;
  }
  const partitioned = relation.kind === 'partitioned index' || relation.kind === 'partitioned table';
  if (partitioned) {
    recorder.transactional = false;
    const strong: { lock?: LockMode } = isIndex(relation) ? { lock: 'ACCESS EXCLUSIVE' } : {};
    const lock: { lock?: LockMode } = concurrent ? { lock: 'SHARE UPDATE EXCLUSIVE' } : strong;
    // By a table's name all of it is locked, by an index's name that index and its table (ReindexPartitions()).
    const table = isIndex(relation) ? recorder.relation(relation.table) : relation;
    for (const each of table === undefined || !isTable(table) ? [] : withPartitions(recorder, table)) {
      if (each.kind === 'table' || (isIndex(relation) && each !== table)) continue;
      recorder.touch(each.id, FACTS.reindexPartitioned, { what, releasedAtEnd: true, ...lock });
    }
  }
  if (isIndex(relation)) {
    reindexIndex(recorder, relation, concurrent, what);
  } else if (isTable(relation)) {
    for (const each of withPartitions(recorder, relation)) {
      evaluateIndexes(recorder, each);
      if (each.kind === 'table') touchReindexed(recorder, each, concurrent, what, partitioned);
    }
  } else {
    touchReindexed(recorder, relation, concurrent, what, false);
  }
}

function reindexIndex(recorder: EffectRecorder, index: IndexRelation, concurrent: boolean, what: string): void {
  const fact = concurrent ? FACTS.reindexConcurrently : FACTS.reindex;
  if (index.kind === 'index') {
    recorder.touch(index.id, fact, { what, object: index.name, work: BUILD, releasedAtEnd: concurrent });
    return;
  }
  for (const id of index.children) {
    const child = recorder.before.relations.get(id);
    if (child !== undefined && isIndex(child)) reindexIndex(recorder, child, concurrent, what);
  }
}

function touchReindexed(
  recorder: EffectRecorder,
  relation: Relation,
  concurrent: boolean,
  what: string,
  released: boolean,
): void {
  const indexed = (isTable(relation) || isView(relation)) && indexesOf(recorder.before, relation).length > 0;
  const releasedAtEnd = concurrent || released;
  if (!indexed) {
    if (!concurrent) recorder.touch(relation.id, FACTS.reindexNoIndex, { what, releasedAtEnd });
    else recorder.touch(relation.id, FACTS.reindexConcurrently, { what, releasedAtEnd });
    return;
  }
  const fact = concurrent ? FACTS.reindexConcurrently : FACTS.reindex;
  recorder.touch(relation.id, fact, { what, work: BUILD, releasedAtEnd });
}
