import { withClient } from '../connection.ts';
import { RunError } from '../runError.ts';
import type { RollbackTestsRequest } from '../testRollback.ts';
import { rolesOf } from './roles.ts';
import { standsIn } from './standIns.ts';
import type { TestServer } from './testServer.ts';
import { nodeAs } from '../../core/sql/tree.ts';

/**
 * What the history needs and the server has not, said before anything runs: extensions, and on a server that is not ours
 * roles. What no migration makes is said as well, and what stands in for it; whether the server has it shows only then.
 * @throws RunError 'not possible', naming all of it and what can be done
 */
export async function demandNeeds(
  server: TestServer,
  { history, parser, tolerant, onProgress }: RollbackTestsRequest,
  wanted: readonly number[],
): Promise<void> {
  const part = history.migrations.slice(0, (wanted.at(-1) ?? -1) + 1);
  const say = (message: string): void => onProgress?.({ message });
  if (standsIn(history.history))
    say(
      "Supabase's own schemas (auth, storage …) and roles are stood in for; --environment NAME tests on a server that has them.",
    );
  const absent = absentThings(part);
  if (absent.length > 0) say(`No migration makes ${absent.join(', ')}.${baselineHint(absent)}`);
  const extensions = new Set<string>();
  for (const { statements } of part) {
    for (const { statement } of statements) {
      const name = nodeAs(statement.tree, 'CreateExtensionStmt')?.extname;
      if (name !== undefined) extensions.add(name);
    }
  }
  const { named, made } = server.throwAway
    ? { named: new Set<string>(), made: new Set<string>() }
    : rolesOf({ ...history.history, migrations: part.map(({ migration }) => migration) }, parser);
  if (extensions.size === 0 && named.size === 0) return;
  const missing = await withClient(server.url, {}, async (client) => {
    const { rows } = await client.query<{ what: string }>(
      `SELECT 'extension ' || quote_ident(t.name) AS what FROM unnest($1::text[]) AS t (name)
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_available_extensions e WHERE e.name = t.name)
       UNION ALL
       SELECT 'role ' || quote_ident(t.name) FROM unnest($2::text[]) AS t (name)
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = t.name)
       ORDER BY 1`,
      [[...extensions], [...named].filter((role) => !made.has(role) && role !== 'public')],
    );
    return rows.map(({ what }) => what);
  });
  if (missing.length === 0) return;
  const said = `The history needs what PostgreSQL ${server.identity.version} here does not have: ${missing.join(', ')}.`;
  if (tolerant === true) {
    say(`${said} The statements that need it are left out.`);
    return;
  }
  throw new RunError(
    'not possible',
    `${said} Test on a server that has it (--environment NAME, or "Test Rollback" on that environment), or leave out what needs it (--all, or the folder's path).`,
  );
}

/** Schemas and relations that the history refers to and that it never makes; a few, since one leads to another. */
function absentThings(part: RollbackTestsRequest['history']['migrations']): readonly string[] {
  const gaps = part.at(-1)?.after.gaps ?? [];
  return gaps
    .filter(({ kind, what }) => kind === 'missing baseline' && /^(?:schema|relation) /.test(what))
    .map(({ what }) => what)
    .slice(0, 5);
}

function baselineHint(absent: readonly string[]): string {
  const supabase = absent.some((what) => /^(?:schema (?:auth|storage)$|relation (?:auth|storage)\.)/.test(what));
  const dump = 'name a schema dump as "baseline" in lockkeeper.jsonc';
  return supabase
    ? ` These look like Supabase's: ${dump} (supabase db dump --schema auth,storage), or test on a server that has them (--environment NAME).`
    : ` If the history does not start from nothing, ${dump}.`;
}
