import type { AlterTableCmd, AlterTableStmt, AlterTableType } from '@pgsql/types';
import type { TableRelation } from '../../catalog/catalog.ts';
import { isIndex, isTable, ownedSequences } from '../../catalog/lookup.ts';
import type { LockMode, RelationKind } from '../effect.ts';
import { documented, measured } from '../fact.ts';
import type { Fact } from '../fact.ts';
import { keysTo } from '../foreignKeys.ts';
import type { EffectRecorder } from '../recorder.ts';
import { addColumn } from './addColumn.ts';
import {
  addIdentity,
  columnDefault,
  dropColumn,
  dropExpression,
  dropIdentity,
  dropNotNull,
  setCompression,
  setExpression,
  setIdentity,
  setNotNull,
  setOptions,
  setStatistics,
  setStorage,
  touchNewSequences,
} from './alterColumn.ts';
import { AlteredTable, hasStrongParameter, rewrite } from './alteredTable.ts';
import { alterIndex } from './indexes.ts';
import { alterOther } from './alterOther.ts';
import { alterColumnType } from './columnType.ts';
import { addConstraint } from './constraints.ts';
import { alterConstraint, dropConstraint, validateConstraint } from './existingConstraints.ts';
import { attachPartition, detachFinalize, detachPartition, inherit } from './partitions.ts';
import { nameText } from '../../sql/quote.ts';

const PAGE = 'sql-altertable.html';
const BRIEF = 'Only the definition changes: reads and writes wait for a moment.';

const FACTS = {
  trigger: {
    operation: 'enable trigger',
    lock: 'SHARE ROW EXCLUSIVE',
    why: 'Switching triggers stops writes for a moment; reads go on.',
    source: documented(PAGE),
  },
  rule: { operation: 'alter rule', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented(PAGE) },
  clusterOn: {
    operation: 'cluster on',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'Only notes the index for later CLUSTER: reads and writes go on.',
    source: documented(PAGE),
  },
  owner: { operation: 'change owner', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented(PAGE) },
  ownerSequence: {
    operation: 'change owner',
    lock: 'ACCESS EXCLUSIVE',
    why: 'Sequences that the table owns get the new owner too.',
    source: measured(),
  },
  logged: {
    operation: 'set logged',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The whole table is rewritten, its indexes too, while nobody can read or write it.',
    source: documented(PAGE),
  },
  unlogged: {
    operation: 'set unlogged',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The whole table is rewritten, its indexes too, while nobody can read or write it.',
    source: documented(PAGE),
  },
  loggedSequence: {
    operation: 'set logged',
    lock: 'ACCESS EXCLUSIVE',
    why: 'From 15 on the sequences that the table owns become logged or unlogged with it.',
    source: measured('15-18'),
  },
  tablespace: {
    operation: 'set tablespace',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The whole table is copied to the other tablespace, while nobody can read or write it.',
    source: documented(PAGE),
  },
  accessMethod: {
    operation: 'set access method',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The whole table is rewritten, its indexes too, while nobody can read or write it.',
    source: documented(PAGE),
  },
  parameters: {
    operation: 'set storage parameters',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'Only the parameters change: reads and writes go on.',
    source: documented(PAGE),
  },
  replicaIdentity: { operation: 'replica identity', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented(PAGE) },
  rowSecurity: { operation: 'row security', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented(PAGE) },
  ofType: { operation: 'of type', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented(PAGE) },
  other: { operation: 'set column options', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented(PAGE) },
} as const satisfies Record<string, Fact>;

type Handler = (altered: AlteredTable, command: AlterTableCmd) => void;

const onSelf =
  (fact: Fact, what: string): Handler =>
  (altered, command) => {
    altered.on(altered.self, fact, { what: command.name === undefined ? what : `${what} ${nameText(command.name)}` });
  };

/** A row trigger of a partitioned table is switched on its partitions too. ALL means those of foreign keys as well (15–18). */
const switchTrigger =
  (word: 'ENABLE' | 'DISABLE'): Handler =>
  (altered, command) => {
    const fact = word === 'ENABLE' ? FACTS.trigger : ({ ...FACTS.trigger, operation: 'disable trigger' } as const);
    const everyOne = command.subtype === 'AT_DisableTrigAll' || command.subtype === 'AT_EnableTrigAll';
    const reaches =
      hasRowTrigger(altered.table, command.name) ||
      (everyOne && altered.recorder.major >= 15 && hasForeignKey(altered));
    const tables = reaches ? altered.partitions : altered.self;
    altered.on(tables, fact, {
      what: `${word} TRIGGER ${nameText(command.name) || 'ALL'}`,
      object: command.name ?? 'ALL',
    });
  };

function hasRowTrigger(table: TableRelation, name: string | undefined): boolean {
  return table.triggers.some((trigger) => trigger.forEachRow && (name === undefined || trigger.name === name));
}

function hasForeignKey({ recorder, table }: AlteredTable): boolean {
  return table.constraints.some(({ kind }) => kind === 'foreign key') || keysTo(recorder, table).length > 0;
}

const rowSecurity = (what: string): Handler => onSelf(FACTS.rowSecurity, what);

const HANDLERS: Partial<Record<AlterTableType, Handler>> = {
  AT_AddColumn: addColumn,
  AT_ColumnDefault: columnDefault,
  AT_DropNotNull: dropNotNull,
  AT_SetNotNull: setNotNull,
  AT_SetExpression: setExpression,
  AT_DropExpression: dropExpression,
  AT_SetStatistics: setStatistics,
  AT_SetOptions: setOptions,
  AT_ResetOptions: setOptions,
  AT_SetStorage: setStorage,
  AT_SetCompression: setCompression,
  AT_DropColumn: dropColumn,
  AT_AddConstraint: addConstraint,
  AT_AlterConstraint: alterConstraint,
  AT_ValidateConstraint: validateConstraint,
  AT_DropConstraint: dropConstraint,
  AT_AlterColumnType: alterColumnType,
  AT_ChangeOwner: changeOwner,
  AT_ClusterOn: onSelf(FACTS.clusterOn, 'CLUSTER ON'),
  AT_DropCluster: onSelf(FACTS.clusterOn, 'SET WITHOUT CLUSTER'),
  AT_SetLogged: (altered) => {
    setPersistence(altered, 'permanent');
  },
  AT_SetUnLogged: (altered) => {
    setPersistence(altered, 'unlogged');
  },
  AT_DropOids: onSelf(FACTS.other, 'SET WITHOUT OIDS'),
  AT_SetAccessMethod: setAccessMethod,
  AT_SetTableSpace: setTablespace,
  AT_SetRelOptions: setParameters,
  AT_ResetRelOptions: setParameters,
  AT_EnableTrig: switchTrigger('ENABLE'),
  AT_EnableAlwaysTrig: switchTrigger('ENABLE'),
  AT_EnableReplicaTrig: switchTrigger('ENABLE'),
  AT_EnableTrigAll: switchTrigger('ENABLE'),
  AT_EnableTrigUser: switchTrigger('ENABLE'),
  AT_DisableTrig: switchTrigger('DISABLE'),
  AT_DisableTrigAll: switchTrigger('DISABLE'),
  AT_DisableTrigUser: switchTrigger('DISABLE'),
  AT_EnableRule: onSelf(FACTS.rule, 'ENABLE RULE'),
  AT_EnableAlwaysRule: onSelf(FACTS.rule, 'ENABLE ALWAYS RULE'),
  AT_EnableReplicaRule: onSelf(FACTS.rule, 'ENABLE REPLICA RULE'),
  AT_DisableRule: onSelf(FACTS.rule, 'DISABLE RULE'),
  AT_AddInherit: (altered, command) => {
    inherit(altered, command, true);
  },
  AT_DropInherit: (altered, command) => {
    inherit(altered, command, false);
  },
  AT_AddOf: onSelf(FACTS.ofType, 'OF'),
  AT_DropOf: onSelf(FACTS.ofType, 'NOT OF'),
  AT_ReplicaIdentity: onSelf(FACTS.replicaIdentity, 'REPLICA IDENTITY'),
  AT_EnableRowSecurity: rowSecurity('ENABLE ROW LEVEL SECURITY'),
  AT_DisableRowSecurity: rowSecurity('DISABLE ROW LEVEL SECURITY'),
  AT_ForceRowSecurity: rowSecurity('FORCE ROW LEVEL SECURITY'),
  AT_NoForceRowSecurity: rowSecurity('NO FORCE ROW LEVEL SECURITY'),
  AT_GenericOptions: onSelf(FACTS.other, 'OPTIONS'),
  AT_AlterColumnGenericOptions: onSelf(FACTS.other, 'OPTIONS of'),
  AT_AttachPartition: attachPartition,
  AT_DetachPartition: detachPartition,
  AT_DetachPartitionFinalize: detachFinalize,
  AT_AddIdentity: addIdentity,
  AT_SetIdentity: setIdentity,
  AT_DropIdentity: dropIdentity,
};

const KINDS: Readonly<Record<string, RelationKind>> = {
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_FOREIGN_TABLE: 'foreign table',
};

/** ALTER TABLE, and ALTER VIEW, INDEX, SEQUENCE … where the grammar makes them the same. */
export function alterTable(recorder: EffectRecorder, statement: AlterTableStmt): void {
  const { relation: name } = statement;
  const commands = (statement.cmds ?? []).flatMap((node) => ('AlterTableCmd' in node ? [node.AlterTableCmd] : []));
  const relation = recorder.resolve(name);
  if (relation === undefined) {
    if (name === undefined || statement.missing_ok === true || statement.objtype === 'OBJECT_TYPE') return;
    alterUnknown(recorder, statement, commands);
    return;
  }
  if (isTable(relation)) {
    const altered = new AlteredTable(recorder, relation, { only: name?.inh !== true, commands });
    for (const command of commands) HANDLERS[command.subtype ?? 'AT_AddColumn']?.(altered, command);
    touchNewSequences(altered);
    altered.finish();
  } else if (isIndex(relation)) {
    alterIndex(recorder, relation, commands);
  } else {
    alterOther(recorder, relation, commands);
  }
}

/** A table that the history never made: what can be known without its columns. */
function alterUnknown(recorder: EffectRecorder, statement: AlterTableStmt, commands: readonly AlterTableCmd[]): void {
  if (statement.relation === undefined || statement.objtype === 'OBJECT_INDEX') return;
  const table = standIn(statement.relation.relname ?? '');
  const probe = new UnknownTable(recorder, table, { only: true });
  for (const command of commands) HANDLERS[command.subtype ?? 'AT_AddColumn']?.(probe, command);
  const kind = KINDS[statement.objtype ?? ''] ?? 'table';
  for (const { fact, detail } of probe.found) recorder.touchUnknown(statement.relation, fact, detail, kind);
}

/** Takes down what the handlers say of a table that is not there. */
class UnknownTable extends AlteredTable {
  readonly found: { readonly fact: Fact; readonly detail: Parameters<AlteredTable['on']>[2] }[] = [];

  override on(...[tables, fact, detail, work]: Parameters<AlteredTable['on']>): void {
    const [table] = tables;
    const own = table === undefined ? undefined : work?.(table);
    this.found.push({ fact, detail: own === undefined ? detail : { ...detail, work: own } });
  }
}

function standIn(name: string): TableRelation {
  return {
    id: -1,
    kind: 'table',
    schema: '',
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
    onCommit: 'preserve',
    replicaIdentity: { kind: 'default' },
    accessMethod: null,
    ofType: null,
    server: null,
    inherits: [],
    children: [],
    partitionKey: null,
    partitionOf: null,
    clusteredOn: null,
  };
}

function changeOwner(altered: AlteredTable, command: AlterTableCmd): void {
  const { recorder, table } = altered;
  const owner = command.newowner?.rolename;
  const what = `OWNER TO ${nameText(owner) || 'another role'}`;
  altered.on(altered.self, FACTS.owner, { what });
  const runner = command.newowner?.roletype === 'ROLESPEC_CURRENT_USER' && table.owner === null;
  if (runner || (owner !== undefined && owner === table.owner)) return;
  for (const sequence of ownedSequences(recorder.before, table.id))
    recorder.touch(sequence.id, FACTS.ownerSequence, { what });
}

function setPersistence(altered: AlteredTable, persistence: 'permanent' | 'unlogged'): void {
  const { recorder, table } = altered;
  const fact = persistence === 'permanent' ? FACTS.logged : FACTS.unlogged;
  const what = persistence === 'permanent' ? 'SET LOGGED' : 'SET UNLOGGED';
  if (table.persistence === persistence) {
    altered.on(altered.self, fact, { what, why: 'The table is that already: only the lock is taken.' });
    return;
  }
  altered.on(altered.self, fact, { what }, rewrite);
  if (recorder.major < 15 || table.kind === 'partitioned table') return;
  for (const sequence of ownedSequences(recorder.before, table.id)) {
    recorder.touch(sequence.id, { ...FACTS.loggedSequence, operation: fact.operation }, { what });
  }
}

function setTablespace(altered: AlteredTable, command: AlterTableCmd): void {
  const what = `SET TABLESPACE ${nameText(command.name)}`;
  const same = (altered.table.tablespace ?? 'pg_default') === command.name;
  const detail = same ? { what, why: 'The table is there already: only the lock is taken.' } : { what };
  altered.on(altered.self, FACTS.tablespace, detail, same ? undefined : () => ['rewrite']);
}

function setAccessMethod(altered: AlteredTable, command: AlterTableCmd): void {
  const what = `SET ACCESS METHOD ${command.name ?? 'DEFAULT'}`;
  const same = (altered.table.accessMethod ?? 'heap') === (command.name ?? 'heap');
  const detail = same ? { what, why: 'The table has it already: only the lock is taken.' } : { what };
  altered.on(altered.self, FACTS.accessMethod, detail, same ? undefined : rewrite);
}

function setParameters(altered: AlteredTable, command: AlterTableCmd): void {
  const strong = hasStrongParameter(command);
  const lock: { lock?: LockMode } = strong ? { lock: 'ACCESS EXCLUSIVE' } : {};
  const what = command.subtype === 'AT_SetRelOptions' ? 'SET storage parameters' : 'RESET storage parameters';
  altered.on(altered.self, FACTS.parameters, { what, ...lock });
}
