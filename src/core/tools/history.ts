import type { Dialect } from '../sql/statement.ts';
import { DRIZZLE_JOURNAL, drizzleDialect } from './drizzle.ts';
import { otherDatabasesScripts } from './otherDatabases.ts';
import { prismaProvider } from './prisma.ts';
import { TOOLS } from './registry.ts';
import type { History, HistoryFile, Migration, RunnerId, ToolId, TransactionMode } from './tool.ts';
import type { RollbackPlace, ToolReading } from './toolDefinition.ts';

/** What a history is made from. Paths are relative to `root`, with `/`. */
export interface HistorySource {
  readonly id: string;
  readonly tool: ToolId;
  /** Relative to the workspace root; '.' for the root itself. */
  readonly root: string;
  /** The tool's folder relative to `root`, if a folder above it was named: `prisma/migrations`. '' unless given. */
  readonly folder?: string;
  /** The files that the tool's `reads` asked for, and rollbacks kept outside (`rollbackFolder`). */
  readonly files: readonly HistoryFile[];
  /** All paths in the folder; those of `files` unless given. */
  readonly paths?: readonly string[];
  readonly toolVersion?: string | null;
  /** What a project file near a folder of plain SQL says. */
  readonly nearbyRunner?: RunnerId | null;
  /** What runs it, if it was looked for already. */
  readonly runner?: RunnerId | null;
  /** From the configuration; read off the files unless given. */
  readonly dialect?: Dialect | undefined;
  /** From the configuration: how the tool runs a script here, whatever its default. */
  readonly transactionMode?: TransactionMode | undefined;
  readonly baseline?: HistoryFile | null;
}

const sources = new WeakMap<History, HistorySource>();

/** Reads a history: which files are migrations, in which order, how each is run, and which rollbacks are written. */
export function historyFromFiles(source: HistorySource): History {
  return build(source, new Map());
}

/**
 * The history as it would be if the file held this text: for an editor's unsaved text. Migrations that do not change are
 * the same objects as before. A path that is no file of the history adds one.
 *
 * @param path relative to the history's root
 */
export function withText(history: History, path: string, text: string): History {
  const source = sources.get(history);
  if (!source) throw new TypeError('the history was not made by historyFromFiles');
  const known = source.files.some((file) => file.path === path);
  if (known && source.files.some((file) => file.path === path && file.text === text)) return history;
  const only = onlyChanged(history, source, { path, text });
  if (only) return only;
  const files = known
    ? source.files.map((file) => (file.path === path ? { path, text } : file))
    : [...source.files, { path, text }];
  const paths = source.paths && !source.paths.includes(path) ? [...source.paths, path] : source.paths;
  const kept = new Map(history.migrations.map((migration) => [migration.path, migration]));
  // Not looked for again at every keystroke: typing does not turn a history into another server's or another tool's.
  const { dialect, runner = null } = history;
  return build({ ...source, dialect, runner, files, ...(paths ? { paths } : {}) }, kept);
}

/**
 * The history with one migration read anew: what an editor needs with every keystroke, while reading the names of a
 * thousand files takes longer than all else. Null where the text may concern another file, so that all have to be read.
 */
function onlyChanged(history: History, source: HistorySource, file: HistoryFile): History | null {
  const [old, ...others] = history.migrations.filter(
    ({ path, rollback }) => path === file.path || rollback?.path === file.path,
  );
  if (old?.path !== file.path || others.length > 0) return null;
  const elsewhere = old.rollback && old.rollback.path !== old.path ? old.rollback : null;
  const read = (text: string): Migration | null => {
    const migration = readAlone(history, source, { path: old.path, text });
    return migration && { ...migration, rollback: elsewhere ?? migration.rollback };
  };
  if (!readsAlone.has(old)) {
    const before = read(old.text);
    if (before === null || !sameMigration(before, old)) return null;
    readsAlone.add(old);
  }
  const now = read(file.text);
  // Without the down part that it had, its rollback may lie in another file.
  if (now === null || (old.rollback !== null && now.rollback === null)) return null;
  const changed: History = {
    ...history,
    migrations: history.migrations.map((migration) => (migration === old ? now : migration)),
  };
  const files = source.files.map((each) => (each.path === file.path ? file : each));
  readsAlone.add(now);
  sources.set(changed, { ...source, dialect: history.dialect, runner: history.runner ?? null, files });
  return changed;
}

/** Migrations of which the tool makes the same without the other scripts. */
const readsAlone = new WeakSet<Migration>();
const otherFiles = new WeakMap<History, readonly HistoryFile[]>();

/** What the tool makes of a script without the others, with its settings; null unless that is one migration and no trouble. */
function readAlone(history: History, source: HistorySource, file: HistoryFile): Migration | null {
  let others = otherFiles.get(history);
  if (others === undefined) {
    const scripts = new Set(history.migrations.flatMap(({ path, rollback }) => [path, rollback?.path]));
    others = source.files.filter(({ path }) => !scripts.has(path));
    otherFiles.set(history, others);
  }
  const prefix = source.folder ? `${source.folder}/` : '';
  const { migrations, ignored } = readFolder({ ...source, runner: history.runner ?? null }, [...others, file]);
  const [migration] = migrations;
  if (migration === undefined || migrations.length > 1) return null;
  if (ignored.some(({ path }) => prefix + path === file.path)) return null;
  const { rollback } = migration;
  return {
    ...migration,
    tool: source.tool,
    path: prefix + migration.path,
    rollback: rollback && { ...rollback, path: prefix + rollback.path },
    ...modeAsSaid(source),
  };
}

/** What the configuration says goes for the whole of a script. */
function modeAsSaid({ transactionMode }: HistorySource): Partial<Pick<Migration, 'transactionMode' | 'changesets'>> {
  return transactionMode === undefined ? {} : { transactionMode, changesets: [] };
}

/** What the tool makes of files; its paths are relative to its folder. */
function readFolder(source: HistorySource, all: readonly HistoryFile[]): ToolReading {
  const prefix = source.folder ? `${source.folder}/` : '';
  const inFolder = (path: string): string | null => (path.startsWith(prefix) ? path.slice(prefix.length) : null);
  const files = all.flatMap(({ path, text }) => {
    const inner = inFolder(path);
    return inner === null || inner.startsWith('../') ? [] : [{ path: inner, text }];
  });
  return TOOLS[source.tool].read({
    files,
    paths: (source.paths ?? source.files.map(({ path }) => path)).flatMap((path) => inFolder(path) ?? []),
    version: source.toolVersion ?? null,
    nearbyRunner: source.nearbyRunner ?? null,
    runner: source.runner,
  });
}

function build(source: HistorySource, kept: ReadonlyMap<string, Migration>): History {
  const tool = TOOLS[source.tool];
  const prefix = source.folder ? `${source.folder}/` : '';
  const reading = readFolder(source, source.files);
  const bare = reading.migrations.map((migration): Migration => ({ ...migration, tool: source.tool }));
  const outside = outsideFolder(source, prefix);
  const place = (migration: Migration): string => tool.rollbackPlace(migration, { outside, migrations: bare }).path;
  const elsewhere = new Map(source.files.map((file) => [file.path, file]));
  const migrations = bare.map((migration) => {
    const down = migration.rollback ? null : place(migration);
    const own = down === null ? undefined : (elsewhere.get(prefix + down) ?? elsewhere.get(down));
    const rollback = migration.rollback ?? (own && own.path !== prefix + migration.path ? wholeFile(own) : null);
    const whole: Migration = {
      ...migration,
      path: prefix + migration.path,
      rollback: rollback && {
        ...rollback,
        path: rollback === migration.rollback ? prefix + rollback.path : rollback.path,
      },
      ...modeAsSaid(source),
    };
    const problem = elsewhere.get(whole.path)?.problem;
    const before = kept.get(whole.path);
    if (before && sameMigration(before, whole) && before.problem?.offset === problem?.offset) return before;
    return problem ? { ...whole, problem } : whole;
  });
  const history: History = {
    id: source.id,
    tool: source.tool,
    toolVersion: source.toolVersion ?? null,
    ...(reading.runner ? { runner: reading.runner } : {}),
    dialect: source.dialect ?? dialectOf(source),
    root: source.root,
    migrations,
    baseline: source.baseline ?? tool.given ?? null,
    ignored: reading.ignored.map(({ path, reason }) => ({ path: prefix + path, reason })),
  };
  sources.set(history, source);
  return history;
}

function wholeFile({ path, text }: HistoryFile): NonNullable<Migration['rollback']> {
  return { path, text, range: { start: 0, end: text.length } };
}

function sameMigration(a: Migration, b: Migration): boolean {
  return (
    a.id === b.id &&
    a.text === b.text &&
    a.range.start === b.range.start &&
    a.range.end === b.range.end &&
    a.transactionMode === b.transactionMode &&
    a.rollback?.path === b.rollback?.path &&
    a.rollback?.text === b.rollback?.text
  );
}

/**
 * Where a rollback of this migration may lie so that the tool does not run it by mistake, relative to the history's root.
 * What no tool may see lies in `.lockkeeper/rollbacks` at the workspace root.
 */
export function rollbackPlace(history: History, migration: Migration): RollbackPlace {
  const source = sources.get(history);
  const prefix = source?.folder ? `${source.folder}/` : '';
  const inFolder = (one: Migration): Migration => ({
    ...one,
    path: one.path.slice(prefix.length),
    rollback: one.rollback && {
      ...one.rollback,
      path: one.rollback.path.startsWith(prefix) ? one.rollback.path.slice(prefix.length) : one.rollback.path,
    },
  });
  const place = TOOLS[history.tool].rollbackPlace(inFolder(migration), {
    outside: outsideFolder({ id: history.id, root: history.root }, prefix),
    migrations: history.migrations.map(inFolder),
  });
  return { ...place, path: normalized(prefix + place.path) };
}

/** `.lockkeeper/rollbacks/<history>` at the workspace root: scripts that no tool may see. */
export function rollbackFolder(historyId: string): string {
  return `.lockkeeper/rollbacks/${encodeURIComponent(historyId)}`;
}

/** The same, relative to the tool's folder. */
function outsideFolder({ id, root }: Pick<HistorySource, 'id' | 'root'>, prefix: string): string {
  const depth = (root === '.' ? [] : root.split('/')).length + prefix.split('/').length - 1;
  return '../'.repeat(depth) + rollbackFolder(id);
}

function normalized(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

/** MySQL only where something says so: Prisma's lock file, Drizzle's journal, or what is no PostgreSQL in any reading. */
function dialectOf({ tool, files, folder, root }: HistorySource): Dialect {
  const textOf = (name: string): string | undefined =>
    files.find(({ path }) => path === (folder ? `${folder}/` : '') + name)?.text;
  if (tool === 'prisma') {
    return prismaProvider(textOf('migration_lock.toml') ?? '') === 'mysql' ? 'mysql' : 'postgresql';
  }
  const drizzle = tool === 'plain' ? drizzleDialect(textOf(DRIZZLE_JOURNAL) ?? '') : null;
  if (drizzle === 'mysql' || drizzle === 'postgresql') return drizzle;
  if (
    /(?:^|\/)(?:mysql|mariadb)(?:\/|$)/i.test(root) &&
    !/(?:^|\/)(?:pg|pgsql|postgres|postgresql)(?:\/|$)/i.test(root)
  )
    return 'mysql';
  const others = tool === 'plain' ? otherDatabasesScripts(files.map(({ path }) => path)) : new Set<string>();
  const own = files.filter(({ path }) => !others.has(path)).slice(0, 20);
  return own.some(({ text }) => MYSQL.test(text)) ? 'mysql' : 'postgresql';
}

const MYSQL =
  /^[^-\n]*\)\s*(?:\w+\s*=\s*\w+\b\s*)*ENGINE\s*=\s*(?:InnoDB|MyISAM|Aria)\b|^[ \t]*(?:CREATE|ALTER|DROP)\s+TABLE\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?`/im;
