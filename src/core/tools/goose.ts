import { compareDigits } from './naturalOrder.ts';
import { cutSections, isBlankSection } from './sections.ts';
import type { Migration, TransactionMode } from './tool.ts';
import type { RollbackPlace, ToolDefinition, ToolInput, ToolReading } from './toolDefinition.ts';

/** migration.go, NumericComponent: what stands before the first `_` is a number from 1 on. */
const FILE = /^(\d+)_.*\.sql$/;
/** internal/sqlparser/parser.go: annotations are comments, whatever the case and the blanks in them. */
export const GOOSE_UP = /^--\s*\+goose\s+up\b/gim;
const DOWN = /^--\s*\+goose\s+down\b/gim;
const NO_TRANSACTION = /^--\s*\+goose\s+no\s+transaction\b/im;

/**
 * goose: up and down in one file, each in a transaction unless the file says `-- +goose NO TRANSACTION`; then statement by
 * statement (migration_sql.go).
 */
export const goose: ToolDefinition = {
  id: 'goose',
  name: 'goose',
  source: 'https://github.com/pressly/goose/blob/main/internal/sqlparser/parser.go',
  picksUp: (path) => !path.includes('/') && FILE.test(path),
  reads: (path) => !path.includes('/') && FILE.test(path),
  read,
  rollbackPlace,
  historyTable: { schema: null, name: 'goose_db_version', idColumn: 'version_id', checksumColumn: null },
};

function read({ files }: ToolInput): ToolReading {
  const migrations = new Map<string, Omit<Migration, 'tool'>>();
  const ignored: { path: string; reason: string }[] = [];
  const numberOf = (path: string): string => FILE.exec(path)?.[1] ?? '';
  for (const { path, text } of [...files].sort((a, b) => compareDigits(numberOf(a.path), numberOf(b.path)))) {
    const id = numberOf(path).replace(/^0+(?=\d)/, '');
    if (id === '') continue;
    const sections = cutSections(text, GOOSE_UP, DOWN);
    if (!sections) {
      ignored.push({ path, reason: 'goose refuses a migration without "-- +goose Up"' });
    } else if (migrations.has(id)) {
      ignored.push({ path, reason: `goose refuses a second migration with the version ${id}` });
    } else {
      const written = sections.down && !isBlankSection(text, sections.down) ? sections.down : null;
      migrations.set(id, {
        id,
        path,
        text,
        range: sections.up,
        transactionMode: modeOf(text),
        rollback: written && { path, text, range: written },
      });
    }
  }
  return { migrations: [...migrations.values()], ignored };
}

function modeOf(text: string): TransactionMode {
  return NO_TRANSACTION.test(text) ? 'autocommit' : 'explicit';
}

function rollbackPlace({ text, path }: Omit<Migration, 'tool'>): RollbackPlace {
  const sections = cutSections(text, GOOSE_UP, DOWN);
  const down = sections?.down;
  const section = down
    ? { start: down.start, end: down.end, before: `${sections.downLine}\n` }
    : { start: text.length, end: text.length, before: `${text.endsWith('\n') ? '' : '\n'}\n-- +goose Down\n` };
  return { path, form: 'section', section, transactionMode: modeOf(text), runBy: 'goose down' };
}
