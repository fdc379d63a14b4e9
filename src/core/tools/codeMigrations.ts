/** Migrations that are programs: what they send is not known before they run, so they are named and not read. */
const LANGUAGES: readonly { readonly files: RegExp; readonly reason: string }[] = [
  {
    // Knex, TypeORM, Sequelize, node-pg-migrate, Umzug
    files: /^\d{4,}[-_.].*(?<!\.d)\.[cm]?[jt]s$/,
    reason:
      'migrations in JavaScript or TypeScript, and only SQL is read; what they send can be piped to lockkeeper lint --stdin',
  },
  {
    // Django: `0002_orders.py`; Alembic: `1975ea83b712_orders.py`
    files: /^(?:\d{4}_.*|[0-9a-f]{12}_.*)\.py$/,
    reason:
      'migrations in Python, and only SQL is read; pipe what they send: manage.py sqlmigrate APP NAME | lockkeeper lint --stdin, or alembic upgrade FROM:TO --sql | lockkeeper lint --stdin',
  },
  {
    files: /^\d{14}_.*\.(?:rb|exs)$/,
    reason:
      'migrations in Ruby or Elixir, and only SQL is read; what they send can be piped to lockkeeper lint --stdin',
  },
  {
    files: /^\d{4}_\d{2}_\d{2}_\d{6}_.*\.php$/,
    reason:
      'migrations in PHP, and only SQL is read; pipe what they send: php artisan migrate --pretend | lockkeeper lint --stdin',
  },
];

/** Whether a file is a program of that kind by its name; where it lies decides, too. */
export function isCodeMigration(name: string): boolean {
  return LANGUAGES.some(({ files }) => files.test(name));
}

/** Why a folder of migrations is not read, by the names of its files; null: no programs are in it. */
export function codeMigrationsReason(names: readonly string[]): string | null {
  return LANGUAGES.find(({ files }) => names.some((name) => files.test(name)))?.reason ?? null;
}
