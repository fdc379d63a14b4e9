import { compareText } from './naturalOrder.ts';
import { cutSections, isBlankSection } from './sections.ts';
import type { Migration, TransactionMode } from './tool.ts';
import type { RollbackPlace, ToolDefinition, ToolInput, ToolReading } from './toolDefinition.ts';

/** pkg/dbmate/db.go, migrationFileRegexp. */
const FILE = /^(\d+).*\.sql$/;
/** pkg/dbmate/migration.go, upRegExp and downRegExp. */
export const DBMATE_UP = /^--\s*migrate:up(?:[^\S\n]*$|[^\S\n]+\S+)/gm;
const DOWN = /^--\s*migrate:down(?:[^\S\n]*$|[^\S\n]+\S+)/gm;

/**
 * dbmate: up and down in one file. In a transaction unless the directive says `transaction:false`; then the section is
 * sent as one simple query (pkg/dbmate/db.go, Migrate), so that several statements still are one transaction.
 */
export const dbmate: ToolDefinition = {
  id: 'dbmate',
  name: 'dbmate',
  source: 'https://github.com/amacneil/dbmate/blob/main/pkg/dbmate/migration.go',
  picksUp: (path) => !path.includes('/') && FILE.test(path),
  reads: (path) => !path.includes('/') && FILE.test(path),
  read,
  rollbackPlace,
  historyTable: { schema: null, name: 'schema_migrations', idColumn: 'version', checksumColumn: null },
};

function read({ files }: ToolInput): ToolReading {
  const migrations: Omit<Migration, 'tool'>[] = [];
  const ignored: { path: string; reason: string }[] = [];
  const seen = new Set<string>();
  // By file name, not by number: pkg/dbmate/db.go, FindMigrations.
  for (const { path, text } of [...files].sort((a, b) => compareText(a.path, b.path))) {
    const id = FILE.exec(path)?.[1];
    if (id === undefined) continue;
    const sections = cutSections(text, DBMATE_UP, DOWN);
    if (!sections) {
      ignored.push({ path, reason: 'dbmate refuses a migration without "-- migrate:up"' });
      continue;
    }
    if (seen.has(id)) {
      ignored.push({
        path,
        reason: `a second migration with the version ${id}: dbmate takes it for applied with the first`,
      });
      continue;
    }
    seen.add(id);
    if (sections.furtherUps.length > 0) {
      ignored.push({ path, reason: 'only the first "-- migrate:up" section is read' });
    }
    const written = sections.down && !isBlankSection(text, sections.down) ? sections.down : null;
    migrations.push({
      id,
      path,
      text,
      range: sections.up,
      transactionMode: modeOf(sections.upLine),
      rollback: written && { path, text, range: written },
    });
  }
  return { migrations, ignored };
}

function modeOf(directive: string): TransactionMode {
  return /\stransaction:false(?:\s|$)/.test(directive) ? 'implicit' : 'explicit';
}

function rollbackPlace(migration: Omit<Migration, 'tool'>): RollbackPlace {
  const { text, path } = migration;
  const sections = cutSections(text, DBMATE_UP, DOWN);
  const down = sections?.down;
  const section = down
    ? { start: down.start, end: down.end, before: `${sections.downLine}\n` }
    : { start: text.length, end: text.length, before: `${text.endsWith('\n') ? '' : '\n'}\n-- migrate:down\n` };
  return {
    path,
    form: 'section',
    section,
    transactionMode: modeOf(sections?.downLine ?? ''),
    runBy: 'dbmate rollback',
  };
}
