import { compareText } from './naturalOrder.ts';
import { statementHeads } from './statementHeads.ts';
import { SUPABASE_STAND_IN } from './supabaseSchema.ts';
import type { Migration, TransactionMode } from './tool.ts';
import type { ToolDefinition, ToolInput, ToolReading } from './toolDefinition.ts';
import { isAtLeast } from './version.ts';

/** pkg/migration/file.go, migrateFilePattern. */
const FILE = /^([0-9]+)_(.*)\.sql$/;

/**
 * Supabase's CLI sends the statements of a file, and its own insert into the history table, as one batch with a single
 * Sync (pkg/migration/file.go, ExecBatch): always one transaction, also for a single statement. From 2.109 on, statements
 * that refuse a transaction are sent by themselves (https://github.com/supabase/cli/pull/5671), DROP INDEX CONCURRENTLY
 * only later (https://github.com/supabase/cli/pull/6276).
 */
export const supabase: ToolDefinition = {
  id: 'supabase',
  name: 'Supabase',
  source: 'https://github.com/supabase/cli/blob/develop/pkg/migration/list.go',
  picksUp: (path) => !path.includes('/') && FILE.test(path),
  reads: (path) => !path.includes('/') && FILE.test(path),
  read,
  // Whatever matches the pattern would be run as a migration, `20240101_x.down.sql` too: so not in this folder.
  rollbackPlace: (migration, { outside }) => ({
    path: `${outside}/${encodeURIComponent(migration.id)}.down.sql`,
    form: 'file',
    section: null,
    transactionMode: 'autocommit',
    runBy: null,
  }),
  historyTable: { schema: 'supabase_migrations', name: 'schema_migrations', idColumn: 'version', checksumColumn: null },
  given: SUPABASE_STAND_IN,
};

function read({ files, version }: ToolInput): ToolReading {
  const migrations = new Map<string, Omit<Migration, 'tool'>>();
  const ignored: { path: string; reason: string }[] = [];
  // os.ReadDir sorts by file name.
  const sorted = [...files].sort((a, b) => compareText(a.path, b.path));
  for (const [index, { path, text }] of sorted.entries()) {
    const id = FILE.exec(path)?.[1];
    if (id === undefined) continue;
    if (index === 0 && /^[0-9]{14}_init\.sql$/.test(path) && id < '20211209000000') {
      ignored.push({ path, reason: 'Supabase skips a first migration named "init" from before 9 December 2021' });
    } else if (migrations.has(id)) {
      ignored.push({ path, reason: `a second migration with the version ${id}` });
    } else {
      const range = { start: 0, end: text.length };
      migrations.set(id, { id, path, text, range, transactionMode: supabaseMode(text, version), rollback: null });
    }
  }
  return { migrations: [...migrations.values()], ignored };
}

const STANDALONE = /^(?:CREATE (?:UNIQUE )?INDEX CONCURRENTLY|REINDEX\b.* CONCURRENTLY|VACUUM|ALTER SYSTEM|CLUSTER)/;
const DROP_CONCURRENTLY = /^DROP INDEX CONCURRENTLY/;

/** Whether this version sends the statement by itself, outside the transaction of the file. */
export function supabaseRunsAlone(sql: string, version: string | null): boolean {
  if (!isAtLeast(version, '2.109')) return false;
  const [head = ''] = statementHeads(sql, { start: 0, end: sql.length });
  return STANDALONE.test(head) || (isAtLeast(version, '2.115') && DROP_CONCURRENTLY.test(head));
}

/** The batches around such a statement are transactions of their own; taken together here as `autocommit`. */
function supabaseMode(text: string, version: string | null): TransactionMode {
  if (!isAtLeast(version, '2.109')) return 'explicit';
  const dropsAlone = isAtLeast(version, '2.115');
  const heads = statementHeads(text, { start: 0, end: text.length });
  return heads.some((head) => STANDALONE.test(head) || (dropsAlone && DROP_CONCURRENTLY.test(head)))
    ? 'autocommit'
    : 'explicit';
}
