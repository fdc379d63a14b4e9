import type { AlterTableCmd, AlterTableStmt } from '@pgsql/types';
import type { Relation, TableRelation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import {
  foreignKeysTo,
  indexById,
  indexesOf,
  isIndex,
  isTable,
  isView,
  resolveRelation,
  tableById,
} from '../lookup.ts';
import { nameOf, nameOfRangeVar, roleOf } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { requireAlterable, requireRelation } from '../targets.ts';
import { addColumn } from './addColumn.ts';
import { alterColumn } from './alterColumn.ts';
import { alterConstraint, validateConstraint } from './alterConstraint.ts';
import { addConstraint } from './constraints.ts';
import { dropColumn } from './dropColumn.ts';
import { dropConstraint } from './dropConstraint.ts';
import { optionsOf } from './indexes.ts';
import { joinParent, leaveParent } from './inheritance.ts';
import { changeOwner } from './owners.ts';
import { attachPartition, detachPartition } from './partitions.ts';
import { enableTriggers } from './triggers.ts';

/** ALTER TABLE, INDEX, VIEW, MATERIALIZED VIEW, SEQUENCE, FOREIGN TABLE, and ALTER TYPE's attributes: one tree for all. */
export function alterTable(draft: Draft, node: AlterTableStmt): void {
  const name = nameOfRangeVar(node.relation);
  const found = resolveRelation(draft, name.schema, name.name);
  if (found === undefined && node.missing_ok === true) return;
  const relation = requireRelation(draft, name);
  requireAlterable(relation, node.objtype);
  const commands = (node.cmds ?? []).flatMap((item) => ('AlterTableCmd' in item ? [item.AlterTableCmd] : []));
  // ALTER TYPE on a composite type has no `inh`; everything else without it was written with ONLY.
  const only = node.relation?.inh !== true && node.objtype !== 'OBJECT_TYPE';
  for (const command of inPasses(commands)) alter(draft, relation.id, command, only);
}

/** AlterTableGetPass: the server takes the commands of one statement in this order. tablecmds.c, AT_PASS_… */
const PASSES: Readonly<Record<string, number>> = {
  AT_DropColumn: 0,
  AT_DropConstraint: 0,
  AT_DropNotNull: 0,
  AT_DropIdentity: 0,
  AT_DropExpression: 0,
  AT_AlterColumnType: 1,
  AT_AddColumn: 4,
  AT_SetExpression: 5,
  AT_SetNotNull: 6,
  AT_AddIdentity: 6,
  AT_ColumnDefault: 7,
  AT_AddConstraint: 8,
};
const OTHER_PASS = 10;

function inPasses(commands: readonly AlterTableCmd[]): readonly AlterTableCmd[] {
  if (commands.length < 2) return commands;
  return commands
    .map((command, at) => ({ command, at, pass: passOf(command) }))
    .sort((a, b) => a.pass - b.pass || a.at - b.at)
    .map(({ command }) => command);
}

function passOf(command: AlterTableCmd): number {
  const pass = PASSES[command.subtype ?? ''] ?? OTHER_PASS;
  // DROP DEFAULT goes with the other drops.
  return command.subtype === 'AT_ColumnDefault' && command.def === undefined ? 0 : keyPass(command, pass);
}

/** Keys come before foreign keys, which may lean on them. */
function keyPass(command: AlterTableCmd, pass: number): number {
  if (command.subtype !== 'AT_AddConstraint' || command.def === undefined || !('Constraint' in command.def))
    return pass;
  const { contype } = command.def.Constraint;
  return contype === 'CONSTR_FOREIGN' ? 9.5 : contype === 'CONSTR_CHECK' || contype === 'CONSTR_NOTNULL' ? pass : 9;
}

function alter(draft: Draft, id: number, command: AlterTableCmd, only: boolean): void {
  const relation = draft.relations.get(id);
  if (relation === undefined) return;
  switch (command.subtype) {
    case 'AT_ChangeOwner':
      changeOwner(draft, relation, roleOf(command.newowner));
      return;
    case 'AT_SetRelOptions':
    case 'AT_ResetRelOptions':
    case 'AT_ReplaceRelOptions':
      changeOptions(draft, relation, command);
      return;
    case 'AT_SetTableSpace':
      draft.put({ ...relation, tablespace: command.name === 'pg_default' ? null : (command.name ?? null) });
      return;
    case 'AT_AttachPartition':
      if (command.def !== undefined && 'PartitionCmd' in command.def)
        attachPartition(draft, id, command.def.PartitionCmd);
      return;
    case 'AT_SetLogged':
    case 'AT_SetUnLogged':
      setPersistence(draft, relation, command.subtype === 'AT_SetLogged' ? 'permanent' : 'unlogged');
      return;
    case 'AT_AddColumn':
      addColumn(draft, id, command, only);
      return;
    case 'AT_DropColumn':
      dropColumn(draft, id, command, only);
      return;
    case 'AT_ClusterOn':
    case 'AT_DropCluster':
      if (isTable(relation)) draft.changeTable(id, { clusteredOn: clusterIndex(draft, relation, command) });
      return;
    default:
      break;
  }
  if (isTable(relation)) alterTableOnly(draft, relation, command, only);
  else if (isView(relation) || relation.kind === 'composite type' || isIndex(relation))
    alterColumn(draft, id, command, only);
}

/** Forms that only tables have. */
function alterTableOnly(draft: Draft, table: TableRelation, command: AlterTableCmd, only: boolean): void {
  const { id } = table;
  const name = command.name ?? null;
  switch (command.subtype) {
    case 'AT_AddConstraint':
      if (command.def !== undefined && 'Constraint' in command.def) {
        addConstraint(draft, id, command.def.Constraint, { newTable: false, only });
      }
      return;
    case 'AT_DropConstraint':
      dropConstraint(draft, id, command, only);
      return;
    case 'AT_ValidateConstraint':
      validateConstraint(draft, id, command.name ?? '');
      return;
    case 'AT_AlterConstraint':
      alterConstraint(draft, id, command);
      return;
    case 'AT_DetachPartition':
      if (command.def !== undefined && 'PartitionCmd' in command.def)
        detachPartition(draft, id, command.def.PartitionCmd);
      return;
    case 'AT_AddInherit':
    case 'AT_DropInherit':
      changeParent(draft, id, command);
      return;
    case 'AT_EnableTrig':
    case 'AT_EnableTrigAll':
    case 'AT_EnableTrigUser':
      enableTriggers(draft, id, name, 'origin', only);
      return;
    case 'AT_EnableAlwaysTrig':
      enableTriggers(draft, id, name, 'always', only);
      return;
    case 'AT_EnableReplicaTrig':
      enableTriggers(draft, id, name, 'replica', only);
      return;
    case 'AT_DisableTrig':
    case 'AT_DisableTrigAll':
    case 'AT_DisableTrigUser':
      enableTriggers(draft, id, name, 'disabled', only);
      return;
    case 'AT_EnableRule':
    case 'AT_EnableAlwaysRule':
    case 'AT_EnableReplicaRule':
    case 'AT_DisableRule':
      enableRule(draft, table, command);
      return;
    case 'AT_EnableRowSecurity':
    case 'AT_DisableRowSecurity':
      draft.changeTable(id, { rowSecurity: command.subtype === 'AT_EnableRowSecurity' ? 'on' : 'off' });
      return;
    case 'AT_ForceRowSecurity':
    case 'AT_NoForceRowSecurity':
      draft.changeTable(id, { forceRowSecurity: command.subtype === 'AT_ForceRowSecurity' });
      return;
    case 'AT_ReplicaIdentity':
      setReplicaIdentity(draft, table, command);
      return;
    case 'AT_SetAccessMethod':
      draft.changeTable(id, { accessMethod: name === 'heap' ? null : name });
      return;
    case 'AT_AddOf': {
      const type = command.def !== undefined && 'TypeName' in command.def ? nameOf(command.def.TypeName.names) : null;
      const relation = type === null ? undefined : resolveRelation(draft, type.schema, type.name);
      if (relation?.kind !== 'composite type') return;
      draft.changeTable(id, { ofType: relation.id });
      draft.link(relation.id, id);
      return;
    }
    case 'AT_DropOf':
      draft.changeTable(id, { ofType: null });
      return;
    default:
      alterColumn(draft, id, command, only);
  }
}

function changeOptions(draft: Draft, relation: Relation, command: AlterTableCmd): void {
  const { oids: _oids, ...written } = optionsOf(
    command.def !== undefined && 'List' in command.def ? command.def.List.items : undefined,
  );
  if (command.subtype === 'AT_SetRelOptions') {
    draft.put({ ...relation, options: { ...relation.options, ...written } });
    return;
  }
  const options = Object.fromEntries(
    Object.entries(relation.options).filter(([name]) => !Object.hasOwn(written, name)),
  );
  draft.put({ ...relation, options });
}

/** SET LOGGED and UNLOGGED take indexes and owned sequences along. */
function setPersistence(draft: Draft, relation: Relation, persistence: 'permanent' | 'unlogged'): void {
  if (relation.persistence === 'temporary')
    throw new Refusal('42P16', 'cannot change logged status of a temporary table');
  if (isTable(relation)) requireKeysAlike(draft, relation, persistence);
  draft.put({ ...relation, persistence });
  if (!isTable(relation)) return;
  for (const index of indexesOf(draft, relation)) draft.put({ ...index, persistence });
  if (draft.major < 15) return;
  for (const id of draft.dependents.get(relation.id) ?? []) {
    const sequence = draft.relations.get(id);
    if (sequence?.kind === 'sequence' && sequence.ownedBy?.relation === relation.id)
      draft.put({ ...sequence, persistence });
  }
}

/** A permanent table must not refer to an unlogged one (ATPrepChangePersistence). */
function requireKeysAlike(draft: Draft, table: TableRelation, persistence: 'permanent' | 'unlogged'): void {
  const others =
    persistence === 'unlogged'
      ? foreignKeysTo(draft, table.id).map((key) => key.table)
      : table.constraints.flatMap((key) =>
          key.kind === 'foreign key' && key.referenced !== null ? (tableById(draft, key.referenced) ?? []) : [],
        );
  const other = others.find((each) => each.id !== table.id && each.persistence !== persistence);
  if (other === undefined) return;
  const [to, what] = persistence === 'unlogged' ? ['unlogged', 'logged'] : ['logged', 'unlogged'];
  throw new Refusal(
    '42P16',
    `could not change table "${table.name}" to ${to} because it references ${what} table "${other.name}"`,
  );
}

function clusterIndex(draft: Draft, table: TableRelation, command: AlterTableCmd): number | null {
  if (command.subtype === 'AT_DropCluster') return null;
  const index = indexesOf(draft, table).find(({ name }) => name === command.name);
  if (index === undefined)
    throw new Refusal('42704', `index "${command.name ?? ''}" for table "${table.name}" does not exist`);
  return index.id;
}

function changeParent(draft: Draft, id: number, command: AlterTableCmd): void {
  const name = command.def !== undefined && 'RangeVar' in command.def ? nameOfRangeVar(command.def.RangeVar) : null;
  if (name === null) return;
  const parent = requireRelation(draft, name);
  if (!isTable(parent)) throw new Refusal('42809', `"${parent.name}" is not a table`);
  const { inherits } = draft.table(id);
  if (command.subtype === 'AT_AddInherit') {
    joinParent(draft, parent.id, id, false);
    draft.changeTable(id, { inherits: [...inherits, parent.id] });
  } else {
    if (!inherits.includes(parent.id)) throw new Refusal('42P01', `relation "${parent.name}" is not a parent`);
    leaveParent(draft, parent.id, id);
    draft.changeTable(id, { inherits: inherits.filter((other) => other !== parent.id) });
  }
}

const RULE_STATES = {
  AT_EnableRule: 'origin',
  AT_EnableAlwaysRule: 'always',
  AT_EnableReplicaRule: 'replica',
  AT_DisableRule: 'disabled',
} as const;

function enableRule(draft: Draft, table: TableRelation, command: AlterTableCmd): void {
  const enabled = RULE_STATES[command.subtype as keyof typeof RULE_STATES];
  if (!table.rules.some(({ name }) => name === command.name)) {
    throw new Refusal('42704', `rule "${command.name ?? ''}" for relation "${table.name}" does not exist`);
  }
  const rules = table.rules.map((rule) => (rule.name === command.name ? { ...rule, enabled } : rule));
  draft.changeTable(table.id, { rules });
}

function setReplicaIdentity(draft: Draft, table: TableRelation, command: AlterTableCmd): void {
  if (command.def === undefined || !('ReplicaIdentityStmt' in command.def)) return;
  const { identity_type, name } = command.def.ReplicaIdentityStmt;
  if (identity_type === 'i') {
    const relation = resolveRelation(draft, table.schema, name ?? '');
    const index = relation === undefined ? undefined : indexById(draft, relation.id);
    if (index?.table !== table.id) {
      throw new Refusal('42704', `index "${name ?? ''}" for table "${table.name}" does not exist`);
    }
    draft.changeTable(table.id, { replicaIdentity: { kind: 'index', index: index.id } });
    return;
  }
  const kind = identity_type === 'f' ? 'full' : identity_type === 'n' ? 'nothing' : 'default';
  draft.changeTable(table.id, { replicaIdentity: { kind } });
}
