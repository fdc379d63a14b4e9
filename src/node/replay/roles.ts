import type { Client } from 'pg';
import type { Parser } from '../../core/sql/parser.ts';
import { parseScript } from '../../core/sql/script.ts';
import { quoteIdentifier } from '../../core/sql/quote.ts';
import type { History } from '../../core/tools/tool.ts';

/**
 * Makes the roles that a history names and never makes itself: no migration makes them, since roles belong to the
 * cluster. On a throw-away server only. Down scripts count too.
 */
export async function makeRoles(client: Client, history: History, parser: Parser): Promise<void> {
  const { named, made } = rolesOf(history, parser);
  if (named.size === 0) return;
  const { rows } = await client.query<{ name: string }>('SELECT rolname::text AS name FROM pg_catalog.pg_roles');
  const present = new Set(rows.map(({ name }) => name));
  for (const role of named) {
    if (present.has(role) || made.has(role) || role.startsWith('pg_') || role === 'public') continue;
    // Two histories may be tested at a time.
    await client.query(`CREATE ROLE ${quoteIdentifier(role)} NOLOGIN`).catch(() => undefined);
  }
}

/** Roles that the scripts name, and those that they make. */
export function rolesOf(
  history: History,
  parser: Parser,
): { readonly named: ReadonlySet<string>; readonly made: ReadonlySet<string> } {
  const named = new Set<string>();
  const made = new Set<string>();
  const texts = history.migrations.flatMap(({ text, rollback }) => [
    text,
    ...(rollback !== null && rollback.text !== text ? [rollback.text] : []),
  ]);
  if (history.baseline !== null) texts.push(history.baseline.text);
  for (const text of texts) {
    // Cheap to ask, and most files name no role.
    if (!/\b(?:ROLE|USER|OWNER|GRANT|REVOKE|POLICY|AUTHORIZATION|PRIVILEGES)\b/i.test(text)) continue;
    for (const [, role = ''] of text.matchAll(/\bCREATE\s+(?:ROLE|USER|GROUP)\s+(?!MAPPING\b)"?([^\s";]+)/gi)) {
      made.add(role);
      made.add(role.toLowerCase());
    }
    for (const { tree } of parseScript(text, { parser, dialect: 'postgresql' }).statements) {
      if (tree !== null) addRoles(tree, named);
    }
  }
  return { named, made };
}

/** Role names stand in RoleSpec nodes, wrapped or not, and in the list of GRANT role TO role. */
function addRoles(value: unknown, roles: Set<string>): void {
  if (Array.isArray(value)) for (const one of value) addRoles(one, roles);
  else if (typeof value === 'object' && value !== null) {
    const { rolename, granted_roles: granted, ...rest } = value as Record<string, unknown>;
    if (typeof rolename === 'string') roles.add(rolename);
    for (const one of Array.isArray(granted) ? granted : []) {
      const name = (one as { AccessPriv?: { priv_name?: string } }).AccessPriv?.priv_name;
      if (name !== undefined) roles.add(name);
    }
    for (const one of Object.values(rest)) addRoles(one, roles);
  }
}
