import type { AlterTableCmd, Node } from '@pgsql/types';
import type { Column, TableRelation, TypeReference } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { expressionOf } from '../expressions.ts';
import {
  columnNamed,
  columnNumbered,
  descendants,
  hasColumns,
  isTable,
  isView,
  ownedSequences,
  sameType,
} from '../lookup.ts';
import type { RelationWithColumns } from '../lookup.ts';
import { definitions, strings, stringOf, valueText } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { knownType } from '../targets.ts';
import { compressionOf, defaultOf, identityKind, planSequence, storageOf } from './columns.ts';
import { linkColumn } from './createTable.ts';
import { optionsOf } from './indexes.ts';
import { addNotNull, dropNotNull } from './notNull.ts';
import { requireChangeableType } from './requireChangeableType.ts';
import { sequenceParameters } from './sequences.ts';

/** ALTER COLUMN's forms, to children too where the server does so. */
export function alterColumn(draft: Draft, id: number, command: AlterTableCmd, only: boolean): void {
  const relation = draft.relations.get(id);
  if (relation === undefined) return;
  if (!hasColumns(relation)) return;
  const column = wantedColumn(relation, command);
  if (column === undefined) return;
  const { def } = command;
  switch (command.subtype) {
    case 'AT_ColumnDefault':
      if (column.generated !== null) throw new Refusal('42601', `column "${column.name}" is a generated column`);
      if (column.identity !== null) throw new Refusal('42601', `column "${column.name}" is an identity column`);
      changeDown(draft, id, column.name, only, (own) => ({ ...own, default: defaultOf(draft, def, own.type) }));
      return;
    case 'AT_DropNotNull':
      dropNotNull(draft, id, column.name, only);
      return;
    case 'AT_SetNotNull':
      addNotNull(draft, id, column.name, { name: null, noInherit: false, validated: true, only });
      return;
    case 'AT_AlterColumnType':
      changeType(draft, relation, column, command);
      return;
    case 'AT_SetExpression':
      if (column.generated === null) throw new Refusal('55000', `column "${column.name}" is not a generated column`);
      if (def === undefined) return;
      changeDown(draft, id, column.name, only, (own) =>
        own.generated === null
          ? own
          : { ...own, generated: { ...own.generated, expression: expressionOf(draft, def) } },
      );
      return;
    case 'AT_DropExpression':
      if (column.generated === null) {
        if (command.missing_ok === true) return;
        throw new Refusal('55000', `column "${column.name}" is not a generated column`);
      }
      changeDown(draft, id, column.name, only, (own) => ({ ...own, generated: null }));
      return;
    case 'AT_SetStatistics': {
      const value = Number(valueText(def) ?? -1);
      changeDown(draft, id, column.name, only, (own) => ({ ...own, statistics: value < 0 ? null : value }));
      return;
    }
    case 'AT_SetOptions':
      changeHere(draft, id, column.name, (own) => ({ ...own, options: { ...own.options, ...optionsOf(listOf(def)) } }));
      return;
    case 'AT_ResetOptions': {
      const gone = optionsOf(listOf(def));
      changeHere(draft, id, column.name, (own) => ({
        ...own,
        options: Object.fromEntries(Object.entries(own.options).filter(([name]) => !Object.hasOwn(gone, name))),
      }));
      return;
    }
    case 'AT_SetStorage':
      changeDown(draft, id, column.name, only, (own) => ({ ...own, storage: storageOf(own.type, stringOf(def)) }));
      return;
    case 'AT_SetCompression':
      changeHere(draft, id, column.name, (own) => ({ ...own, compression: compressionOf(stringOf(def)) }));
      return;
    case 'AT_AddIdentity':
    case 'AT_SetIdentity':
    case 'AT_DropIdentity':
      changeIdentity(draft, id, column, command);
      return;
    default:
      return;
  }
}

function listOf(def: Node | undefined): Node[] | undefined {
  return def !== undefined && 'List' in def ? def.List.items : undefined;
}

function wantedColumn(relation: RelationWithColumns, command: AlterTableCmd): Column | undefined {
  if (command.name === undefined) return columnNumbered(relation, command.num ?? 0);
  const column = columnNamed(relation, command.name);
  const forColumns = COLUMN_FORMS.has(command.subtype ?? '');
  if (column === undefined && forColumns) {
    throw new Refusal('42703', `column "${command.name}" of relation "${relation.name}" does not exist`);
  }
  return column;
}

const COLUMN_FORMS = new Set([
  'AT_ColumnDefault',
  'AT_DropNotNull',
  'AT_SetNotNull',
  'AT_AlterColumnType',
  'AT_SetExpression',
  'AT_DropExpression',
  'AT_SetStatistics',
  'AT_SetOptions',
  'AT_ResetOptions',
  'AT_SetStorage',
  'AT_SetCompression',
  'AT_AddIdentity',
  'AT_SetIdentity',
  'AT_DropIdentity',
]);

type Change = (column: Column) => Column;

/** Changes a column of this relation. */
export function changeHere(draft: Draft, id: number, name: string, change: Change): void {
  const relation = draft.relations.get(id);
  if (relation === undefined || !hasColumns(relation)) return;
  const columns = relation.columns.map((column) => (column.name === name ? change(column) : column));
  draft.put({ ...relation, columns });
  const changed = columns.find((column) => column.name === name);
  if (changed !== undefined) linkColumn(draft, id, changed);
}

/** Changes a column of this table and of all that inherit it. */
function changeDown(draft: Draft, id: number, name: string, only: boolean, change: Change): void {
  changeHere(draft, id, name, change);
  const relation = draft.relations.get(id);
  if (only || relation === undefined || !isTable(relation)) return;
  for (const child of relation.children) {
    const own = columnNamed(draft.table(child), name);
    if (own !== undefined && own.inheritCount > 0) changeDown(draft, child, name, false, change);
  }
}

/** ALTER COLUMN TYPE. What a type change takes along: an identity's sequence, a default that no longer fits is the user's to mend. */
function changeType(draft: Draft, relation: RelationWithColumns, column: Column, command: AlterTableCmd): void {
  const { def } = command;
  if (def === undefined || !('ColumnDef' in def)) return;
  const type = knownType(draft, def.ColumnDef.typeName);
  if (isTable(relation) && column.inheritCount > 0) {
    throw new Refusal('42P16', `cannot alter inherited column "${column.name}"`);
  }
  if (isView(relation)) return;
  if (isTable(relation)) requireOneFamily(draft, relation, column.name);
  const inKey =
    isTable(relation) && relation.partitionKey?.columns.some((key) => key.column === column.number) === true;
  if (inKey) throw new Refusal('42P16', `cannot alter column "${column.name}" because it is part of the partition key`);
  requireChangeableType(draft, relation, column, { type, using: def.ColumnDef.raw_default !== undefined });
  const collation = strings(def.ColumnDef.collClause?.collname).at(-1) ?? null;
  changeDown(draft, relation.id, column.name, false, (own) => retype(own, type, collation));
  if (column.identity === null || sameType(column.type, type)) return;
  for (const sequence of ownedSequences(draft, relation.id, column.number)) {
    const as = { TypeName: { names: [{ String: { sval: 'pg_catalog' } }, { String: { sval: type.name } }] } };
    draft.put({ ...sequence, ...sequenceParameters(draft, [{ defname: 'as', arg: as }], sequence) });
  }
}

/** A child that has the column from a parent outside of the family too would go apart from that one. */
function requireOneFamily(draft: Draft, table: TableRelation, name: string): void {
  const family = new Set([table.id, ...descendants(draft, table).map(({ id }) => id)]);
  for (const id of family) {
    if (id === table.id) continue;
    const child = draft.table(id);
    const parents = child.partitionOf === null ? child.inherits : [child.partitionOf.parent];
    if ((columnNamed(child, name)?.inheritCount ?? 0) > parents.filter((parent) => family.has(parent)).length)
      throw new Refusal('42P16', `cannot alter inherited column "${name}" of relation "${child.name}"`);
  }
}

function retype(column: Column, type: TypeReference, collation: string | null): Column {
  return {
    ...column,
    type,
    collation: collation === 'default' ? null : collation,
    // ATExecAlterColumnType takes the new type's own storage, and its compression method.
    storage: null,
    compression: type.schema === 'pg_catalog' && column.compression !== null ? column.compression : null,
  };
}

function changeIdentity(draft: Draft, id: number, column: Column, command: AlterTableCmd): void {
  const table = draft.table(id);
  const { def } = command;
  if (table.partitionOf !== null && draft.major >= 17)
    throw new Refusal('42P16', 'cannot change identity of a partition');
  if (command.subtype === 'AT_DropIdentity') {
    if (column.identity === null) {
      if (command.missing_ok === true) return;
      throw new Refusal('55000', `column "${column.name}" is not an identity column`);
    }
    setIdentity(draft, id, column.name, null);
    for (const sequence of ownedSequences(draft, id, column.number)) {
      if (sequence.ownedBy?.internal === true) draft.removeRelation(sequence);
    }
    return;
  }
  if (command.subtype === 'AT_AddIdentity') {
    if (def === undefined || !('Constraint' in def)) return;
    if (column.identity !== null) throw new Refusal('55000', `column "${column.name}" is already an identity column`);
    if (column.default !== null) throw new Refusal('55000', `column "${column.name}" already has a default value`);
    if (!column.notNull) throw new Refusal('55000', `column "${column.name}" must be declared NOT NULL`);
    const place = {
      schema: table.schema,
      table: table.name,
      persistence: table.persistence,
      takenNames: new Set<string>(),
    };
    const sequence = planSequence(draft, place, column.name, column.type.name, definitions(def.Constraint.options));
    draft.addRelation({ ...sequence, ownedBy: { relation: id, column: column.number, internal: true } });
    draft.link(id, sequence.id);
    setIdentity(draft, id, column.name, identityKind(def.Constraint));
    return;
  }
  if (column.identity === null) throw new Refusal('55000', `column "${column.name}" is not an identity column`);
  const options = definitions(listOf(def));
  const generated = options.find(({ defname }) => defname === 'generated');
  if (generated !== undefined) {
    // The grammar gives ATTRIBUTE_IDENTITY_BY_DEFAULT ('d', 100) or …_ALWAYS ('a', 97).
    setIdentity(draft, id, column.name, valueText(generated.arg) === '100' ? 'by default' : 'always');
  }
  for (const sequence of ownedSequences(draft, id, column.number)) {
    draft.put({ ...sequence, ...sequenceParameters(draft, options, sequence) });
  }
}

/** Partitions share their parent's identity from 17 on. */
function setIdentity(draft: Draft, id: number, name: string, identity: Column['identity']): void {
  changeHere(draft, id, name, (own) => ({ ...own, identity }));
  const table = draft.table(id);
  if (draft.major < 17 || table.kind !== 'partitioned table') return;
  for (const child of table.children) setIdentity(draft, child, name, identity);
}
