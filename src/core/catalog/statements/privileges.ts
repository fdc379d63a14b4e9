import type { AlterDefaultPrivilegesStmt, GrantStmt, Node } from '@pgsql/types';
import type { Column, DefaultPrivilege, Relation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { columnNamed, hasColumns, isIndex, resolveRelation, resolveUserType } from '../lookup.ts';
import type { RelationWithColumns } from '../lookup.ts';
import { definitions, nameOf, nameOfRangeVar, nameText, roleOf, stringOf, strings } from '../nodes.ts';
import { isSystemSchema, missSchema } from '../targets.ts';
import { changed } from '../privilegeLists.ts';
import type { PrivilegeChange as Change } from '../privilegeLists.ts';
import { findFunction } from './functions.ts';

/** What ALL means. https://www.postgresql.org/docs/current/ddl-priv.html#PRIVILEGES-SUMMARY-TABLE */
const ALL_OF = {
  table: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'],
  column: ['SELECT', 'INSERT', 'UPDATE', 'REFERENCES'],
  sequence: ['USAGE', 'SELECT', 'UPDATE'],
  function: ['EXECUTE'],
  schema: ['USAGE', 'CREATE'],
  type: ['USAGE'],
} as const;

/** MAINTAIN came with 17. https://www.postgresql.org/docs/17/release-17.html */
function allOf(draft: Draft, kind: keyof typeof ALL_OF): readonly string[] {
  return kind === 'table' && draft.major >= 17 ? [...ALL_OF.table, 'MAINTAIN'] : ALL_OF[kind];
}

/** GRANT and REVOKE. What the owner has by itself is not kept. */
export function grant(draft: Draft, node: GrantStmt): void {
  const change = changeOf(node);
  const everythingIn = node.targtype === 'ACL_TARGET_ALL_IN_SCHEMA';
  switch (node.objtype) {
    case 'OBJECT_TABLE':
    case 'OBJECT_SEQUENCE': {
      const sequences = node.objtype === 'OBJECT_SEQUENCE';
      const relations = everythingIn
        ? inSchemas(
            draft,
            node,
            (relation) =>
              (relation.kind === 'sequence') === sequences && !isIndex(relation) && relation.kind !== 'composite type',
          )
        : namedRelations(draft, node);
      for (const relation of relations) grantOnRelation(draft, relation, node, change);
      break;
    }
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
      grantOnFunctions(draft, node, change, everythingIn);
      break;
    case 'OBJECT_SCHEMA':
      for (const name of strings(node.objects)) {
        const schema = draft.schemas.get(name);
        if (schema === undefined) {
          if (!isSystemSchema(name)) missSchema(draft, name);
          continue;
        }
        const privileges = changed(schema.privileges, privilegesOf(node, allOf(draft, 'schema')), change);
        draft.schemas = draft.schemas.set(name, { ...schema, privileges });
      }
      break;
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      for (const object of node.objects ?? []) grantOnType(draft, object, node, change);
      break;
    default:
      break;
  }
}

function changeOf(node: GrantStmt): Change {
  return {
    grant: node.is_grant === true,
    grantees: (node.grantees ?? []).map((role) => roleOf('RoleSpec' in role ? role.RoleSpec : undefined)),
    withOption: node.grant_option === true,
  };
}

function privilegesOf(node: GrantStmt, all: readonly string[]): readonly string[] {
  if (node.privileges === undefined) return all;
  return node.privileges.flatMap((item) => {
    if (!('AccessPriv' in item) || item.AccessPriv.cols !== undefined) return [];
    return item.AccessPriv.priv_name === undefined ? all : [item.AccessPriv.priv_name.toUpperCase()];
  });
}

function namedRelations(draft: Draft, node: GrantStmt): Relation[] {
  return (node.objects ?? []).flatMap((object) => {
    const name = nameOfRangeVar('RangeVar' in object ? object.RangeVar : undefined);
    const found = resolveRelation(draft, name.schema, name.name);
    if (found === undefined && !(name.schema !== undefined && isSystemSchema(name.schema))) {
      draft.gap({ kind: 'missing baseline', what: `relation ${nameText(name)}` });
    }
    return found ?? [];
  });
}

function inSchemas(draft: Draft, node: GrantStmt, wanted: (relation: Relation) => boolean): Relation[] {
  const schemas = new Set(strings(node.objects));
  return [...draft.relations.values()].filter((relation) => schemas.has(relation.schema) && wanted(relation));
}

function grantOnRelation(draft: Draft, relation: Relation, node: GrantStmt, change: Change): void {
  const kind = relation.kind === 'sequence' ? 'sequence' : 'table';
  const privileges = changed(relation.privileges, privilegesOf(node, allOf(draft, kind)), change);
  const columns = hasColumns(relation) ? grantOnColumns(draft, relation, node, change) : null;
  if (privileges === relation.privileges && columns === null) return;
  draft.put(
    columns === null || !hasColumns(relation) ? { ...relation, privileges } : { ...relation, privileges, columns },
  );
}

/** GRANT SELECT (a, b); and a REVOKE on the table takes the columns' away too (ExecGrant_Relation). */
function grantOnColumns(
  draft: Draft,
  relation: RelationWithColumns,
  node: GrantStmt,
  change: Change,
): readonly Column[] | null {
  let columns: readonly Column[] | null = null;
  const apply = (name: string, privileges: readonly string[]): void => {
    const column = columnNamed({ ...relation, columns: columns ?? relation.columns }, name);
    if (column === undefined) return;
    const after = changed(column.privileges, privileges, change);
    if (after === column.privileges) return;
    columns = (columns ?? relation.columns).map((other) =>
      other === column ? { ...column, privileges: after } : other,
    );
  };
  for (const item of node.privileges ?? []) {
    if (!('AccessPriv' in item) || item.AccessPriv.cols === undefined) continue;
    const written = item.AccessPriv.priv_name;
    const privileges = written === undefined ? allOf(draft, 'column') : [written.toUpperCase()];
    for (const name of strings(item.AccessPriv.cols)) apply(name, privileges);
  }
  if (!change.grant) {
    const revoked = privilegesOf(node, allOf(draft, 'table'));
    for (const column of relation.columns) if (column.privileges.length > 0) apply(column.name, revoked);
  }
  return columns;
}

function grantOnFunctions(draft: Draft, node: GrantStmt, change: Change, everythingIn: boolean): void {
  const schemas = new Set(everythingIn ? strings(node.objects) : []);
  const wanted = (kind: string): boolean =>
    node.objtype === 'OBJECT_ROUTINE' || (kind === 'procedure') === (node.objtype === 'OBJECT_PROCEDURE');
  const functions = everythingIn
    ? [...draft.functions.values()].filter(({ schema, kind }) => schemas.has(schema) && wanted(kind))
    : (node.objects ?? []).flatMap((object) => {
        const written = 'ObjectWithArgs' in object ? object.ObjectWithArgs : undefined;
        const found = findFunction(draft, written);
        const name = nameOf(written?.objname);
        if (found === undefined && name.schema !== 'pg_catalog') {
          draft.gap({ kind: 'missing baseline', what: `function ${nameText(name)}` });
        }
        return found ?? [];
      });
  for (const one of functions) {
    const privileges = changed(one.privileges, privilegesOf(node, ALL_OF.function), change);
    if (privileges !== one.privileges) draft.putFunction({ ...one, privileges });
  }
}

function grantOnType(draft: Draft, object: Node, node: GrantStmt, change: Change): void {
  const name = nameOf(object);
  const type = resolveUserType(draft, name.schema, name.name);
  if (type !== undefined) {
    draft.putType({ ...type, privileges: changed(type.privileges, privilegesOf(node, ALL_OF.type), change) });
    return;
  }
  const relation = resolveRelation(draft, name.schema, name.name);
  if (relation?.kind !== 'composite type') return;
  draft.put({ ...relation, privileges: changed(relation.privileges, privilegesOf(node, ALL_OF.type), change) });
}

const DEFAULT_OBJECTS: Readonly<Record<string, DefaultPrivilege['objects']>> = {
  OBJECT_TABLE: 'tables',
  OBJECT_SEQUENCE: 'sequences',
  OBJECT_FUNCTION: 'functions',
  OBJECT_ROUTINE: 'functions',
  OBJECT_TYPE: 'types',
  OBJECT_SCHEMA: 'schemas',
  OBJECT_LARGEOBJECT: 'large objects',
};
const DEFAULT_KINDS = {
  tables: 'table',
  sequences: 'sequence',
  functions: 'function',
  types: 'type',
  schemas: 'schema',
} as const;

/** ALTER DEFAULT PRIVILEGES. */
export function alterDefaultPrivileges(draft: Draft, node: AlterDefaultPrivilegesStmt): void {
  const { action } = node;
  const objects = DEFAULT_OBJECTS[action?.objtype ?? ''];
  if (action === undefined || objects === undefined || objects === 'large objects') return;
  const change = changeOf(action);
  const names = privilegesOf(action, allOf(draft, DEFAULT_KINDS[objects]));
  const privileges = change.grantees.flatMap((grantee) =>
    names.map((privilege) => ({ grantee, privilege, grantable: change.withOption })),
  );
  const options = definitions(node.options);
  const listOf = (name: string): (string | null)[] => {
    const argument = options.find(({ defname }) => defname === name)?.arg;
    if (argument === undefined || !('List' in argument)) return [null];
    return (argument.List.items ?? []).map((item) => ('RoleSpec' in item ? roleOf(item.RoleSpec) : stringOf(item)));
  };
  for (const role of listOf('roles')) {
    for (const schema of listOf('schemas')) {
      const added: DefaultPrivilege = { role, schema, objects, grant: change.grant, privileges };
      draft.defaultPrivileges = [...draft.defaultPrivileges, added];
    }
  }
}
