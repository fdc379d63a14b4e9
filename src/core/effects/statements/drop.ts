import type { DropStmt, Node, ObjectType } from '@pgsql/types';
import type { Relation } from '../../catalog/catalog.ts';
import {
  descendants,
  isIndex,
  isTable,
  ownedSequences,
  resolveFunctions,
  resolveUserType,
  tableById,
} from '../../catalog/lookup.ts';
import { nameParts } from '../../sql/tree.ts';
import type { RelationKind } from '../effect.ts';
import { documented, measured } from '../fact.ts';
import type { Fact } from '../fact.ts';
import { withPartitions } from '../foreignKeys.ts';
import type { Operation } from '../operation.ts';
import type { EffectRecorder } from '../recorder.ts';
import { touchRemoved } from '../removal.ts';
import { nameText } from '../../sql/quote.ts';

const WHY = 'What is dropped is locked against everything until the transaction ends.';

const FACTS = {
  table: { operation: 'drop table', lock: 'ACCESS EXCLUSIVE', why: WHY, source: documented('sql-droptable.html') },
  view: { operation: 'drop view', lock: 'ACCESS EXCLUSIVE', why: WHY, source: documented('sql-dropview.html') },
  materialized: {
    operation: 'drop materialized view',
    lock: 'ACCESS EXCLUSIVE',
    why: WHY,
    source: documented('sql-dropmaterializedview.html'),
  },
  sequence: {
    operation: 'drop sequence',
    lock: 'ACCESS EXCLUSIVE',
    why: WHY,
    source: documented('sql-dropsequence.html'),
  },
  index: {
    operation: 'drop index',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The index’s table can’t be read or written for a moment.',
    source: documented('sql-dropindex.html'),
  },
  indexConcurrently: {
    operation: 'drop index concurrently',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'Reads and writes go on; the index is taken away when no query uses it any more.',
    source: documented('sql-dropindex.html'),
  },
  onTable: {
    operation: 'drop trigger',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The table can’t be read or written for a moment.',
    source: measured(),
  },
  statistics: {
    operation: 'drop statistics',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'Reads and writes go on.',
    source: measured(),
  },
  cascade: {
    operation: 'drop constraint',
    lock: 'ACCESS EXCLUSIVE',
    why: 'CASCADE takes something off this table: reads and writes of it wait.',
    source: measured(),
  },
} as const satisfies Record<string, Fact>;

const RELATION_FACTS: Partial<Record<ObjectType, Fact>> = {
  OBJECT_TABLE: FACTS.table,
  OBJECT_FOREIGN_TABLE: FACTS.table,
  OBJECT_VIEW: FACTS.view,
  OBJECT_MATVIEW: FACTS.materialized,
  OBJECT_SEQUENCE: FACTS.sequence,
};
const KINDS: Partial<Record<ObjectType, RelationKind>> = {
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_FOREIGN_TABLE: 'foreign table',
};
const ON_TABLE: Partial<Record<ObjectType, Operation>> = {
  OBJECT_TRIGGER: 'drop trigger',
  OBJECT_POLICY: 'drop policy',
  OBJECT_RULE: 'drop rule',
};
const INDIRECT: Partial<Record<ObjectType, Operation>> = {
  OBJECT_SCHEMA: 'drop schema',
  OBJECT_TYPE: 'drop type',
  OBJECT_DOMAIN: 'drop type',
  OBJECT_FUNCTION: 'drop function',
  OBJECT_PROCEDURE: 'drop function',
  OBJECT_ROUTINE: 'drop function',
  OBJECT_AGGREGATE: 'drop function',
  OBJECT_EXTENSION: 'drop extension',
};

/** DROP of anything. */
export function drop(recorder: EffectRecorder, statement: DropStmt): void {
  const type = statement.removeType ?? 'OBJECT_TABLE';
  const names = (statement.objects ?? []).map(nameOfObject);
  const fact = RELATION_FACTS[type];
  if (fact !== undefined) {
    dropRelations(recorder, statement, names, fact);
  } else if (type === 'OBJECT_INDEX') {
    for (const name of names) dropIndex(recorder, name, statement);
    if (statement.concurrent === true) {
      recorder.transactional = false;
      recorder.waits('transactions that use the table to end');
    }
  } else if (type in ON_TABLE) {
    dropFromTable(recorder, statement, ON_TABLE[type] ?? 'drop trigger');
  } else if (type === 'OBJECT_STATISTIC_EXT') {
    for (const { schema, name } of names) dropStatistics(recorder, schema, name);
  } else {
    const operation = INDIRECT[type] ?? 'drop function';
    touchRemoved(
      recorder,
      seedsOf(recorder, type, names),
      { ...FACTS.cascade, operation },
      `DROP ${names[0]?.name ?? ''}`,
    );
  }
}

/** DROP OWNED: whatever the catalog after it has lost. */
export function dropOwned(recorder: EffectRecorder): void {
  const fact: Fact = { ...FACTS.cascade, operation: 'drop owned' };
  recorder.opaqueHere('which objects the role owns is known only as far as migrations say OWNER TO');
  touchRemoved(recorder, null, fact, 'DROP OWNED', { ...FACTS.table, operation: 'drop owned' });
}

interface ObjectName {
  readonly schema: string | undefined;
  readonly name: string;
}

function nameOfObject(node: Node): ObjectName {
  if ('List' in node) return nameParts(node.List.items);
  if ('TypeName' in node) return nameParts(node.TypeName.names);
  if ('ObjectWithArgs' in node) return nameParts(node.ObjectWithArgs.objname);
  return { schema: undefined, name: 'String' in node ? (node.String.sval ?? '') : '' };
}

function dropRelations(recorder: EffectRecorder, statement: DropStmt, names: readonly ObjectName[], fact: Fact): void {
  const type = statement.removeType ?? 'OBJECT_TABLE';
  const seeds: number[] = [];
  for (const { schema, name } of names) {
    const rangeVar = schema === undefined ? { relname: name } : { schemaname: schema, relname: name };
    const relation = recorder.resolve(rangeVar);
    const what = `DROP ${nameText(name)}`;
    if (relation === undefined) {
      if (statement.missing_ok !== true) recorder.touchUnknown(rangeVar, fact, { what }, KINDS[type]);
      continue;
    }
    seeds.push(relation.id);
    recorder.touch(relation.id, fact, { what, object: name });
    if (isTable(relation)) {
      for (const child of descendants(recorder.before, relation)) {
        if (!recorder.after.relations.has(child.id)) recorder.touch(child.id, fact, { what, object: child.name });
      }
      for (const sequence of ownedSequences(recorder.before, relation.id)) {
        if (!recorder.after.relations.has(sequence.id)) {
          recorder.touch(sequence.id, FACTS.sequence, { what, object: sequence.name });
        }
      }
    }
  }
  touchRemoved(recorder, seeds, FACTS.cascade, `DROP ${names.map(({ name }) => nameText(name)).join(', ')}`, fact);
}

function dropIndex(recorder: EffectRecorder, { schema, name }: ObjectName, statement: DropStmt): void {
  const concurrent = statement.concurrent === true;
  const index = recorder.resolve(schema === undefined ? { relname: name } : { schemaname: schema, relname: name });
  // Nobody waits for a concurrent one: SHARE UPDATE EXCLUSIVE is all that it takes, on whatever table.
  if (index === undefined && !concurrent && (statement.missing_ok !== true || recorder.lacksBaseline)) {
    recorder.unknownIndex(schema, name);
  }
  if (index === undefined || !isIndex(index)) return;
  const fact = concurrent ? FACTS.indexConcurrently : FACTS.index;
  const what = `DROP INDEX ${concurrent ? 'CONCURRENTLY ' : ''}${nameText(name)}`;
  const table = tableById(recorder.before, index.table);
  const partitioned = table !== undefined && index.kind === 'partitioned index';
  for (const { id } of partitioned ? withPartitions(recorder, table) : [{ id: index.table }]) {
    recorder.touch(id, fact, { what, object: name, releasedAtEnd: concurrent });
  }
}

/** DROP TRIGGER, POLICY, RULE … ON table. */
function dropFromTable(recorder: EffectRecorder, statement: DropStmt, operation: Operation): void {
  const fact: Fact = { ...FACTS.onTable, operation };
  for (const node of statement.objects ?? []) {
    const parts =
      'List' in node ? (node.List.items ?? []).map((item) => ('String' in item ? (item.String.sval ?? '') : '')) : [];
    const object = parts.at(-1) ?? '';
    const [schema, table] = [parts.at(-3), parts.at(-2) ?? ''];
    const rangeVar = schema === undefined ? { relname: table } : { schemaname: schema, relname: table };
    const what = `${operation.toUpperCase()} ${nameText(object)}`;
    const relation = recorder.resolve(rangeVar);
    if (relation === undefined) {
      if (statement.missing_ok !== true) recorder.touchUnknown(rangeVar, fact, { what, object });
      continue;
    }
    // Nothing to drop: the lock is let go of at once.
    if (statement.missing_ok === true && !hasObject(relation, operation, object)) continue;
    const clones = operation === 'drop trigger' && isTable(relation) && hasRowTrigger(relation, object);
    for (const each of clones ? withPartitions(recorder, relation) : [relation])
      recorder.touch(each.id, fact, { what, object });
  }
}

function hasObject(relation: Relation, operation: Operation, name: string): boolean {
  if (operation === 'drop trigger')
    return 'triggers' in relation && relation.triggers.some((each) => each.name === name);
  if (operation === 'drop policy') return isTable(relation) && relation.policies.some((each) => each.name === name);
  return 'rules' in relation && relation.rules.some((each) => each.name === name);
}

function hasRowTrigger(relation: Relation, name: string): boolean {
  return 'triggers' in relation && relation.triggers.some((each) => each.name === name && each.forEachRow);
}

function dropStatistics(recorder: EffectRecorder, schema: string | undefined, name: string): void {
  for (const other of recorder.before.others.values()) {
    if (other.kind !== 'statistics' || other.name !== name) continue;
    if (schema !== undefined && other.schema !== schema) continue;
    for (const id of other.relations)
      recorder.touch(id, FACTS.statistics, { what: `DROP STATISTICS ${nameText(name)}`, object: name });
  }
}

/** Where CASCADE starts; null: anywhere (a schema, an extension). */
function seedsOf(recorder: EffectRecorder, type: ObjectType, names: readonly ObjectName[]): number[] | null {
  const { before } = recorder;
  switch (type) {
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      return names.flatMap(({ schema, name }) => {
        const composite = recorder.resolve(
          schema === undefined ? { relname: name } : { schemaname: schema, relname: name },
        );
        return [resolveUserType(before, schema, name)?.id, composite?.id].flatMap((id) => id ?? []);
      });
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE':
      return unlessUsed(
        recorder,
        names.flatMap(({ schema, name }) => resolveFunctions(before, schema, name).map(({ id }) => id)),
      );
    default:
      return null;
  }
}

/** Operators and the like may stand between a function and what hangs on it. */
function unlessUsed({ before }: EffectRecorder, seeds: number[]): number[] | null {
  for (const { uses } of before.others.values()) if (seeds.some((id) => uses.includes(id))) return null;
  return seeds;
}
