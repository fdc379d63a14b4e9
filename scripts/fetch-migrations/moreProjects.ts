import type { Part, Project } from './projects.ts';

/**
 * A wider set, for finding faults: more projects, PostgreSQL's own regression tests, SQL inside JavaScript. Too large
 * for `npm test`; the oracle runs over it with `--set more`.
 */
const gnumed = 'var/lib/gnumed/server/sql';
const gnumedSetUp = 'var/lib/gnumed/server/bootstrap';
const extensions = 'usr/share/postgresql/15/extension';

function gnumedUpdate(from: number): readonly Part[] {
  const listed = `${gnumedSetUp}/update_db-v${String(from)}_v${String(from + 1)}.conf`;
  const folder = `${gnumed}/v${String(from)}-v${String(from + 1)}`;
  return ['superuser', 'static', 'dynamic'].map((each) => ({ path: `${folder}/${each}`, listed }));
}

/** Modules of one shop system, each with a history of its own, that share one database. */
const MEDUSA = [
  'api-key',
  'auth',
  'cart',
  'currency',
  'customer',
  'fulfillment',
  'index',
  'inventory',
  'notification',
  'order',
  'payment',
  'pricing',
  'product',
  'promotion',
  'rbac',
  'region',
  'sales-channel',
  'settings',
  'stock-location',
  'store',
  'tax',
  'translation',
  'user',
  'workflow-engine-inmemory',
];

export const MORE_PROJECTS: readonly Project[] = [
  {
    name: 'postgresql-regress',
    from: { debianSource: 'postgresql-15' },
    parts: [
      { path: 'src/test/regress/sql/test_setup.sql', base: true },
      { path: 'src/test/regress/sql', only: /^(?!test_setup\.).*\.sql$/ },
      { path: 'src/pl/plpgsql/src/sql' },
    ],
    order: 'each',
  },
  {
    name: 'gnumed',
    from: { debian: 'gnumed-server' },
    parts: [
      ...['SchemaRevision', 'SchemaRevisionViews', 'Services', 'I18N', 'I18N-dynamic', 'Audit', 'Audit-dynamic']
        .concat('Notifications-static', 'Notifications-dynamic', 'Housekeeping')
        .map((each): Part => ({ path: `${gnumed}/gm${each}.sql`, base: true })),
      { path: gnumed, base: true, listed: `${gnumedSetUp}/bootstrap-monolithic_core.conf` },
      ...Array.from({ length: 20 }, (_, index) => gnumedUpdate(index + 2)).flat(),
    ],
    order: 'base',
  },
  {
    name: 'openqa',
    from: { debian: 'openqa' },
    parts: [
      { path: 'usr/share/openqa/dbicdh/PostgreSQL/deploy/63', base: true },
      { path: 'usr/share/openqa/dbicdh/PostgreSQL/upgrade', deep: true },
    ],
    order: 'base',
  },
  {
    name: 'pg_partman',
    from: { debian: 'postgresql-15-partman' },
    parts: [{ path: extensions, only: /^pg_partman--[\d.]+\.sql$/, base: true }, { path: extensions }],
    order: 'none',
    prelude: 'CREATE SCHEMA partman;\nSET search_path = partman;\n',
    placeholders: { '@extschema@': 'partman' },
  },
  {
    name: 'mimeo',
    from: { debian: 'postgresql-15-mimeo' },
    parts: [{ path: extensions, only: /^mimeo--[\d.]+\.sql$/, base: true }, { path: extensions }],
    order: 'none',
    prelude: 'CREATE SCHEMA mimeo;\n',
    placeholders: { '@extschema@': 'mimeo' },
  },
  {
    name: 'pgq',
    from: { debian: 'postgresql-15-pgq3' },
    parts: [
      { path: 'usr/share/postgresql/15/contrib/pgq_pl_only.sql', base: true },
      { path: 'usr/share/postgresql/15/contrib/pgq.upgrade.sql' },
    ],
    order: 'base',
  },
  {
    name: 'pgagent',
    from: { debian: 'pgagent' },
    parts: [
      { path: extensions, only: /^pgagent--[\d.]+\.sql$/, base: true },
      { path: extensions, only: /^pgagent--.*--/ },
    ],
    order: 'base',
    prelude: 'CREATE SCHEMA pgagent;\n',
  },
  {
    name: 'ejabberd',
    from: { debian: 'ejabberd' },
    parts: [{ path: 'usr/share/ejabberd/sql', only: /^pg/ }],
    order: 'none',
  },
  {
    name: 'freeradius',
    from: { debian: 'freeradius-config' },
    parts: [{ path: 'etc/freeradius/3.0/mods-config/sql', only: /\/(schema|setup|queries|process-radacct).*\.sql$/ }],
    order: 'none',
  },
  {
    name: 'unleash',
    from: { npm: 'unleash-server@7.5.1' },
    parts: [{ path: 'package/dist/migrations', embedded: true }],
    order: 'base',
  },
  {
    name: 'flowise',
    from: { npm: 'flowise@3.1.2' },
    parts: [{ path: 'package/dist/database/migrations/postgres', embedded: true }],
    order: 'base',
    prelude: 'CREATE EXTENSION "uuid-ossp";\n',
  },
  {
    name: 'n8n',
    from: { npm: '@n8n/db@1.41.2' },
    parts: [{ path: 'package/dist/migrations/postgresdb', embedded: true }],
    order: 'none',
  },
  ...MEDUSA.map((module): Project => ({
    name: `medusa-${module}`,
    from: { npm: `@medusajs/${module}@2.21.2` },
    parts: [
      { path: 'package/dist/migrations', embedded: true },
      { path: 'package/dist/schema/migrations', embedded: true },
    ],
    order: 'base',
  })),
  {
    name: 'logto',
    from: { npm: '@logto/schemas@1.43.0' },
    parts: [
      { path: 'package/tables', base: true },
      { path: 'package/alterations-js', embedded: true },
    ],
    order: 'final base',
    prelude: 'CREATE SCHEMA IF NOT EXISTS public;\n',
  },
  {
    name: 'evershop',
    from: { npm: '@evershop/evershop@2.2.1' },
    parts: [{ path: 'package/dist/modules', only: /\/Version-.*\.js$/, embedded: true }],
    order: 'base',
  },
  {
    name: 'saltcorn',
    from: { npm: '@saltcorn/data@1.6.2' },
    parts: [{ path: 'package/dist/migrations', embedded: true }],
    order: 'none',
  },
  {
    name: 'mcp-database',
    from: { npm: '@dxheroes/local-mcp-database@0.7.2' },
    parts: [{ path: 'package/prisma/migrations', deep: true }],
    order: 'base',
  },
  {
    name: 'world-postgres',
    from: { npm: '@workflow/world-postgres@4.3.7' },
    parts: [{ path: 'package/src/drizzle/migrations' }],
    order: 'base',
  },
  {
    name: 'pgpm-metaschema',
    from: { npm: '@pgpm/metaschema-schema@0.16.3' },
    parts: [{ path: 'package/sql' }],
    order: 'base',
  },
  {
    name: 'pgpm-jobs',
    from: { npm: '@pgpm/database-jobs@0.16.0' },
    parts: [{ path: 'package/sql' }],
    order: 'base',
  },
  {
    name: 'message-db',
    from: { npm: '@eventide/message-db@1.3.1' },
    parts: [
      { path: 'package/database/schema' },
      { path: 'package/database/types' },
      { path: 'package/database/tables' },
      { path: 'package/database/functions' },
      { path: 'package/database/indexes' },
      { path: 'package/database/views' },
      { path: 'package/database/privileges' },
    ],
    order: 'none',
  },
];
