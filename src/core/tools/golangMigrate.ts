import { compareDigits } from './naturalOrder.ts';
import type { Migration } from './tool.ts';
import type { ToolDefinition, ToolInput, ToolReading } from './toolDefinition.ts';

/** source/parse.go: `123_name.up.ext`, `123_name.down.ext`. */
const FILE = /^([0-9]+)_(.*)\.(down|up)\.(.*)$/;

/**
 * golang-migrate. The file is sent as one simple query (database/postgres/postgres.go, Run), so several statements are
 * one transaction and a single one is not; with `x-multi-statement=true` in the URL, which no file tells, each is sent by
 * itself: `"transactionMode": "autocommit"` in lockkeeper.jsonc says so.
 */
export const golangMigrate: ToolDefinition = {
  id: 'golang-migrate',
  name: 'golang-migrate',
  source: 'https://github.com/golang-migrate/migrate/blob/master/source/parse.go',
  picksUp: (path) => !path.includes('/') && FILE.test(path),
  reads: (path) => !path.includes('/') && FILE.test(path),
  read,
  rollbackPlace: (migration) => ({
    path: migration.path.replace(/\.up\.([^/]*)$/, '.down.$1'),
    form: 'file',
    section: null,
    transactionMode: 'implicit',
    runBy: 'migrate down 1',
  }),
  historyTable: { schema: null, name: 'schema_migrations', idColumn: 'version', checksumColumn: null },
};

function read({ files }: ToolInput): ToolReading {
  const ups = new Map<string, Omit<Migration, 'tool'>>();
  const downs = new Map<string, { path: string; text: string }>();
  const ignored: { path: string; reason: string }[] = [];
  const sorted = [...files].sort((a, b) => compareDigits(FILE.exec(a.path)?.[1] ?? '', FILE.exec(b.path)?.[1] ?? ''));
  for (const { path, text } of sorted) {
    const [, digits, , direction, extension] = FILE.exec(path) ?? [];
    if (digits === undefined) continue;
    // An unsigned integer in the tool: leading zeros do not count.
    const id = digits.replace(/^0+(?=\d)/, '');
    if (extension !== 'sql') ignored.push({ path, reason: 'not a .sql file' });
    else if (direction === 'down') downs.set(id, { path, text });
    else if (ups.has(id)) {
      ignored.push({ path, reason: `golang-migrate refuses a second migration with the version ${id}` });
    } else {
      ups.set(id, {
        id,
        path,
        text,
        range: { start: 0, end: text.length },
        transactionMode: 'implicit',
        rollback: null,
      });
    }
  }
  const migrations = [...ups.values()].map((migration) => {
    const down = downs.get(migration.id);
    downs.delete(migration.id);
    return { ...migration, rollback: down ? { ...down, range: { start: 0, end: down.text.length } } : null };
  });
  for (const { path } of downs.values()) ignored.push({ path, reason: 'a down script without its up script' });
  return { migrations, ignored };
}
