/** Migrations that nobody here wrote, from Debian and npm packages. Never committed: each project's licence is its own. */
export interface Project {
  readonly name: string;
  readonly from:
    | { readonly debian: string }
    /** The project's own source archive, as Debian keeps it. */
    | { readonly debianSource: string }
    | { readonly npm: string };
  /**
   * Folders or files (inside the package) in the order in which they would run; a folder's `.sql` files in natural
   * order, or in that of a list file.
   */
  readonly parts: readonly Part[];
  /**
   * `base`: starts from nothing, each part follows from the one before. `final base`: the base is the newest schema, on
   * which older upgrades can't run; what the upgrades add is taken away first, in a file of our own (`unmigrate.sql`).
   * `none`: the files have no known order. `each`: every file by itself on the base.
   */
  readonly order: 'base' | 'final base' | 'none' | 'each';
  /** What the project's installer runs first. */
  readonly prelude?: string;
  /** Placeholders that the project's own installer replaces: patterns and what stands for them. */
  readonly placeholders?: Readonly<Record<string, string>>;
  /** Values of expressions in the templates of embedded SQL. */
  readonly values?: Readonly<Record<string, string>>;
}

export interface Part {
  readonly path: string;
  readonly base?: true;
  /** Only these of a folder. */
  readonly only?: RegExp;
  /** JavaScript whose string literals hold the SQL. */
  readonly embedded?: true;
  /** The folder's folders too. */
  readonly deep?: true;
  /** A file that lists the order, one path a line. */
  readonly listed?: string;
  /** The folder is this tool's: its order, and its up scripts only. */
  readonly tool?: 'sqitch' | 'plain' | 'prisma';
}

const mediawiki = 'usr/share/mediawiki/maintenance/postgres';
const director = 'usr/share/icingaweb2/modules/director/schema';

export const PROJECTS: readonly Project[] = [
  {
    name: 'tt-rss',
    from: { debian: 'tt-rss' },
    parts: [
      { path: 'usr/share/tt-rss/schema/ttrss_schema_pgsql.sql', base: true },
      { path: 'usr/share/tt-rss/schema/versions/pgsql' },
    ],
    order: 'final base',
  },
  {
    name: 'davical',
    from: { debian: 'davical' },
    parts: [
      { path: 'usr/share/davical/dba/davical.sql', base: true },
      { path: 'usr/share/davical/dba/patches' },
      { path: 'usr/share/davical/dba/views' },
      { path: 'usr/share/davical/dba', only: /functions\.sql$/ },
    ],
    order: 'final base',
  },
  {
    name: 'roundcube',
    from: { debian: 'roundcube-core' },
    parts: [
      { path: 'usr/share/roundcube/SQL/postgres.initial.sql', base: true },
      { path: 'usr/share/roundcube/SQL/postgres' },
    ],
    order: 'final base',
  },
  {
    name: 'icinga2-ido',
    from: { debian: 'icinga2-ido-pgsql' },
    parts: [
      { path: 'usr/share/icinga2-ido-pgsql/schema/pgsql.sql', base: true },
      { path: 'usr/share/icinga2-ido-pgsql/schema/upgrade' },
    ],
    order: 'final base',
  },
  {
    name: 'mediawiki',
    from: { debian: 'mediawiki' },
    parts: [
      { path: `${mediawiki}/tables.sql`, base: true },
      { path: `${mediawiki}/tables-generated.sql`, base: true },
      { path: `${mediawiki}/archives` },
    ],
    order: 'none',
  },
  {
    name: 'icinga-director',
    from: { debian: 'icingaweb2-module-director' },
    parts: [
      { path: `${director}/pgsql.sql`, base: true },
      { path: `${director}/pgsql-legacy-changes` },
      { path: `${director}/pgsql-migrations` },
    ],
    order: 'final base',
  },
  {
    name: 'icingadb',
    from: { debian: 'icingadb' },
    parts: [{ path: 'usr/share/icingadb/schema/pgsql/schema.sql', base: true }],
    order: 'base',
  },
  {
    name: 'ledgersmb',
    from: { debian: 'ledgersmb' },
    parts: [
      { path: 'usr/share/ledgersmb/sql/Pg-database.sql', base: true },
      { path: 'usr/share/ledgersmb/sql/changes', listed: 'usr/share/ledgersmb/sql/changes/LOADORDER' },
      { path: 'usr/share/ledgersmb/sql/modules', listed: 'usr/share/ledgersmb/sql/modules/LOADORDER' },
    ],
    order: 'base',
  },
  {
    name: 'sql-ledger',
    from: { debian: 'sql-ledger' },
    parts: [
      { path: 'usr/share/sql-ledger/sql/Pg-tables.sql', base: true },
      { path: 'usr/share/sql-ledger/sql/Pg-functions.sql', base: true },
      { path: 'usr/share/sql-ledger/sql/Pg-indices.sql', base: true },
      { path: 'usr/share/sql-ledger/sql', only: /^Pg-upgrade-/ },
    ],
    order: 'final base',
  },
  {
    name: 'request-tracker',
    from: { debian: 'request-tracker5' },
    parts: [
      { path: 'usr/share/request-tracker5/etc/schema.Pg', base: true },
      { path: 'usr/share/request-tracker5/etc/upgrade', only: /\/schema\.Pg$/ },
    ],
    order: 'final base',
  },
  {
    name: 'powerdns',
    from: { debian: 'pdns-backend-pgsql' },
    parts: [
      { path: 'usr/share/pdns-backend-pgsql/schema/schema.pgsql.sql', base: true },
      { path: 'usr/share/pdns-backend-pgsql/schema', only: /_to_/ },
    ],
    order: 'final base',
  },
  {
    name: 'kea',
    from: { debian: 'kea-admin' },
    parts: [{ path: 'usr/share/kea/scripts/pgsql/dhcpdb_create.pgsql', base: true }],
    order: 'base',
  },
  {
    name: 'kamailio',
    from: { debian: 'kamailio-postgres-modules' },
    parts: [{ path: 'usr/share/kamailio/postgres' }],
    order: 'none',
  },
  {
    name: 'zabbix',
    from: { debian: 'zabbix-server-pgsql' },
    parts: [
      { path: 'usr/share/zabbix-server-pgsql/schema.sql.gz', base: true },
      { path: 'usr/share/zabbix-server-pgsql/double.sql.gz' },
      { path: 'usr/share/zabbix-server-pgsql/history_pk_prepare.sql.gz' },
    ],
    order: 'base',
  },
  {
    name: 'lobehub',
    from: { npm: '@lobehub/lobehub@2.1.26' },
    parts: [{ path: 'package/packages/database/migrations' }],
    order: 'base',
  },
  {
    name: 'graphile-worker',
    from: { npm: 'graphile-worker@0.18.0' },
    parts: [{ path: 'package/sql' }],
    order: 'base',
    prelude: 'CREATE SCHEMA graphile_worker;\n',
    placeholders: { ':GRAPHILE_WORKER_SCHEMA': 'graphile_worker', ':\\?GRAPHILE_WORKER_SCHEMA': 'graphile_worker' },
  },
];
