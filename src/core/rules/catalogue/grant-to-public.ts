import type { GrantStmt } from '@pgsql/types';
import { nodeAs } from '../../sql/tree.ts';
import { defineRule } from '../rule.ts';
import { listed } from '../wording.ts';

/** Objects on which PUBLIC has these rights anyway (https://www.postgresql.org/docs/current/ddl-priv.html), so that nothing is opened. */
const BY_DEFAULT: ReadonlySet<string> = new Set([
  'OBJECT_FUNCTION',
  'OBJECT_PROCEDURE',
  'OBJECT_ROUTINE',
  'OBJECT_TYPE',
  'OBJECT_DOMAIN',
  'OBJECT_LANGUAGE',
]);

export const grantToPublic = defineRule({
  id: 'grant-to-public',
  statements: ['GrantStmt', 'AlterDefaultPrivilegesStmt'],
  meta: {
    title: 'Do not grant to PUBLIC',
    severity: 'warning',
    cause: 'hygiene',
    why: 'PUBLIC is every role of the cluster, those that are made later too: a reporting user, an integration, a new service.',
    instead: 'Grant to a role that the users of the object are members of.',
    more: 'EXECUTE on functions and USAGE on types and languages belong to PUBLIC by default; granting them changes nothing and is not reported.',
    references: ['https://www.postgresql.org/docs/current/ddl-priv.html'],
    alsoKnownAs: { 'safe-migrate': 'overbroad-grant', migrationpilot: 'MP079' },
  },
  examples: {
    bad: [
      'GRANT SELECT ON orders TO PUBLIC;',
      'GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC;',
      'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC;',
    ],
    good: ['GRANT SELECT ON orders TO reporting;', 'REVOKE ALL ON orders FROM PUBLIC;'],
  },
  check({ statement, report }) {
    const { tree } = statement.statement;
    const byDefault = nodeAs(tree, 'AlterDefaultPrivilegesStmt')?.action;
    const grant = nodeAs(tree, 'GrantStmt') ?? byDefault;
    if (!grant?.is_grant || !namesPublic(grant) || BY_DEFAULT.has(grant.objtype ?? '')) return;
    const rights = (grant.privileges ?? []).map((node) =>
      (nodeAs(node, 'AccessPriv')?.priv_name ?? 'all').toUpperCase(),
    );
    const what = rights.length === 0 ? 'ALL' : listed(rights);
    report({
      what: byDefault
        ? `Every object that is made from now on gives ${what} to every role.`
        : `${what} is given to every role of the cluster.`,
    });
  },
});

function namesPublic({ grantees = [] }: GrantStmt): boolean {
  return grantees.some((node) => nodeAs(node, 'RoleSpec')?.roletype === 'ROLESPEC_PUBLIC');
}
