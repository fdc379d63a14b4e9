import type {
  AlterExtensionContentsStmt,
  AlterObjectDependsStmt,
  AlterPolicyStmt,
  AlterPublicationStmt,
  CommentStmt,
  CreatePolicyStmt,
  CreatePublicationStmt,
  CreateStatsStmt,
  CreateTrigStmt,
  GrantStmt,
  Node,
  ObjectType,
  RuleStmt,
  SecLabelStmt,
  ViewStmt,
} from '@pgsql/types';
import { descendants, isTable } from '../../catalog/lookup.ts';
import { stringValues } from '../../sql/tree.ts';
import { documented, measured } from '../fact.ts';
import type { Fact } from '../fact.ts';
import { withPartitions } from '../foreignKeys.ts';
import { isSystemName } from '../recorder.ts';
import type { EffectRecorder } from '../recorder.ts';
import { touchNew } from './createTable.ts';
import { query, queryWalker } from './modify.ts';
import { nameText } from '../../sql/quote.ts';

const NEW = 'Nobody else can see it before the transaction ends.';
const BRIEF = 'Reads and writes of the table wait for a moment.';

const FACTS = {
  view: { operation: 'create view', lock: 'ACCESS EXCLUSIVE', why: NEW, source: documented('sql-createview.html') },
  replaceView: {
    operation: 'replace view',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The view can’t be used for a moment.',
    source: measured(),
  },
  trigger: {
    operation: 'create trigger',
    lock: 'SHARE ROW EXCLUSIVE',
    why: 'Writes to the table wait for a moment; reads go on.',
    source: documented('explicit-locking.html#LOCKING-TABLES'),
  },
  triggerFrom: {
    operation: 'create trigger',
    lock: 'ACCESS SHARE',
    why: 'The table after FROM is only looked at.',
    source: measured(),
  },
  rule: { operation: 'create rule', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: measured() },
  policy: { operation: 'create policy', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: measured() },
  alterPolicy: { operation: 'alter policy', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: measured() },
  statistics: {
    operation: 'create statistics',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'Only a definition is made; ANALYZE fills it. Reads and writes go on.',
    source: documented('explicit-locking.html#LOCKING-TABLES'),
  },
  publication: {
    operation: 'publication',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'Reads and writes go on.',
    source: measured(),
  },
  comment: {
    operation: 'comment',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'Reads and writes go on.',
    source: documented('explicit-locking.html#LOCKING-TABLES'),
  },
  commentOnPart: {
    operation: 'comment',
    lock: 'ACCESS SHARE',
    why: 'The table is only looked at.',
    source: measured(),
  },
  grant: {
    operation: 'grant',
    lock: 'ACCESS SHARE',
    why: 'From 18 on GRANT and REVOKE open the table as a query does.',
    source: measured('18'),
  },
  depends: {
    operation: 'alter index',
    lock: 'ACCESS EXCLUSIVE',
    why: 'It can’t be used for a moment.',
    source: measured(),
  },
  dependsTrigger: {
    operation: 'alter trigger',
    lock: 'ACCESS SHARE',
    why: 'The table is only looked at.',
    source: measured(),
  },
  member: {
    operation: 'alter extension',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'Only what belongs to the extension changes: reads and writes go on.',
    source: measured(),
  },
  securityLabel: {
    operation: 'security label',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'Reads and writes go on.',
    source: documented('explicit-locking.html#LOCKING-TABLES'),
  },
} as const satisfies Record<string, Fact>;

/** ALTER … DEPENDS ON EXTENSION. */
export function dependsOnExtension(recorder: EffectRecorder, statement: AlterObjectDependsStmt): void {
  const what = 'DEPENDS ON EXTENSION';
  if (statement.objectType === 'OBJECT_TRIGGER') {
    recorder.touchNamed(statement.relation, FACTS.dependsTrigger, { what });
  } else if (statement.objectType === 'OBJECT_INDEX' || statement.objectType === 'OBJECT_MATVIEW') {
    const relation = recorder.resolve(statement.relation);
    if (relation !== undefined) recorder.touch(relation.id, FACTS.depends, { what, object: relation.name });
  }
}

/** ALTER EXTENSION … ADD and DROP of a relation. */
export function extensionMember(recorder: EffectRecorder, statement: AlterExtensionContentsStmt): void {
  const { objtype, object, extname } = statement;
  if (!EXTENSION_RELATIONS.has(objtype)) return;
  const parts = partsOf(object);
  const [schema, relname = ''] = parts.length > 1 ? parts.slice(-2) : [undefined, parts[0]];
  const name = schema === undefined ? { relname } : { schemaname: schema, relname };
  recorder.touchNamed(name, FACTS.member, { what: `ALTER EXTENSION ${nameText(extname)}` });
}

const EXTENSION_RELATIONS: ReadonlySet<ObjectType | undefined> = new Set([
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_SEQUENCE',
  'OBJECT_FOREIGN_TABLE',
]);

/** CREATE VIEW. What it reads is only looked up, not opened. */
export function createView(recorder: EffectRecorder, statement: ViewStmt): void {
  const name = statement.view?.relname ?? '';
  const replaced = statement.replace === true && !recorder.madeOne ? recorder.resolve(statement.view) : undefined;
  if (replaced === undefined) touchNew(recorder, FACTS.view, `CREATE VIEW ${name}`, []);
  else recorder.touch(replaced.id, FACTS.replaceView, { what: `CREATE OR REPLACE VIEW ${nameText(name)}` });
  if (statement.query !== undefined) query(recorder, statement.query, 'parse');
}

/** CREATE TRIGGER. A row trigger of a partitioned table is made on its partitions too. */
export function createTrigger(recorder: EffectRecorder, statement: CreateTrigStmt): void {
  const object = statement.trigname ?? '';
  const what = `CREATE TRIGGER ${nameText(object)}`;
  const relation = recorder.touchNamed(statement.relation, FACTS.trigger, { what, object });
  if (relation !== undefined && isTable(relation) && statement.row === true) {
    for (const each of withPartitions(recorder, relation).slice(1))
      recorder.touch(each.id, FACTS.trigger, { what, object });
  }
  recorder.touchNamed(statement.constrrel, FACTS.triggerFrom, { what, object });
}

/** CREATE RULE. Its actions are looked up as they would run. */
export function createRule(recorder: EffectRecorder, statement: RuleStmt): void {
  const object = statement.rulename ?? '';
  recorder.touchNamed(statement.relation, FACTS.rule, { what: `CREATE RULE ${nameText(object)}`, object });
  const walker = queryWalker(recorder, 'parse');
  walker.walk(statement.whereClause);
  walker.walk(statement.actions);
}

export function createPolicy(
  recorder: EffectRecorder,
  statement: CreatePolicyStmt | AlterPolicyStmt,
  isNew: boolean,
): void {
  const object = statement.policy_name ?? '';
  const what = `${isNew ? 'CREATE' : 'ALTER'} POLICY ${nameText(object)}`;
  recorder.touchNamed(statement.table, isNew ? FACTS.policy : FACTS.alterPolicy, { what, object });
  const walker = queryWalker(recorder, 'parse');
  walker.walk(statement.qual);
  walker.walk(statement.with_check);
}

export function createStatistics(recorder: EffectRecorder, statement: CreateStatsStmt): void {
  const object = stringValues(statement.defnames).at(-1);
  const what = `CREATE STATISTICS ${nameText(object)}`.trim();
  for (const node of statement.relations ?? []) {
    if (!('RangeVar' in node)) continue;
    recorder.touchNamed(node.RangeVar, FACTS.statistics, { what, ...(object === undefined ? {} : { object }) });
  }
}

/** CREATE and ALTER PUBLICATION: the tables named; SET also takes those that it drops. */
export function publication(recorder: EffectRecorder, statement: CreatePublicationStmt | AlterPublicationStmt): void {
  const object = statement.pubname ?? '';
  const what = `PUBLICATION ${nameText(object)}`;
  for (const node of statement.pubobjects ?? []) {
    const name = 'PublicationObjSpec' in node ? node.PublicationObjSpec.pubtable?.relation : undefined;
    const relation = recorder.touchNamed(name, FACTS.publication, { what, object });
    // Partitions come with their root; inheritance children are added one by one.
    if (relation === undefined || !isTable(relation) || relation.kind === 'partitioned table' || name?.inh !== true)
      continue;
    for (const child of descendants(recorder.before, relation))
      recorder.touch(child.id, FACTS.publication, { what, object });
  }
  if (!('action' in statement) || statement.action !== 'AP_SetObjects') return;
  for (const other of recorder.before.others.values()) {
    if (other.kind !== 'publication' || other.name !== object) continue;
    for (const id of other.relations) recorder.touch(id, FACTS.publication, { what, object });
  }
}

const COMMENTED: ReadonlySet<ObjectType | undefined> = new Set([
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_SEQUENCE',
  'OBJECT_INDEX',
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_COLUMN',
]);
const COMMENTED_PARTS: ReadonlySet<ObjectType | undefined> = new Set([
  'OBJECT_TABCONSTRAINT',
  'OBJECT_TRIGGER',
  'OBJECT_POLICY',
  'OBJECT_RULE',
]);

/** COMMENT ON a relation, a column, or something that hangs on a table. */
export function comment(recorder: EffectRecorder, statement: CommentStmt): void {
  touchNamedObject(recorder, statement, FACTS.comment, 'COMMENT');
}

export function securityLabel(recorder: EffectRecorder, statement: SecLabelStmt): void {
  touchNamedObject(recorder, statement, FACTS.securityLabel, 'SECURITY LABEL');
}

function touchNamedObject(
  recorder: EffectRecorder,
  statement: CommentStmt | SecLabelStmt,
  fact: Fact,
  what: string,
): void {
  const { objtype, object } = statement;
  const parts = partsOf(object);
  const isColumn = objtype === 'OBJECT_COLUMN';
  const isPart = COMMENTED_PARTS.has(objtype);
  if (!isPart && !COMMENTED.has(objtype)) return;
  const names = isColumn || isPart ? parts.slice(0, -1) : parts;
  const [schema, relname = ''] = names.length > 1 ? names.slice(-2) : [undefined, names[0]];
  const rangeVar = schema === undefined ? { relname } : { schemaname: schema, relname };
  const used = isPart ? FACTS.commentOnPart : fact;
  const kind = objtype === 'OBJECT_VIEW' ? 'view' : objtype === 'OBJECT_SEQUENCE' ? 'sequence' : 'table';
  const relation = recorder.resolve(rangeVar);
  if (relation !== undefined) recorder.touch(relation.id, used, { what });
  else if (objtype !== 'OBJECT_INDEX') recorder.touchUnknown(rangeVar, used, { what }, kind);
}

function partsOf(object: Node | undefined): string[] {
  if (object === undefined) return [];
  return 'List' in object ? stringValues(object.List.items) : stringValues([object]);
}

/** GRANT and REVOKE on relations; before 18 they take no lock. */
export function grant(recorder: EffectRecorder, statement: GrantStmt): void {
  if (recorder.major < 18 || statement.targtype !== 'ACL_TARGET_OBJECT') return;
  if (statement.objtype !== 'OBJECT_TABLE' && statement.objtype !== 'OBJECT_SEQUENCE') return;
  const what = statement.is_grant === true ? 'GRANT' : 'REVOKE';
  const kind = statement.objtype === 'OBJECT_SEQUENCE' ? 'sequence' : 'table';
  for (const node of statement.objects ?? []) {
    if (!('RangeVar' in node) || isSystemName(node.RangeVar.schemaname, node.RangeVar.relname ?? '')) continue;
    recorder.touchNamed(node.RangeVar, FACTS.grant, { what }, kind);
  }
}
