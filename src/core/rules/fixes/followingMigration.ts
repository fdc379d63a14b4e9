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

/** From here on a number is a point in time: `202401011200`. */
const TIMESTAMP_DIGITS = 12;

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
    const made = between(version, following);
    return made === null ? null : { path: `${folder}V${made}__${wish.name}.sql`, text: wish.sql };
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
  const first = BigInt(digits);
  const following = next === undefined ? undefined : prefix.exec(next.replace(/\/migration\.sql$/, ''))?.[2];
  const step = stepFrom(first, following === undefined ? undefined : BigInt(following), digits.length);
  if (step === null) return null;
  const version = (first + step).toString().padStart(digits.length, '0');
  // All but golang-migrate compare names, not numbers: 10 would come before 9.
  if (version.length > digits.length && !path.endsWith('.up.sql')) return null;
  return make(version, own?.[1] ?? '');
}

/** How far to go from a version: time stamps leave room for further fixes of the same migration, counters go on by one. */
function stepFrom(first: bigint, next: bigint | undefined, digits: number): bigint | null {
  const room = digits >= TIMESTAMP_DIGITS ? 100n : 1n;
  if (next === undefined || next - first > room) return room;
  const half = (next - first) / 2n;
  return half > 0n ? half : null;
}

/** A dotted version after `version` and before `next`: the last part counted on, or further parts. */
function between(version: string, next: string | undefined): string | null {
  const separator = version.includes('_') ? '_' : '.';
  const parts = version.split(/[._]/).map(Number);
  const limit = next?.split(/[._]/).map(Number);
  const candidates = [
    [...parts.slice(0, -1), (parts.at(-1) ?? 0) + 1],
    [...parts, 1],
    [...parts, 0, 1],
    [...parts, 0, 0, 1],
  ];
  return candidates.find((each) => limit === undefined || isBefore(each, limit))?.join(separator) ?? null;
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
