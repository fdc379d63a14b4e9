import type { Catalog, DefaultPrivilege, Privilege } from '../catalog/catalog.ts';
import { quoteIdentifier } from '../sql/quote.ts';
import type { Plan } from './plan.ts';
import { roleName } from './routines.ts';

/**
 * ALTER DEFAULT PRIVILEGES, back. The catalog holds the statements; what counts is what they come to: a REVOKE of what
 * nobody had changes nothing, and needs no undoing.
 */
export function inverseDefaultPrivileges(plan: Plan): void {
  const { from, to } = plan.context;
  if (from.catalog.defaultPrivileges === to.catalog.defaultPrivileges) return;
  const now = netPrivileges(from.catalog);
  const before = netPrivileges(to.catalog);
  for (const key of new Set([...now.keys(), ...before.keys()])) {
    const scope = (now.get(key) ?? before.get(key))?.scope;
    if (scope === undefined) continue;
    const has = now.get(key)?.rights ?? builtInRights(scope);
    const had = before.get(key)?.rights ?? builtInRights(scope);
    for (const [name, right] of has) if (!had.has(name)) change(plan, scope, right, false);
    for (const [name, right] of had) {
      const present = has.get(name);
      if (present?.grantable === right.grantable) continue;
      if (present?.grantable === true) change(plan, scope, right, false);
      change(plan, scope, right, true);
    }
  }
}

type Scope = Pick<DefaultPrivilege, 'role' | 'schema' | 'objects'>;
type Rights = ReadonlyMap<string, Privilege>;

function netPrivileges({ defaultPrivileges }: Catalog): Map<string, { readonly scope: Scope; rights: Rights }> {
  const net = new Map<string, { readonly scope: Scope; rights: Rights }>();
  for (const { role, schema, objects, grant, privileges } of defaultPrivileges) {
    const scope = { role, schema, objects };
    const key = JSON.stringify(scope);
    const found = net.get(key) ?? { scope, rights: builtInRights(scope) };
    const rights = new Map(found.rights);
    for (const right of privileges) {
      const name = `${right.grantee} ${right.privilege}`;
      const present = rights.get(name);
      if (grant) rights.set(name, { ...right, grantable: right.grantable || present?.grantable === true });
      // REVOKE GRANT OPTION FOR takes only the option.
      else if (right.grantable && present !== undefined) rights.set(name, { ...present, grantable: false });
      else rights.delete(name);
    }
    net.set(key, { scope, rights });
  }
  return net;
}

/** What everybody has of a new object. In one schema nothing is given by itself. https://www.postgresql.org/docs/current/ddl-priv.html */
function builtInRights({ schema, objects }: Scope): Rights {
  if (schema !== null) return new Map();
  const privilege = { functions: 'EXECUTE', types: 'USAGE' }[objects as string];
  return new Map(
    privilege === undefined ? [] : [[`public ${privilege}`, { grantee: 'public', privilege, grantable: false }]],
  );
}

function change(plan: Plan, { role, schema, objects }: Scope, right: Privilege, grant: boolean): void {
  const head = ['ALTER DEFAULT PRIVILEGES'];
  if (role !== null) head.push(`FOR ROLE ${roleName(role)}`);
  if (schema !== null) head.push(`IN SCHEMA ${quoteIdentifier(schema)}`);
  const to = `${grant ? 'TO' : 'FROM'} ${roleName(right.grantee)}${grant && right.grantable ? ' WITH GRANT OPTION' : ''}`;
  // Tables of a schema that comes back are made with them.
  const comesBack = schema !== null && !plan.context.from.catalog.schemas.has(schema);
  plan.add(
    comesBack ? 'schemas' : 'rights',
    `${head.join(' ')} ${grant ? 'GRANT' : 'REVOKE'} ${right.privilege} ON ${objects.toUpperCase()} ${to}`,
  );
}
