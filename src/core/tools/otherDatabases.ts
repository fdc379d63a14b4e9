/** Databases that Lockkeeper does not read, by the names of folders that hold their scripts. */
const FOREIGN_FOLDERS: Readonly<Record<string, string>> = {
  sqlite: 'SQLite',
  sqlite3: 'SQLite',
  mssql: 'SQL Server',
  sqlserver: 'SQL Server',
  clickhouse: 'ClickHouse',
  duckdb: 'DuckDB',
  spanner: 'Spanner',
};

/** The database that a folder's path names and Lockkeeper does not read; null: none. */
export function foreignDatabase(path: string): string | null {
  const segments = path.toLowerCase().split('/').reverse();
  if (segments.some((segment) => POSTGRES.has(segment))) return null;
  return segments.flatMap((segment) => FOREIGN_FOLDERS[segment] ?? [])[0] ?? null;
}

const POSTGRES = new Set(['postgres', 'postgresql', 'postgre', 'pgsql', 'psql', 'pg']);
const OTHERS = new Set([
  'mysql',
  'mariadb',
  'sqlite',
  'sqlite3',
  'mssql',
  'sqlserver',
  'oracle',
  'db2',
  'firebird',
  'hsqldb',
  'h2',
  'derby',
]);

/** Whether a folder's path names a database other than PostgreSQL, MySQL too. */
export function isOtherDatabasesFolder(path: string): boolean {
  const segments = path.toLowerCase().split('/');
  return !segments.some((name) => POSTGRES.has(name)) && segments.some((name) => OTHERS.has(name));
}

/**
 * Scripts for other databases in a folder that holds a PostgreSQL script of the same name for one of them:
 * `upgrade-2.mariadb.sql` beside `upgrade-2.postgre.sql`, `mysql_init.sql` beside `pg_init.sql`, `sqlite/1.sql` beside
 * `postgres/1.sql`. Without such a pair nothing is said: `import_from_mysql.sql` may well be PostgreSQL's.
 */
export function otherDatabasesScripts(paths: readonly string[]): ReadonlySet<string> {
  const named = paths.flatMap((path) => databasesIn(path).map((found) => ({ path, ...found })));
  const ours = new Set(named.filter(({ word }) => POSTGRES.has(word)).map(({ rest }) => rest));
  const others = named.filter(({ word }) => OTHERS.has(word));
  const places = new Set(others.filter(({ rest }) => ours.has(rest)).map(({ place }) => place));
  return new Set(others.filter(({ place }) => places.has(place)).map(({ path }) => path));
}

/**
 * The databases that a path names.
 *
 * @returns `rest`: the path without the name, `place`: where in the folder names like it stand
 */
function databasesIn(path: string): { readonly word: string; readonly rest: string; readonly place: string }[] {
  const segments = path
    .replace(/\.sql$/i, '')
    .toLowerCase()
    .split('/');
  const found: { word: string; rest: string; place: string }[] = [];
  segments.forEach((name, index) => {
    const named = (word: string, rest: string, place: string): void => {
      const join = (middle: string, end: readonly string[]): string =>
        [...segments.slice(0, index), middle, ...end].join('/');
      found.push({ word, rest: join(rest, segments.slice(index + 1)), place: join(place, []) });
    };
    const [, first = '', after = ''] = /^([a-z0-9]+)([._-]|$)/.exec(name) ?? [];
    const [, before = '', last = ''] = /([._-])([a-z0-9]+)$/.exec(name) ?? [];
    named(first, `*${name.slice(first.length)}`, `${first}${after}${index < segments.length - 1 ? '/' : ''}`);
    named(last, `${name.slice(0, name.length - last.length)}*`, `…${before}${last}`);
  });
  return found.filter(({ word }) => POSTGRES.has(word) || OTHERS.has(word));
}
