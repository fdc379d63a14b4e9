import type { AlterEnumStmt, CompositeTypeStmt, CreateEnumStmt, CreateRangeStmt } from '@pgsql/types';
import type { Column, Privilege, UserType } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { makeObjectName } from '../generatedNames.ts';
import { nameOf, nameOfRangeVar, strings } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { creationSchema, requireFreeRelationName, requireFreeTypeName, requireType } from '../targets.ts';
import { resolveType } from '../typeNames.ts';
import { planColumn } from './columns.ts';
import { linkColumn } from './createTable.ts';

/** Everybody may use a new type. https://www.postgresql.org/docs/current/ddl-priv.html (table "Summary of Access Privileges") */
export const TYPE_PRIVILEGES: readonly Privilege[] = [{ grantee: 'public', privilege: 'USAGE', grantable: false }];

/** What every new type has. */
export function newType(draft: Draft, schema: string, name: string): Omit<UserType, 'kind'> {
  return {
    id: draft.newId(),
    schema,
    name,
    owner: null,
    comment: null,
    privileges: TYPE_PRIVILEGES,
    extension: null,
  };
}

/** CREATE TYPE … AS ENUM. */
export function createEnum(draft: Draft, node: CreateEnumStmt): void {
  const { schema: written, name } = nameOf(node.typeName);
  const schema = creationSchema(draft, written);
  requireFreeTypeName(draft, schema, name);
  const labels = strings(node.vals);
  if (new Set(labels).size !== labels.length) throw new Refusal('23505', 'duplicate enum label');
  draft.addType({ ...newType(draft, schema, name), kind: 'enum', labels });
}

/** ALTER TYPE … ADD VALUE, RENAME VALUE. */
export function alterEnum(draft: Draft, node: AlterEnumStmt): void {
  const type = requireType(draft, node.typeName);
  if (type.kind !== 'enum') throw new Refusal('42809', `${type.name} is not an enum`);
  const labels = [...type.labels];
  const value = node.newVal ?? '';
  if (node.oldVal !== undefined) {
    const at = labels.indexOf(node.oldVal);
    if (at < 0) throw new Refusal('22023', `"${node.oldVal}" is not an existing enum label`);
    if (labels.includes(value)) throw new Refusal('42710', `enum label "${value}" already exists`);
    labels[at] = value;
    draft.putType({ ...type, labels });
    return;
  }
  if (labels.includes(value)) {
    if (node.skipIfNewValExists === true) return;
    throw new Refusal('42710', `enum label "${value}" already exists`);
  }
  if (node.newValNeighbor === undefined) labels.push(value);
  else {
    const at = labels.indexOf(node.newValNeighbor);
    if (at < 0) throw new Refusal('22023', `"${node.newValNeighbor}" is not an existing enum label`);
    labels.splice(node.newValIsAfter === true ? at + 1 : at, 0, value);
  }
  draft.putType({ ...type, labels });
}

/** CREATE TYPE … AS (…): a relation of its own kind. */
export function createCompositeType(draft: Draft, node: CompositeTypeStmt): void {
  const { schema: written, name } = nameOfRangeVar(node.typevar);
  const schema = creationSchema(draft, written);
  requireFreeTypeName(draft, schema, name);
  requireFreeRelationName(draft, schema, name);
  const id = draft.newId();
  const columns: Column[] = [];
  for (const item of node.coldeflist ?? []) {
    if (!('ColumnDef' in item)) continue;
    const { column } = planColumn(draft, item.ColumnDef, {
      schema,
      table: name,
      number: columns.length + 1,
      persistence: 'permanent',
      takenNames: new Set(),
    });
    columns.push(column);
  }
  draft.addRelation({
    kind: 'composite type',
    id,
    schema,
    name,
    persistence: 'permanent',
    owner: null,
    comment: null,
    privileges: TYPE_PRIVILEGES,
    options: {},
    tablespace: null,
    extension: null,
    columns,
    nextColumn: columns.length + 1,
  });
  for (const column of columns) linkColumn(draft, id, column);
}

/** CREATE TYPE … AS RANGE; its multirange's name comes from the range's (makeMultirangeTypeName). */
export function createRange(draft: Draft, node: CreateRangeStmt): void {
  const { schema: written, name } = nameOf(node.typeName);
  const schema = creationSchema(draft, written);
  requireFreeTypeName(draft, schema, name);
  let multirange: string | null = null;
  let subtype = resolveType(draft, undefined);
  for (const item of node.params ?? []) {
    if (!('DefElem' in item)) continue;
    const { defname, arg } = item.DefElem;
    if (defname === 'subtype' && arg !== undefined && 'TypeName' in arg) subtype = resolveType(draft, arg.TypeName);
    if (defname === 'multirange_type_name' && arg !== undefined) {
      multirange = nameOf('TypeName' in arg ? arg.TypeName.names : arg).name;
    }
  }
  multirange ??= multirangeName(name);
  const type = newType(draft, schema, name);
  draft.addType({ ...type, kind: 'range', subtype, multirange });
  draft.link(subtype.id, type.id);
}

function multirangeName(name: string): string {
  return name.includes('range') ? name.replace('range', 'multirange') : makeObjectName(name, null, 'multirange');
}
