import { compareText } from './naturalOrder.ts';
import { statementHeads } from './statementHeads.ts';
import type { TransactionMode } from './tool.ts';
import type { ToolDefinition, ToolInput, ToolReading } from './toolDefinition.ts';
import { isAtLeast } from './version.ts';

const SCRIPT = /^([^/]+)\/migration\.sql$/;

/**
 * Prisma Migrate: one folder a migration, in the order of their names, of which it reads only `migration.sql`; a
 * `down.sql` beside it is the place that Prisma's own documentation names.
 *
 * Before 7.4 a script is one simple query: several statements are one transaction. From 7.4 on
 * (https://github.com/prisma/prisma-engines/pull/5767) it is split and each statement sent by itself, unless the splitter
 * (sqlparser-rs) can't read the whole script: then it is one query as before. It can't read DROP INDEX CONCURRENTLY
 * (https://github.com/prisma/prisma-engines/pull/5847).
 */
export const prisma: ToolDefinition = {
  id: 'prisma',
  name: 'Prisma Migrate',
  source:
    'https://github.com/prisma/prisma-engines/tree/main/schema-engine/connectors/sql-schema-connector/src/flavour/postgres',
  picksUp: (path) => SCRIPT.test(path),
  reads: (path) => SCRIPT.test(path) || /^[^/]+\/down\.sql$/.test(path) || path === 'migration_lock.toml',
  read,
  rollbackPlace: (migration) => ({
    path: migration.path.replace(/[^/]*$/, 'down.sql'),
    form: 'file',
    section: null,
    transactionMode: 'implicit',
    runBy: null,
  }),
  historyTable: { schema: null, name: '_prisma_migrations', idColumn: 'migration_name', checksumColumn: 'checksum' },
};

function read({ files, version }: ToolInput): ToolReading {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const migrations = files
    .flatMap(({ path, text }) => {
      const id = SCRIPT.exec(path)?.[1];
      return id === undefined ? [] : [{ id, path, text }];
    })
    .sort((a, b) => compareText(a.id, b.id))
    .map(({ id, path, text }) => {
      const downPath = `${id}/down.sql`;
      const down = texts.get(downPath);
      const range = { start: 0, end: text.length };
      return {
        id,
        path,
        text,
        range,
        transactionMode: prismaMode(text, version),
        rollback: down === undefined ? null : { path: downPath, text: down, range: { start: 0, end: down.length } },
      };
    });
  return { migrations, ignored: [] };
}

/** Statements that sqlparser-rs has no form for, so that the whole script is sent at once. */
const UNREADABLE =
  /^(?:DROP INDEX CONCURRENTLY|REINDEX|CLUSTER|DO\b|REFRESH MATERIALIZED|(?:CREATE|ALTER)(?: OR REPLACE)? (?:RULE|AGGREGATE|PUBLICATION|SUBSCRIPTION|EVENT TRIGGER|TEXT SEARCH|STATISTICS)|SECURITY LABEL|ALTER DEFAULT PRIVILEGES|REASSIGN)/;

function prismaMode(text: string, version: string | null): TransactionMode {
  if (!isAtLeast(version, '7.4')) return 'implicit';
  return statementHeads(text, { start: 0, end: text.length }).some((head) => UNREADABLE.test(head))
    ? 'implicit'
    : 'autocommit';
}

/** The database that Prisma's own lock file names: `postgresql`, `mysql`, `sqlite` …; null if it says nothing. */
export function prismaProvider(lockFile: string): string | null {
  return /^[ \t]*provider[ \t]*=[ \t]*"([^"\n]*)"/m.exec(lockFile)?.[1] ?? null;
}
