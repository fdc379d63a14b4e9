import { isAtLeast } from '../../tools/version.ts';
import type { History, Migration, ToolId } from '../../tools/tool.ts';

export interface NewMigration {
  /** Relative to the history's root. */
  readonly path: string;
  readonly text: string;
}

export interface Wish {
  /** Words for the name: `orders_customer_idx`. */
  readonly name: string;
  /** One or more whole statements. */
  readonly sql: string;
  /** The SQL refuses a transaction block: it is one statement, and the tool has to be told. */
  readonly withoutTransaction: boolean;
}

/**
 * A migration that the tool runs directly after the given one and before the next; null where the tool can't run it
 * so, or where no id is left between the two. The forms are those of the tools' own file patterns (src/core/tools).
 */
export function followingMigration(history: History, migration: Migration, wish: Wish): NewMigration | null {
  const make = MAKERS[history.tool];
  const index = history.migrations.findIndex(({ id }) => id === migration.id);
  if (!make || index < 0) return null;
  const name = wish.name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '')
    .slice(0, 60);
  const made = make(migration, history.migrations[index + 1] ?? null, { ...wish, name }, history.toolVersion);
  return made && !history.migrations.some(({ path }) => path === made.path) ? made : null;
}

/** The first version of Supabase's CLI that sends CREATE INDEX CONCURRENTLY by itself: src/core/tools/supabase.ts. */
export const SUPABASE_RUNS_ALONE = '2.109';

type Maker = (migration: Migration, next: Migration | null, wish: Wish, version: string | null) => NewMigration | null;

const MAKERS: Readonly<Partial<Record<ToolId, Maker>>> = {
  // A script of one statement is no transaction: Prisma sends the file as one simple query.
  prisma: (migration, next, wish) =>
    numbered(migration.path, next?.path, (version, folder) => ({
      path: `${folder}${version}_${wish.name}/migration.sql`,
      text: wish.sql,
    })),
  'golang-migrate': (migration, next, wish) =>
    numbered(migration.path, next?.path, (version, folder) => ({
      path: `${folder}${version}_${wish.name}.up.sql`,
      text: wish.sql,
    })),
  dbmate: (migration, next, wish) =>
    numbered(migration.path, next?.path, (version, folder) => ({
      path: `${folder}${version}_${wish.name}.sql`,
      text: `-- migrate:up${wish.withoutTransaction ? ' transaction:false' : ''}\n${wish.sql}\n-- migrate:down\n`,
    })),
  // Before that a file's statements went in one pipeline with the insert into Supabase's own table: no CONCURRENTLY there.
  supabase: (migration, next, wish, version) =>
    wish.withoutTransaction && !isAtLeast(version, SUPABASE_RUNS_ALONE)
      ? null
      : numbered(migration.path, next?.path, (number, folder) => ({
          path: `${folder}${number}_${wish.name}.sql`,
          text: wish.sql,
        })),
  // Flyway runs a file without a transaction by itself if all of its statements refuse one.
  flyway: (migration, next, wish) => {
    const { folder, file } = splitPath(migration.path);
    const version = /^V([0-9]+(?:[._][0-9]+)*)__/.exec(file)?.[1];
    if (version === undefined) return null;
    const following = next === null ? undefined : /^V([0-9._]+?)__/.exec(splitPath(next.path).file)?.[1];
    return { path: `${folder}V${between(version, following)}__${wish.name}.sql`, text: wish.sql };
  },
};

function splitPath(path: string): { folder: string; file: string } {
  const at = path.lastIndexOf('/') + 1;
  return { folder: path.slice(0, at), file: path.slice(at) };
}

/** The version after the digits that a path's own name begins with, if that is still before the next one's. */
function numbered(
  path: string,
  next: string | undefined,
  make: (version: string, folder: string) => NewMigration,
): NewMigration | null {
  const prefix = /^((?:.*\/)?)([0-9]+)_/;
  const own = prefix.exec(path.replace(/\/migration\.sql$/, ''));
  const digits = own?.[2];
  if (digits === undefined) return null;
  const version = (BigInt(digits) + 1n).toString().padStart(digits.length, '0');
  const following = next === undefined ? undefined : prefix.exec(next.replace(/\/migration\.sql$/, ''))?.[2];
  if (following !== undefined && BigInt(following) <= BigInt(version)) return null;
  // All but golang-migrate compare names, not numbers: 10 would come before 9.
  if (version.length > digits.length && !path.endsWith('.up.sql')) return null;
  return make(version, own?.[1] ?? '');
}

/** A dotted version after `version` and before `next`: the last part counted on, or a further part. */
function between(version: string, next: string | undefined): string {
  const parts = version.split(/[._]/).map(Number);
  const counted = [...parts.slice(0, -1), (parts.at(-1) ?? 0) + 1];
  const separator = version.includes('_') ? '_' : '.';
  if (next === undefined || isBefore(counted, next.split(/[._]/).map(Number))) return counted.join(separator);
  return `${version}${separator}1`;
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
