import { pgpmModule, sourceloopService } from './npmFamilies.ts';
import type { Part, Project } from './projects.ts';

/** Still more of the wider set (`moreProjects.ts`), chosen by the tool or the style that they stand for. */
const extensions = 'usr/share/postgresql/15/contrib';

/** Tests of PostgreSQL's own extensions and test modules, each folder in files that stand alone. */
const CONTRIB = [
  'amcheck bloom btree_gin btree_gist citext cube dblink earthdistance file_fdw hstore intarray isn lo ltree pageinspect pg_trgm',
  'pg_visibility pgrowlocks pgstattuple postgres_fdw seg tablefunc tsm_system_rows unaccent',
].flatMap((names) => names.split(' ').map((name) => `contrib/${name}/sql`));
const MODULES = ['test_ddl_deparse', 'test_extensions', 'test_predtest', 'unsafe_tests', 'dummy_index_am'].map(
  (name) => `src/test/modules/${name}/sql`,
);

export const FURTHER_PROJECTS: readonly Project[] = [
  {
    name: 'postgresql-contrib',
    from: { debianSource: 'postgresql-15' },
    parts: [...CONTRIB, ...MODULES].map((path) => ({ path })),
    order: 'each',
  },
  ...['manage', 'runtime'].map((each): Project => ({
    name: `inkeep-${each}`,
    from: { npm: '@inkeep/agents-core@0.80.6' },
    parts: [{ path: `package/drizzle/${each}` }],
    order: 'base',
  })),
  {
    name: 'juliobrim-prisma',
    from: { npm: '@juliobrim/prisma-shared@1.0.59' },
    parts: [{ path: 'package/migrations', tool: 'prisma' }],
    order: 'base',
  },
  {
    name: 'steveo-prisma',
    from: { npm: '@steveojs/scheduler-prisma@8.0.0' },
    parts: [{ path: 'package/prisma/migrations', tool: 'prisma' }],
    order: 'base',
  },
  {
    name: 'mux-sync-engine',
    from: { npm: '@mux/sync-engine@0.0.5' },
    parts: [{ path: 'package/dist/migrations' }],
    order: 'base',
  },
  {
    name: 'hot-updater-supabase',
    from: { npm: '@hot-updater/supabase@0.35.8' },
    parts: [{ path: 'package/supabase/migrations' }],
    order: 'base',
  },
  {
    name: 'hot-updater-postgres',
    from: { npm: '@hot-updater/postgres@0.35.7' },
    parts: [{ path: 'package/sql' }],
    order: 'none',
  },
  {
    name: 'eliza-postgres',
    from: { npm: '@elizaos/adapter-postgres@0.1.9' },
    parts: [{ path: 'package/schema.sql' }, { path: 'package/seed.sql' }],
    order: 'base',
  },
  {
    name: 'axiom-lattice',
    from: { npm: '@axiom-lattice/pg-stores@3.2.0' },
    parts: [{ path: 'package/src/migrations', only: /\.ts$/, embedded: true }],
    order: 'none',
  },
  {
    name: 'langgraph-checkpoint',
    from: { npm: '@langchain/langgraph-checkpoint-postgres@1.0.5' },
    parts: [
      { path: 'package/dist/migrations.js', embedded: true },
      { path: 'package/dist/store/store-migrations.js', embedded: true },
    ],
    order: 'base',
    values: {
      schema: 'public',
      'SCHEMA_TABLES.checkpoint_migrations': 'public.checkpoint_migrations',
      'SCHEMA_TABLES.checkpoints': 'public.checkpoints',
      'SCHEMA_TABLES.checkpoint_blobs': 'public.checkpoint_blobs',
      'SCHEMA_TABLES.checkpoint_writes': 'public.checkpoint_writes',
      'STORE_TABLES.store_migrations': 'public.store_migrations',
      'STORE_TABLES.store': 'public.store',
    },
  },
  {
    name: 'pg-workflows',
    from: { npm: 'pg-workflows@0.15.0' },
    parts: [{ path: 'package/dist/index.cjs', embedded: true }],
    order: 'base',
  },
  {
    name: 'supakeys',
    from: { npm: 'supakeys@0.1.7' },
    parts: [{ path: 'package/dist/cli.js', embedded: true }],
    order: 'none',
    prelude:
      'CREATE ROLE anon; CREATE ROLE authenticated; CREATE ROLE service_role; CREATE SCHEMA auth; CREATE TABLE auth.users (id uuid PRIMARY KEY);\n',
  },
  {
    name: 'emmett',
    from: { npm: '@event-driven-io/emmett-postgresql@0.42.0' },
    parts: [{ path: 'package/dist/index.cjs', embedded: true }],
    order: 'none',
  },
  pgpmModule('verify', '0.20.0'),
  pgpmModule('types', '0.16.0'),
  pgpmModule('inflection', '0.16.0'),
  sourceloopService('audit-service', '12.0.1', 'package/migrations/pg/migrations/sqls'),
  sourceloopService('notification-service', '12.0.1', 'package/migrations/pg/migrations/sqls'),
  sourceloopService('feature-toggle-service', '8.0.0', 'package/migrations/pg/migrations/sqls'),
  sourceloopService('in-mail-service', '5.0.6', 'package/migrations/sqls'),
  sourceloopService('search-service', '0.8.6', 'package/migrations/sqls'),
  sourceloopService('video-conferencing-service', '5.0.5', 'package/migrations/sqls'),
  {
    name: 'tymly',
    from: { npm: '@wmfs/tymly-pg-plugin@1.348.0' },
    parts: [{ path: 'package/lib/blueprints/tymly-blueprint/pg-scripts' }],
    order: 'none',
  },
  {
    name: 'osmosis-apidb',
    from: { debian: 'osmosis' },
    parts: [
      { path: 'usr/share/doc/osmosis/examples/contrib/apidb_0.6.sql' },
      { path: 'usr/share/doc/osmosis/examples/contrib/apidb_0.6_osmosis_xid_indexing.sql' },
    ],
    order: 'base',
  },
  {
    name: 'osmosis-snapshot',
    from: { debian: 'osmosis' },
    parts: [
      { path: 'usr/share/doc/osmosis/examples/pgsimple_schema_0.6.sql' },
      { path: 'usr/share/doc/osmosis/examples', only: /^pgsnapshot_schema.*\.sql$/ },
    ],
    order: 'none',
    prelude: 'CREATE EXTENSION hstore;\n',
  },
  {
    name: 'slony',
    from: { debian: 'slony1-2-bin' },
    parts: [{ path: 'usr/share/slony1', only: /^slony1_(base|funcs)\.2\.2\.\d+\.sql$/ }],
    order: 'none',
    prelude: 'CREATE SCHEMA _main;\n',
    placeholders: {
      '@NAMESPACE@': '_main',
      '@CLUSTERNAME@': 'main',
      '@(FUNC|MODULE)VERSION@': '2.2.11',
    },
  },
  {
    name: 'bucardo',
    from: { debian: 'bucardo' },
    parts: [{ path: 'usr/share/bucardo/bucardo.schema' }],
    order: 'none',
    placeholders: { '^\\\\c bucardo$': '' },
  },
  {
    name: 'londiste',
    from: { debian: 'postgresql-15-londiste-sql' },
    parts: [{ path: `${extensions}/londiste.sql` }, { path: `${extensions}/londiste.upgrade.sql` }],
    order: 'none',
  },
  {
    name: 'pgq-node',
    from: { debian: 'postgresql-15-pgq-node' },
    parts: [{ path: `${extensions}/pgq_node.sql` }, { path: `${extensions}/pgq_node.upgrade.sql` }],
    order: 'none',
  },
  {
    name: 'minion',
    from: { debian: 'libminion-perl' },
    parts: [{ path: 'usr/share/perl5/Minion/Backend/resources/migrations/pg.sql' }],
    order: 'base',
  },
  {
    name: 'sqitch-registry',
    from: { debian: 'sqitch' },
    parts: [
      { path: 'usr/share/perl5/App/Sqitch/Engine/pg.sql', base: true },
      { path: 'usr/share/perl5/App/Sqitch/Engine/Upgrade', only: /^pg-/ },
    ],
    order: 'final base',
    prelude: 'CREATE SCHEMA sqitch;\n',
    placeholders: { ':"registry"': 'sqitch', ':tableopts': '' },
  },
  {
    name: 'jabberd2',
    from: { debian: 'jabberd2' },
    parts: [
      { path: 'usr/share/doc/jabberd2/db-setup.pgsql.gz', base: true },
      { path: 'usr/share/doc/jabberd2/db-update.pgsql.gz' },
    ],
    order: 'final base',
  },
  {
    name: 'awl',
    from: { debian: 'libawl-php' },
    parts: [{ path: 'usr/share/awl/dba/awl-tables.sql' }, { path: 'usr/share/awl/dba/schema-management.sql' }],
    order: 'none',
  },
  {
    name: 'pmacct',
    from: { debian: 'pmacct' },
    parts: [{ path: 'usr/share/pmacct/sql', only: /^pmacct-create-table.*\.pgsql$/ }],
    order: 'none',
  },
  {
    name: 'spamassassin',
    from: { debian: 'spamassassin' },
    parts: [{ path: 'usr/share/doc/spamassassin/sql', only: /_pg\.sql$/ }],
    order: 'none',
  },
  {
    name: 'ulogd2',
    from: { debian: 'ulogd2' },
    parts: [{ path: 'usr/share/doc/ulogd2', only: /^pgsql-.*\.sql\.gz$/ }],
    order: 'none',
  },
  ...(
    [
      ['w1retap', 'w1retap-doc', { path: 'usr/share/doc/w1retap' }],
      ['zabbix-proxy', 'zabbix-proxy-pgsql', { path: 'usr/share/zabbix-proxy-pgsql/schema.sql.gz' }],
      [
        'icinga-reporting',
        'icingaweb2-module-reporting',
        { path: 'usr/share/icingaweb2/modules/reporting/schema/postgresql.sql' },
      ],
      ['collectd', 'collectd-core', { path: 'usr/share/doc/collectd-core/examples/postgresql/collectd_insert.sql' }],
      ['tryton', 'tryton-server', { path: 'usr/lib/python3/dist-packages/trytond/backend/postgresql/init.sql' }],
      ['rsyslog', 'rsyslog-pgsql', { path: 'usr/share/dbconfig-common/data/rsyslog-pgsql/install/pgsql' }],
      ['gnokii-smsd', 'gnokii-smsd-pgsql', { path: 'usr/share/doc/gnokii-smsd-pgsql/sms.tables.pq.sql' }],
    ] as const satisfies readonly (readonly [string, string, Part])[]
  ).map(([name, debian, part]): Project => ({ name, from: { debian }, parts: [part], order: 'none' })),
];
