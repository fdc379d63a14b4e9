import { pgpmModule, sourceloopService } from './npmFamilies.ts';
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

const chado = 'usr/share/gmod/chado/schemas';
const bacula = 'usr/share/dbconfig-common/data/bacula-director-pgsql';

/** An extension's first script, and the upgrades after it, as psql would run them. */
function extension(name: string, debian: string, from: string, upgrades: RegExp, schema: string): Project {
  return {
    name,
    from: { debian },
    parts: [
      { path: `${extensions}/${name}--${from}.sql`, base: true },
      { path: extensions, only: upgrades },
    ],
    order: 'none',
    prelude: schema === 'pg_catalog' ? '' : `CREATE SCHEMA IF NOT EXISTS ${schema};\n`,
    placeholders: { '@extschema@': schema },
  };
}

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
  {
    name: 'goiardi',
    from: { debian: 'goiardi' },
    parts: [{ path: 'usr/share/goiardi/sql-files/sql-files/postgres-bundle', tool: 'sqitch' }],
    order: 'base',
  },
  {
    name: 'chado',
    from: { debian: 'libchado-perl' },
    parts: [
      { path: `${chado}/1/default_schema.sql`, base: true },
      { path: `${chado}/1-1.1/diff.sql` },
      { path: `${chado}/1.1-1.2/diff.sql` },
      { path: `${chado}/1.23-1.31/diff.sql` },
    ],
    order: 'base',
  },
  {
    name: 'supysonic',
    from: { debian: 'supysonic' },
    parts: [
      { path: 'usr/share/supysonic/schema/postgres.sql', base: true },
      { path: 'usr/share/supysonic/schema/migration/postgres' },
    ],
    order: 'final base',
  },
  {
    name: 'oar',
    from: { debian: 'oar-server' },
    parts: [
      { path: 'usr/lib/oar/database/pg_structure.sql', base: true },
      { path: 'usr/lib/oar/database', only: /^pg_structure_upgrade/ },
      { path: 'usr/lib/oar/database/pg_default_admission_rules.sql' },
    ],
    order: 'final base',
  },
  {
    name: 'libervia-pubsub',
    from: { debian: 'libervia-pubsub' },
    parts: [
      { path: 'usr/share/libervia/sat_pubsub/db/pubsub.sql', base: true },
      { path: 'usr/share/libervia/sat_pubsub/db', only: /_update_/ },
    ],
    order: 'final base',
  },
  {
    name: 'homer',
    from: { debian: 'homer-api' },
    parts: [{ path: 'usr/share/homer/sql/postgres' }],
    order: 'none',
  },
  {
    name: 'glewlwyd',
    from: { debian: 'glewlwyd' },
    parts: [
      { path: 'usr/share/doc/glewlwyd/database/init-core.postgre.sql.gz', base: true },
      { path: 'usr/share/doc/glewlwyd/database', only: /^upgrade-.*\.postgre\.sql$/ },
    ],
    order: 'final base',
  },
  {
    name: 'wanna-build',
    from: { debian: 'buildd' },
    parts: [
      { path: 'usr/share/wanna-build/postgresql/install/language.sql' },
      { path: 'usr/share/wanna-build/postgresql/install/schema.sql' },
      { path: 'usr/share/wanna-build/postgresql/install' },
    ],
    order: 'none',
  },
  {
    name: 'prelude',
    from: { debian: 'libpreludedb7-pgsql' },
    parts: [
      { path: 'usr/share/libpreludedb/classic/pgsql.sql', base: true },
      { path: 'usr/share/libpreludedb/classic', only: /^pgsql-update/ },
    ],
    order: 'final base',
  },
  {
    name: 'bacula',
    from: { debian: 'bacula-director-pgsql' },
    parts: [
      { path: `${bacula}/install/pgsql`, base: true },
      { path: `${bacula}/upgrade/pgsql`, only: /^\d/ },
    ],
    order: 'final base',
  },
  {
    name: 'eekboek',
    from: { debian: 'eekboek' },
    parts: [
      { path: 'usr/share/perl5/EB/res/schema/eekboek.sql', base: true },
      { path: 'usr/share/perl5/EB/res/migrate' },
    ],
    order: 'final base',
  },
  {
    name: 'icingaweb2',
    from: { debian: 'icingaweb2' },
    parts: [
      { path: 'usr/share/icingaweb2/schema/pgsql.schema.sql', base: true },
      { path: 'usr/share/icingaweb2/schema/pgsql-upgrades' },
    ],
    order: 'final base',
  },
  extension('repmgr', 'postgresql-15-repmgr', '4.0', /^repmgr--\d.*--/, 'repmgr'),
  extension('pgautofailover', 'postgresql-15-auto-failover', '1.0', /^pgautofailover--\d.*--\d/, 'pgautofailover'),
  extension('powa', 'postgresql-15-powa', '4.0.0', /^powa--4.*--/, 'powa'),
  extension('pglogical', 'postgresql-15-pglogical', '2.2.0', /^pglogical--2\.[234].*--/, 'pglogical'),
  extension('pgl_ddl_deploy', 'postgresql-15-pgl-ddl-deploy', '1.0', /--.*--/, 'pgl_ddl_deploy'),
  extension('pg_fact_loader', 'postgresql-15-pg-fact-loader', '1.4', /--.*--/, 'fact_loader'),
  extension('pglogical_ticker', 'postgresql-15-pglogical-ticker', '1.0', /--.*--/, 'pglogical_ticker'),
  extension('pg_cron', 'postgresql-15-cron', '1.0', /--.*--/, 'pg_catalog'),
  extension('periods', 'postgresql-15-periods', '1.0', /--.*--/, 'periods'),
  extension('pg_track_settings', 'postgresql-15-pg-track-settings', '2.0.0', /--2.*--2/, 'track'),
  {
    name: 'stripe-sync-engine',
    from: { npm: '@supabase/stripe-sync-engine@0.48.5' },
    parts: [{ path: 'package/dist/migrations' }],
    order: 'base',
    prelude: 'CREATE SCHEMA stripe;\n',
    placeholders: { '\\{\\{schema\\}\\}': 'stripe' },
  },
  {
    name: 'ark-core',
    from: { npm: '@arkecosystem/core-database-postgres@2.5.19' },
    parts: [{ path: 'package/dist/migrations' }],
    order: 'base',
    placeholders: { '\\$\\{schema~\\}': 'public' },
  },
  {
    name: 'prisma-db',
    from: { npm: '@danielcok17/prisma-db@1.20.36' },
    parts: [{ path: 'package/prisma/migrations', deep: true }],
    order: 'base',
  },
  {
    name: 'saml-jackson',
    from: { npm: '@boxyhq/saml-jackson@26.2.0' },
    parts: [{ path: 'package/migration/postgres', only: /\.ts$/, embedded: true }],
    order: 'base',
  },
  ...['tenant-api', 'system-api', 'actions'].map((each): Project => ({
    name: `contember-${each}`,
    from: { npm: `@contember/engine-${each}@2.0.8` },
    parts: [{ path: 'package/dist/production/src/migrations', only: /^\d.*\.js$/, embedded: true }],
    order: 'base',
    prelude: 'CREATE EXTENSION pgcrypto;\n',
  })),
  {
    name: 'dbos',
    from: { npm: '@dbos-inc/dbos-sdk@5.3.0' },
    parts: [{ path: 'package/dist/src/sysdb_migrations/internal', embedded: true }],
    order: 'base',
    prelude: 'CREATE SCHEMA dbos;\n',
    values: { schemaName: 'dbos' },
  },
  pgpmModule('services', '0.16.3'),
  pgpmModule('metaschema-modules', '0.16.4'),
  sourceloopService('authentication-service', '19.2.2', 'package/migrations/pg/migrations/sqls'),
  sourceloopService('scheduler-service', '17.0.0', 'package/migrations/pg/migrations/sqls'),
  sourceloopService('user-tenant-service', '0.16.0', 'package/migrations/pg/migrations/sqls'),
  sourceloopService('chat-service', '17.0.6', 'package/migrations/pg/migrations/sqls'),
  sourceloopService('payment-service', '8.0.6', 'package/migrations/sqls'),
  sourceloopService('bpmn-service', '7.0.8', 'package/migrations/sqls'),
  {
    name: 'dataqueue',
    from: { npm: '@nicnocquee/dataqueue@1.24.0' },
    parts: [{ path: 'package/migrations', tool: 'plain' }],
    order: 'base',
  },
];
