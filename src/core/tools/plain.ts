import { DRIZZLE_JOURNAL } from './drizzle.ts';
import { naturalOrder } from './naturalOrder.ts';
import { otherDatabasesScripts } from './otherDatabases.ts';
import { besideScript, DIESEL_SETTINGS, isFolderScript, liquibaseChangesets, RUNNERS, runnerOf } from './runners.ts';
import { cutSections, isBlankSection } from './sections.ts';
import type { Sections } from './sections.ts';
import type { HistoryFile, Migration, TransactionMode } from './tool.ts';
import type { RollbackPlace, RollbackPlaceInput, ToolDefinition, ToolInput, ToolReading } from './toolDefinition.ts';

/**
 * SQL files without a tool that Lockkeeper knows: every script, folders too, in natural order, as `psql -f` runs them
 * (autocommit) unless something tells that another program does (runners.ts). Scripts that by their name lead back are no
 * part of it. Files with the sections of goose (`-- +goose Up`), sql-migrate (`-- +migrate Up`) or node-pg-migrate
 * (`-- Up Migration`) are read by them, so that their down part is not taken for a step forward.
 */
export const plain: ToolDefinition = {
  id: 'plain',
  name: 'plain SQL',
  source: 'https://www.postgresql.org/docs/current/app-psql.html',
  picksUp: isScript,
  reads: (path) => isScript(path) || path.endsWith(`/${DIESEL_SETTINGS.name}`) || path === DRIZZLE_JOURNAL,
  read,
  rollbackPlace,
  historyTable: null,
};

/** What people call a file of SQL for PostgreSQL. */
const EXTENSION = /\.(?:sql|pgsql|psql)$/i;

/** Whether a file is a script by its name. */
export function isScript(path: string): boolean {
  return EXTENSION.test(path);
}

function read({ files: all, paths, nearbyRunner, runner: known }: ToolInput): ToolReading {
  const ignored: { path: string; reason: string }[] = [];
  const files = all.filter(({ path }) => isScript(path));
  const byPath = new Map(files.map((file) => [file.path, file]));
  for (const path of otherDatabasesScripts(files.map((file) => file.path))) {
    ignored.push({ path, reason: "another database's script, by its name" });
    byPath.delete(path);
  }
  const downs = new Map<string, HistoryFile>();
  for (const file of [...byPath.values()]) {
    const ups = forwardNames(file.path).filter((path) => byPath.has(path));
    if (ups[0] !== undefined) downs.set(ups[0], file);
    else if (
      byPath.has(file.path.replace(/^((?:.*?\/)??)verify\//i, '$1deploy/')) &&
      /(?:^|\/)verify\//i.test(file.path)
    ) {
      ignored.push({ path: file.path, reason: 'verifies what the script of the same name in deploy/ made' });
    } else if (/(?:\.(?:down|rollback|undo)|(?:^|\/)down)\.(?:sql|pgsql|psql)$/i.test(file.path)) {
      ignored.push({ path: file.path, reason: 'a rollback script without its forward script' });
    } else continue;
    byPath.delete(file.path);
  }
  const runner = known === undefined ? runnerOf({ paths, files, nearby: nearbyRunner }) : known;
  const settings = new Map(all.flatMap(({ path, text }) => (isScript(path) ? [] : [[path, text] as const])));
  const textOf = (path: string): string | undefined => settings.get(path);
  const modeOf = (file: HistoryFile): TransactionMode =>
    runner === null ? 'autocommit' : RUNNERS[runner].modeOf(file, textOf);
  const migrations = [...byPath.values()]
    .sort((a, b) => naturalOrder(a.path, b.path))
    .map((file) => {
      const migration = migrationOf(file, downs.get(file.path), modeOf(file));
      const changesets = runner === 'liquibase' ? liquibaseChangesets(file.text) : [];
      return changesets.length > 1 ? { ...migration, changesets } : migration;
    });
  return { migrations, ignored, ...(runner ? { runner } : {}) };
}

const SECTIONS: readonly { up: RegExp | null; down: RegExp; mode: (text: string) => TransactionMode }[] = [
  {
    // https://pressly.github.io/goose/documentation/annotations/
    up: /^--\s*\+goose\s+Up\b/gim,
    down: /^--\s*\+goose\s+Down\b/gim,
    mode: (text) => (/^--\s*\+goose\s+NO\s+TRANSACTION\b/im.test(text) ? 'autocommit' : 'explicit'),
  },
  {
    // https://github.com/rubenv/sql-migrate#writing-migrations
    up: /^--\s*\+migrate\s+Up\b/gim,
    down: /^--\s*\+migrate\s+Down\b/gim,
    mode: (text) => (/^--\s*\+migrate\s+Up\b.*\bnotransaction\b/im.test(text) ? 'autocommit' : 'explicit'),
  },
  // https://salsita.github.io/node-pg-migrate/migrations/
  { up: /^--\s*up\s+migration\b/gim, down: /^--\s*down\s+migration\b/gim, mode: () => 'explicit' },
  { up: /^--\s*migrate:up\b/gm, down: /^--\s*migrate:down\b/gm, mode: () => 'explicit' },
  // https://github.com/elwinar/rambler#migration-files
  { up: /^--\s*rambler\s+up\b/gim, down: /^--\s*rambler\s+down\b/gim, mode: () => 'explicit' },
  // https://www.playframework.com/documentation/latest/Evolutions#Evolutions-scripts
  {
    up: /^(?:#|--)[ \t]*(?:-{2,}[ \t]*)?!Ups\b/gim,
    down: /^(?:#|--)[ \t]*(?:-{2,}[ \t]*)?!Downs\b/gim,
    mode: () => 'autocommit',
  },
  // https://github.com/naver/shmig: `-- ==== UP ====`
  { up: /^--\s*=+\s*UP\s*=+/gim, down: /^--\s*=+\s*DOWN\s*=+/gim, mode: () => 'explicit' },
  // https://github.com/jackc/tern#migrations: all above the line is up
  { up: null, down: /^-{2,}\s*create above\s*\/\s*drop below\s*-{2,}/gim, mode: () => 'explicit' },
  // https://mybatis.org/migrations/new.html
  { up: null, down: /^--\s*\/\/\s*@UNDO\b/gim, mode: () => 'autocommit' },
];

/** Words of all forms: most files have none of them, and an editor's text is looked at with every keystroke. */
const SECTION_WORDS =
  /\+goose\s|\+migrate\s|(?:up|down)\s+migration|migrate:|rambler\s|!(?:ups|downs)|=\s*(?:up|down)\s*=|create above|@undo/i;

/** @param usualMode of a script without sections */
function migrationOf(
  { path, text }: HistoryFile,
  down: HistoryFile | undefined,
  usualMode: TransactionMode,
): Omit<Migration, 'tool'> {
  const written = down ? { path: down.path, text: down.text, range: { start: 0, end: down.text.length } } : null;
  for (const form of SECTION_WORDS.test(text) ? SECTIONS : []) {
    const sections = form.up === null ? cutBelow(text, form.down) : cutSections(text, form.up, form.down);
    if (!sections) continue;
    const inside = sections.down && !isBlankSection(text, sections.down) ? { path, text, range: sections.down } : null;
    return { id: path, path, text, range: sections.up, transactionMode: form.mode(text), rollback: written ?? inside };
  }
  const range = { start: 0, end: text.length };
  return { id: path, path, text, range, transactionMode: usualMode, rollback: written };
}

/** The other form: no word stands above the up part. */
function cutBelow(text: string, down: RegExp): Pick<Sections, 'up' | 'down'> | null {
  const [match] = text.matchAll(down);
  if (match === undefined) return null;
  return { up: { start: 0, end: match.index }, down: { start: match.index, end: text.length } };
}

/** The names under which the forward script of a rollback script may lie; empty if the name is none of a rollback. */
function forwardNames(path: string): string[] {
  const extension = EXTENSION.exec(path)?.[0] ?? '';
  const names = forwardSqlNames(path.slice(0, path.length - extension.length) + '.sql');
  return extension === '.sql' ? names : names.map((name) => name.replace(/\.sql$/, extension));
}

/** The same of a path that ends in `.sql`. */
function forwardSqlNames(path: string): string[] {
  const names: string[] = [];
  const suffix = /^(.*)([._-])(?:down|rollback|undo|revert)\.sql$/i.exec(path);
  if (suffix) names.push(`${suffix[1] ?? ''}${suffix[2] ?? ''}up.sql`, `${suffix[1] ?? ''}.sql`);
  const prefix = /^((?:.*\/)?)(?:down|rollback|undo|revert)[._-]([^/]*)$/i.exec(path);
  if (prefix) names.push(`${prefix[1] ?? ''}up_${prefix[2] ?? ''}`, `${prefix[1] ?? ''}${prefix[2] ?? ''}`);
  // A folder for each migration, as diesel and Hasura have it: `2024_users/up.sql`, `2024_users/down.sql`.
  const bareName = /^((?:.*\/)?)(?:down|rollback|undo|revert)\.sql$/i.exec(path);
  for (const up of bareName ? ['up', 'migration', 'deploy', 'do'] : []) names.push(`${bareName?.[1] ?? ''}${up}.sql`);
  // https://github.com/rickbergfalk/postgrator: `001.do.users.sql`, `001.undo.users.sql`
  const action = /^(.*[._-])undo([._-].*)$/i.exec(path);
  if (action) names.push(`${action[1] ?? ''}do${action[2] ?? ''}`);
  // Flyway's names among others.
  const undo = /^((?:.*\/)?)U(\d[^/]*__[^/]*)$/.exec(path);
  if (undo) names.push(`${undo[1] ?? ''}V${undo[2] ?? ''}`);
  const folder = /^((?:.*?\/)??)(?:down|rollbacks?|undo|reverts?)\/(.*)$/i.exec(path);
  if (folder) {
    const [, outer = '', name = ''] = folder;
    const bare = name.replace(/[._-](?:down|rollback|undo|revert)\.sql$/i, '.sql');
    for (const up of ['up/', 'deploy/', '']) names.push(`${outer}${up}${name}`, `${outer}${up}${bare}`);
  }
  return names;
}

const companions = new WeakMap<readonly Migration[], string | null>();

/** The rollback script beside the first migration that has one; kept, since the place of each of them is asked for. */
function companionOf(migrations: readonly Migration[]): string | null {
  let known = companions.get(migrations);
  if (known === undefined) {
    known = migrations.find(({ rollback, path }) => rollback && rollback.path !== path)?.rollback?.path ?? null;
    companions.set(migrations, known);
  }
  return known;
}

/** Beside the script only where such companions already lie there: who runs the folder with `*.sql` would run it too. */
function rollbackPlace(migration: Omit<Migration, 'tool'>, { outside, migrations }: RollbackPlaceInput): RollbackPlace {
  const place = { form: 'file', section: null, transactionMode: migration.transactionMode, runBy: null } as const;
  // Run on the way back only.
  if (isFolderScript(migration.path)) return { ...place, path: besideScript(migration.path, 'down.sql') };
  const customary = companionOf(migrations);
  const suffix = customary && /[._-](?:down|rollback|undo|revert)\.sql$/i.exec(customary)?.[0];
  if (suffix && !/(?:^|\/)(?:down|rollbacks?|undo)\//i.test(customary)) {
    return { ...place, path: migration.path.replace(/(?:[._-]up)?\.sql$/i, suffix) };
  }
  return { ...place, path: `${outside}/${encodeURIComponent(migration.id.replace(/\.sql$/i, ''))}.down.sql` };
}
