import type { Changeset, HistoryFile, RunnerId, TransactionMode } from './tool.ts';

/** Something that runs a folder of plain SQL files in its own way; its files and their order are those of plain SQL. */
export interface Runner {
  /** As its makers write it. */
  readonly name: string;
  /** Where the facts come from. */
  readonly source: string;
  /** How it runs a script, by the script's text and what lies beside it. */
  readonly modeOf: (file: HistoryFile, textOf: (path: string) => string | undefined) => TransactionMode;
}

/** `-- no-transaction` as the very first bytes of a file. */
export const SQLX_OPT_OUT = '-- no-transaction';
/** A directive of the file: one of the comments at its very beginning, above a blank line (`atlasHeader`). */
export const ATLAS_OPT_OUT = '-- atlas:txmode none';
/** The file beside a diesel script, and what in it keeps the script out of a transaction. */
export const DIESEL_SETTINGS = { name: 'metadata.toml', optOut: 'run_in_transaction = false' } as const;
/** Drizzle's migrator sends what stands between these by itself. */
const DRIZZLE_BREAK = '--> statement-breakpoint';
const LIQUIBASE_HEAD = /^\ufeff?\s*--\s*liquibase formatted sql\b/i;
export const LIQUIBASE_CHANGESET = /^[ \t]*--[ \t]*changeset[ \t]+\S[^\r\n]*/gim;
const LIQUIBASE_OPT_OUT = /\brunInTransaction:(["']?)false\1(?!\w)/i;

export const RUNNERS: Readonly<Record<RunnerId, Runner>> = {
  drizzle: {
    // Only files that its journal names, and all that are pending in one transaction.
    name: 'Drizzle',
    source: 'https://orm.drizzle.team/docs/migrations',
    modeOf: () => 'explicit',
  },
  atlas: {
    name: 'Atlas',
    source: 'https://atlasgo.io/versioned/apply#transaction-configuration',
    modeOf: ({ text }) =>
      atlasHeader(text).some((line) => /^(?:--|#)[ -~]*?atlas:txmode +none$/.test(line)) ? 'autocommit' : 'explicit',
  },
  liquibase: {
    name: 'Liquibase',
    source: 'https://docs.liquibase.com/concepts/changelogs/attributes/run-in-transaction.html',
    modeOf: ({ text }) =>
      liquibaseChangesets(text).some(({ transactionMode }) => transactionMode === 'autocommit')
        ? 'autocommit'
        : 'explicit',
  },
  sqlx: {
    // What is left out of the transaction is still sent as one query (sqlx-postgres/src/migrate.rs).
    name: 'sqlx',
    source: 'https://github.com/launchbadge/sqlx/blob/main/sqlx-core/src/migrate/source.rs',
    modeOf: ({ text }) => (text.startsWith(SQLX_OPT_OUT) ? 'implicit' : 'explicit'),
  },
  diesel: {
    name: 'diesel',
    source: 'https://docs.rs/diesel_migrations/latest/diesel_migrations/trait.MigrationHarness.html',
    modeOf: ({ path }, textOf) => {
      const settings = textOf(besideScript(path, DIESEL_SETTINGS.name)) ?? '';
      return /^[ \t]*run_in_transaction[ \t]*=\s*false\b/m.test(settings) ? 'implicit' : 'explicit';
    },
  },
  'graphile-migrate': {
    name: 'Graphile Migrate',
    // What is left out of the transaction is still sent as one query. Only the first line below the header counts (src/header.ts).
    source: 'https://github.com/graphile/migrate#disabling-transactions-and-other-special-behaviour',
    modeOf: ({ text }) =>
      /^\ufeff?(?:--! [A-Z][^\n]*\n|[ \t\r]*\n)*--![ \t]*no-transaction\b/.test(text) ? 'implicit' : 'explicit',
  },
  folders: {
    // Hasura's run_sql is one transaction (https://hasura.io/docs/2.0/api-reference/schema-api/run-sql/); so is what else has this layout.
    name: 'the tool that runs these folders',
    source: 'https://hasura.io/docs/2.0/migrations-metadata-seeds/migration-file-format/',
    modeOf: () => 'explicit',
  },
};

/** Each is a transaction, unless its line says otherwise. */
export function liquibaseChangesets(text: string): readonly Changeset[] {
  return [...text.matchAll(LIQUIBASE_CHANGESET)].map(({ 0: line, index }) => ({
    start: index,
    transactionMode: LIQUIBASE_OPT_OUT.test(line) ? 'autocommit' : 'explicit',
  }));
}

/**
 * The comments in which Atlas looks for directives of a file: those at its very beginning, above a line that holds nothing,
 * not even a carriage return (sql/migrate/dir.go, comments).
 */
export function atlasHeader(text: string): readonly string[] {
  const [header = ''] = /^(?:(?:--|#)[^\n]*\n)*/.exec(text) ?? [];
  return /^[ \t]*\n/.test(text.slice(header.length)) ? header.split('\n').flatMap((line) => line.trim() || []) : [];
}

/** What is known of a folder of SQL before its scripts are read one by one. */
export interface RunnerSigns {
  /** All paths in the folder, those that are not read too. */
  readonly paths: readonly string[];
  readonly files: readonly HistoryFile[];
  /** What a project file near the folder says. */
  readonly nearby: RunnerId | null;
}

/** Files whose beginnings are looked at. */
const SAMPLE = 20;

/** What runs a folder of plain SQL, as far as its files tell; null: a person with psql, or anything. */
export function runnerOf({ paths, files, nearby }: RunnerSigns): RunnerId | null {
  if (paths.includes('atlas.sum')) return 'atlas';
  if (paths.some((path) => /(?:^|\/)(?:meta\/_journal|snapshot)\.json$/.test(path))) return 'drizzle';
  if (files.some(({ text }) => text.includes(DRIZZLE_BREAK))) return 'drizzle';
  const sample = files.slice(0, SAMPLE);
  if (sample.some(({ text }) => LIQUIBASE_HEAD.test(text))) return 'liquibase';
  if (sample.some(({ text }) => /^--!\s*Previous:/.test(text))) return 'graphile-migrate';
  if (paths.some((path) => isFolderScript(path))) return nearby === 'diesel' || isDiesel(paths) ? 'diesel' : 'folders';
  const ends = [...sample, ...files.slice(-SAMPLE)];
  return nearby === 'sqlx' || ends.some(({ text }) => text.startsWith(SQLX_OPT_OUT)) ? 'sqlx' : null;
}

/** A script that fills a folder of its own: `2024-01-01-000000_users/up.sql`. */
export function isFolderScript(path: string): boolean {
  return /(?:^|\/)\d[^/]*\/up\.sql$/.test(path);
}

function isDiesel(paths: readonly string[]): boolean {
  return paths.some((path) => /(?:^|\/)(?:0{14}_diesel_initial_setup\/|[^/]*\/metadata\.toml$)/.test(path));
}

/** The runner that a Rust project names among its dependencies. */
export function rustRunner(cargoToml: string): RunnerId | null {
  const names = (name: string): boolean =>
    new RegExp(`^[ \\t]*"?${name}"?[ \\t]*[.=]|^[ \\t]*\\[[^\\]\\n]*dependencies\\.${name}\\]`, 'm').test(cargoToml);
  return names('sqlx') ? 'sqlx' : names('diesel') || names('diesel_migrations') ? 'diesel' : null;
}

/** A file in the folder of a script. */
export function besideScript(path: string, name: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1) + name;
}
