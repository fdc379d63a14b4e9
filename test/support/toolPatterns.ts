import type { RunnerId, ToolId } from '../../src/core/tools/tool.ts';

/**
 * The tools' own patterns and orders, copied from their source, so that what Lockkeeper writes is judged by them and not by
 * its own reading (src/core/tools). Paths are relative to the tool's folder.
 */
export interface ToolPattern {
  /** The file of a migration, run on the way up. */
  readonly picksUp: (path: string) => boolean;
  /** A settings file that the tool reads beside one. */
  readonly reads?: (path: string) => boolean;
  /** In which order the tool runs two of them. */
  readonly order: (a: string, b: string) => number;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const TOOL_PATTERNS: Readonly<Record<ToolId, ToolPattern>> = {
  // prisma/prisma, packages/migrate/src/utils/listMigrations.ts: folders that hold migration.sql, by name.
  prisma: { picksUp: (path) => /^[^/]+\/migration\.sql$/.test(path), order: byText },
  // supabase/cli, pkg/migration/file.go, migrateFilePattern; fs.Glob sorts by name.
  supabase: { picksUp: (path) => /^([0-9]+)_(.*)\.sql$/.test(path), order: byText },
  // flyway, ResourceNameParser: prefix V, version, separator __, suffix .sql; MigrationVersion compares part by part.
  flyway: {
    picksUp: (path) => /^V\d+([._]\d+)*__.+\.sql$/.test(path),
    reads: (path) => /\.sql\.conf$/.test(path),
    order: (a, b) => {
      const parts = (path: string): number[] => /^V([\d._]+?)__/.exec(path)![1]!.split(/[._]/).map(Number);
      const [left, right] = [parts(a), parts(b)];
      for (let index = 0; index < Math.max(left.length, right.length); index++) {
        const difference = (left[index] ?? 0) - (right[index] ?? 0);
        if (difference !== 0) return difference;
      }
      return 0;
    },
  },
  // golang-migrate, source/parse.go, Regex; versions are unsigned integers.
  'golang-migrate': {
    picksUp: (path) => /^([0-9]+)_(.*)\.(up)\.(.*)$/.test(path),
    order: (a, b) => Number(BigInt(/^\d+/.exec(a)![0]) - BigInt(/^\d+/.exec(b)![0])),
  },
  // goose, migration.go, NumericComponent: a number before the first _, of files that end in .sql.
  goose: {
    picksUp: (path) => /^\d+_.*\.sql$/.test(path),
    order: (a, b) => parseInt(a, 10) - parseInt(b, 10),
  },
  // sqitch runs what its plan names, and no other file.
  sqitch: { picksUp: () => false, order: byText },
  // dbmate, pkg/dbmate/db.go, migrationFileRegexp; sorted by file name.
  dbmate: { picksUp: (path) => /^(\d+).*\.sql$/.test(path), order: byText },
  // psql has no pattern: a person gives the files, in the order in which they are numbered.
  plain: { picksUp: (path) => /\.sql$/.test(path), order: (a, b) => parseInt(a, 10) - parseInt(b, 10) },
};

/** The same of what runs plain SQL in a way of its own. */
export const RUNNER_PATTERNS: Readonly<Partial<Record<RunnerId, ToolPattern>>> = {
  // launchbadge/sqlx, sqlx-core/src/migrate/source.rs: a number before the first _, of files that end in .sql.
  sqlx: {
    picksUp: (path) => /^\d+_.*\.sql$/.test(path) && !path.endsWith('.down.sql'),
    reads: (path) => path.endsWith('.down.sql'),
    order: (a, b) => Number(BigInt(/^\d+/.exec(a)![0]) - BigInt(/^\d+/.exec(b)![0])),
  },
  // diesel_migrations, file_based_migrations.rs: folders with an up.sql; the version is the name up to the first _, without dashes.
  diesel: {
    picksUp: (path) => /^[^/_]+_[^/]*\/up\.sql$/.test(path),
    reads: (path) => /^[^/]+\/(?:down\.sql|metadata\.toml)$/.test(path),
    order: (a, b) => byText(versionOf(a), versionOf(b)),
  },
  // ariga/atlas, sql/migrate/dir.go, LocalDir.Files: what ends in .sql, by name.
  atlas: { picksUp: (path) => /^[^/]+\.sql$/.test(path), order: byText },
};

function versionOf(path: string): string {
  return path.split('_')[0]!.replaceAll('-', '');
}
