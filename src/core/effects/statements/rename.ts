import type { AlterObjectSchemaStmt, RangeVar, RenameStmt } from '@pgsql/types';
import type { Relation } from '../../catalog/catalog.ts';
import { constraintNamed, descendants, isIndex, isTable, ownedSequences } from '../../catalog/lookup.ts';
import type { RelationKind } from '../effect.ts';
import { documented, measured } from '../fact.ts';
import type { Fact } from '../fact.ts';
import { withPartitions } from '../foreignKeys.ts';
import type { EffectRecorder } from '../recorder.ts';
import { typedTables } from './alterOther.ts';
import { RENAME_INDEX } from './indexes.ts';
import { nameText } from '../../sql/quote.ts';

const BRIEF = 'Only a name changes: reads and writes wait for a moment.';

const FACTS = {
  table: { operation: 'rename table', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented('sql-altertable.html') },
  column: {
    operation: 'rename column',
    lock: 'ACCESS EXCLUSIVE',
    why: BRIEF,
    source: documented('sql-altertable.html'),
  },
  constraint: {
    operation: 'rename constraint',
    lock: 'ACCESS EXCLUSIVE',
    why: BRIEF,
    source: documented('sql-altertable.html'),
  },
  trigger: {
    operation: 'alter trigger',
    lock: 'ACCESS EXCLUSIVE',
    why: BRIEF,
    source: documented('sql-altertrigger.html'),
  },
  policy: {
    operation: 'alter policy',
    lock: 'ACCESS EXCLUSIVE',
    why: BRIEF,
    source: documented('sql-alterpolicy.html'),
  },
  rule: { operation: 'alter rule', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented('sql-alterrule.html') },
  schema: { operation: 'set schema', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented('sql-altertable.html') },
  schemaSequence: {
    operation: 'set schema',
    lock: 'ACCESS EXCLUSIVE',
    why: 'Sequences that the table owns move with it.',
    source: measured(),
  },
} as const satisfies Record<string, Fact>;

const KINDS: Readonly<Record<string, RelationKind>> = {
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_FOREIGN_TABLE: 'foreign table',
};

/** ALTER … RENAME of relations and of what hangs on them. Types, schemas, functions and the like lock no relation. */
export function rename(recorder: EffectRecorder, statement: RenameStmt): void {
  const name = statement.relation;
  if (name === undefined) return;
  const relation = recorder.resolve(name);
  const type = statement.renameType ?? 'OBJECT_TABLE';
  const old = statement.subname ?? '';
  const to = statement.newname ?? '';
  const kind = KINDS[statement.relationType ?? ''] ?? KINDS[type];
  switch (type) {
    case 'OBJECT_COLUMN':
    case 'OBJECT_ATTRIBUTE': {
      const detail = { what: `RENAME COLUMN ${nameText(old)} TO ${nameText(to)}`, object: old };
      if (relation === undefined) missing(recorder, statement, name, FACTS.column, detail, kind);
      else for (const each of family(recorder, relation)) recorder.touch(each.id, FACTS.column, detail);
      break;
    }
    case 'OBJECT_TABCONSTRAINT': {
      const detail = { what: `RENAME CONSTRAINT ${nameText(old)} TO ${nameText(to)}`, object: old };
      if (relation === undefined) missing(recorder, statement, name, FACTS.constraint, detail, kind);
      else
        for (const each of constraintFamily(recorder, relation, old)) recorder.touch(each.id, FACTS.constraint, detail);
      break;
    }
    case 'OBJECT_TRIGGER': {
      const detail = { what: `RENAME TRIGGER ${nameText(old)} TO ${nameText(to)}`, object: old };
      if (relation === undefined) missing(recorder, statement, name, FACTS.trigger, detail, kind);
      else for (const each of triggerFamily(recorder, relation)) recorder.touch(each.id, FACTS.trigger, detail);
      break;
    }
    case 'OBJECT_POLICY':
      touchOne(recorder, statement, name, relation, FACTS.policy, {
        what: `RENAME POLICY ${nameText(old)} TO ${nameText(to)}`,
        object: old,
      });
      break;
    case 'OBJECT_RULE':
      touchOne(recorder, statement, name, relation, FACTS.rule, {
        what: `RENAME RULE ${nameText(old)} TO ${nameText(to)}`,
        object: old,
      });
      break;
    case 'OBJECT_INDEX':
      // ALTER INDEX also renames other relations; then it locks them as ALTER TABLE does.
      if (relation === undefined) return;
      recorder.touch(relation.id, isIndex(relation) ? RENAME_INDEX : FACTS.table, {
        what: `RENAME INDEX ${nameText(name.relname)} TO ${nameText(to)}`,
        object: name.relname ?? '',
      });
      break;
    default:
      touchOne(recorder, statement, name, relation, FACTS.table, {
        what: `RENAME ${nameText(name.relname)} TO ${nameText(to)}`,
        object: name.relname ?? '',
      });
  }
}

interface Words {
  readonly what: string;
  readonly object: string;
}

function touchOne(
  recorder: EffectRecorder,
  statement: RenameStmt,
  name: RangeVar,
  relation: Relation | undefined,
  fact: Fact,
  detail: Words,
): void {
  if (relation !== undefined) recorder.touch(relation.id, fact, detail);
  else missing(recorder, statement, name, fact, detail, KINDS[statement.renameType ?? '']);
}

function missing(
  recorder: EffectRecorder,
  statement: RenameStmt,
  name: RangeVar,
  fact: Fact,
  detail: Words,
  kind: RelationKind | undefined,
): void {
  if (statement.missing_ok !== true) recorder.touchUnknown(name, fact, detail, kind);
}

function family(recorder: EffectRecorder, relation: Relation): readonly Relation[] {
  if (isTable(relation)) return [relation, ...descendants(recorder.before, relation)];
  if (relation.kind !== 'composite type') return [relation];
  return typedTables(recorder, relation.id);
}

/** Only CHECK and NOT NULL constraints are inherited by name. */
function constraintFamily(recorder: EffectRecorder, relation: Relation, name: string): readonly Relation[] {
  const constraint = isTable(relation) ? constraintNamed(relation, name) : undefined;
  const inherited = constraint?.kind === 'check' || constraint?.kind === 'not null';
  return inherited && !constraint.noInherit ? family(recorder, relation) : [relation];
}

/** From 15 on a partitioned table's triggers are renamed on its partitions too. */
function triggerFamily(recorder: EffectRecorder, relation: Relation): readonly Relation[] {
  return recorder.major >= 15 && isTable(relation) ? withPartitions(recorder, relation) : [relation];
}

/** ALTER … SET SCHEMA. */
export function setSchema(recorder: EffectRecorder, statement: AlterObjectSchemaStmt): void {
  const name = statement.relation;
  if (name === undefined) return;
  const what = `SET SCHEMA ${nameText(statement.newschema)}`;
  const relation = recorder.resolve(name);
  if (relation === undefined) {
    if (statement.missing_ok !== true) {
      recorder.touchUnknown(name, FACTS.schema, { what }, KINDS[statement.objectType ?? '']);
    }
    return;
  }
  recorder.touch(relation.id, FACTS.schema, { what });
  if (!isTable(relation)) return;
  for (const sequence of ownedSequences(recorder.before, relation.id)) {
    recorder.touch(sequence.id, FACTS.schemaSequence, { what, object: sequence.name });
  }
}
