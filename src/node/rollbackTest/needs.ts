import type { Parser } from '../../core/sql/parser.ts';
import type { Statement } from '../../core/sql/statement.ts';
import { standsIn } from '../../core/tools/supabaseSchema.ts';
import type { History } from '../../core/tools/tool.ts';
import { withClient } from '../connection.ts';
import { RunError } from '../runError.ts';
import type { RollbackTestsRequest } from '../testRollback.ts';
import { rolesOf } from '../replay/roles.ts';
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
  const given = standsIn(history.history);
  if (given)
    say(
      "Supabase's own schemas (auth, storage …) and roles are stood in for; --environment NAME tests with the roles of a server of yours.",
    );
  const absent = absentThings(part);
  if (absent.length > 0) say(`No migration makes ${absent.join(', ')}.${baselineHint(absent)}`);
  const extensions = extensionsOf(part.flatMap(({ script }) => script.statements));
  const own: History = { ...history.history, migrations: part.map(({ migration }) => migration) };
  const rolesIn = (of: History): readonly string[] => (server.throwAway ? [] : strangers(of, parser));
  if (given) {
    const ofStandIn = extensionsOf(history.baseline?.script.statements ?? []);
    const lacking = await missingOn(server, ofStandIn, rolesIn({ ...own, migrations: [] }));
    if (lacking.length > 0) say(`Not on this server, and left out of the stand-in: ${lacking.join(', ')}.`);
  }
  const missing = await missingOn(server, extensions, rolesIn(given ? { ...own, baseline: null } : own));
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

function extensionsOf(statements: readonly Statement[]): readonly string[] {
  return [...new Set(statements.flatMap(({ tree }) => nodeAs(tree, 'CreateExtensionStmt')?.extname ?? []))];
}

/** Roles that the scripts name and do not make. */
function strangers(history: History, parser: Parser): readonly string[] {
  const { named, made } = rolesOf(history, parser);
  return [...named].filter((role) => !made.has(role) && role !== 'public');
}

async function missingOn(
  { url }: TestServer,
  extensions: readonly string[],
  roles: readonly string[],
): Promise<readonly string[]> {
  if (extensions.length === 0 && roles.length === 0) return [];
  return withClient(url, {}, async (client) => {
    const { rows } = await client.query<{ what: string }>(
      `SELECT 'extension ' || quote_ident(t.name) AS what FROM unnest($1::text[]) AS t (name)
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_available_extensions e WHERE e.name = t.name)
       UNION ALL
       SELECT 'role ' || quote_ident(t.name) FROM unnest($2::text[]) AS t (name)
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = t.name)
       ORDER BY 1`,
      [extensions, roles],
    );
    return rows.map(({ what }) => what);
  });
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
