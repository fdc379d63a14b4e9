import { compareDigits, compareText } from './naturalOrder.ts';
import { statementHeads } from './statementHeads.ts';
import type { HistoryFile, Migration, TransactionMode } from './tool.ts';
import type { ToolDefinition, ToolInput, ToolReading } from './toolDefinition.ts';

/** Default prefixes, separator and suffix: https://documentation.red-gate.com/fd/migrations-271585107.html. */
const FILE = /^(?:(V|U|B)([0-9]+(?:[._][0-9]+)*)__|(R)__)(.*)\.sql$/;
/** Callbacks run by themselves too: https://documentation.red-gate.com/fd/callbacks-275218509.html. */
const CALLBACK = /^(?:before|after|create)[A-Z][A-Za-z]*(?:__.*)?\.sql$/;

/**
 * Flyway: V in the order of their dotted numbers, then R by description; folders are searched to the bottom. Each script
 * runs in a transaction, unless its `.conf` says `executeInTransaction=false` or a statement is one that Flyway knows to
 * refuse a transaction (PostgreSQLParser.java, detectCanExecuteInTransaction).
 */
export const flyway: ToolDefinition = {
  id: 'flyway',
  name: 'Flyway',
  source:
    'https://github.com/flyway/flyway/blob/main/flyway-database/flyway-database-postgresql/src/main/java/org/flywaydb/database/postgresql/PostgreSQLParser.java',
  picksUp: (path) => FILE.test(fileName(path)) || CALLBACK.test(fileName(path)),
  reads: (path) => FILE.test(fileName(path).replace(/\.conf$/, '')),
  read,
  // An undo script is run by `flyway undo` alone, never by `migrate`.
  rollbackPlace: (migration, { outside }) =>
    /^V/.test(migration.id)
      ? {
          path: migration.path.replace(/(^|\/)V([^/]*)$/, '$1U$2'),
          form: 'file',
          section: null,
          transactionMode: 'explicit',
          runBy: 'flyway undo',
        }
      : {
          path: `${outside}/${encodeURIComponent(migration.id)}.down.sql`,
          form: 'file',
          section: null,
          transactionMode: 'autocommit',
          runBy: null,
        },
  historyTable: { schema: null, name: 'flyway_schema_history', idColumn: 'version', checksumColumn: 'checksum' },
};

interface Script {
  readonly kind: 'V' | 'U' | 'B' | 'R';
  /** With dots; '' for repeatables. */
  readonly version: string;
  readonly description: string;
  readonly file: HistoryFile;
}

function read({ files, paths }: ToolInput): ToolReading {
  const ignored: { path: string; reason: string }[] = [];
  const scripts = files.flatMap((file) => scriptOf(file));
  const confs = new Map(files.map(({ path, text }) => [path, text]));
  const versioned = ordered(scripts, 'V', ignored);
  const baselines = ordered(scripts, 'B', ignored);
  const undos = new Map(ordered(scripts, 'U', ignored).map((script) => [normalized(script.version), script.file]));
  const repeatable = scripts
    .filter(({ kind }) => kind === 'R')
    .sort((a, b) => compareText(a.description, b.description));

  // A baseline stands for what it replaces only where that is gone: else the versions themselves are the history.
  const baseline = baselines.at(-1);
  const before = baseline ? versioned.filter(({ version }) => compareVersions(version, baseline.version) <= 0) : [];
  const start = baseline && before.length === 0 ? baseline : null;
  for (const script of baselines) {
    if (script === start) continue;
    ignored.push({
      path: script.file.path,
      reason: 'a baseline script runs only on an empty database; the V scripts are read instead',
    });
  }
  for (const path of paths) {
    if (CALLBACK.test(fileName(path))) ignored.push({ path, reason: 'a Flyway callback; it is not read' });
  }
  const toMigration = (script: Script): Omit<Migration, 'tool'> => {
    const { path, text } = script.file;
    const undo = script.kind === 'V' ? undos.get(normalized(script.version)) : undefined;
    return {
      id: script.kind === 'R' ? `R__${script.description}` : `${script.kind}${script.version}`,
      path,
      text,
      range: { start: 0, end: text.length },
      transactionMode: flywayMode(text, confs.get(`${path}.conf`)),
      rollback: undo ? { path: undo.path, text: undo.text, range: { start: 0, end: undo.text.length } } : null,
    };
  };
  return { migrations: [...(start ? [start] : []), ...versioned, ...repeatable].map(toMigration), ignored };
}

function scriptOf(file: HistoryFile): Script[] {
  const match = FILE.exec(fileName(file.path));
  if (!match) return [];
  const [, prefix, version, repeatable, description] = match;
  return [
    {
      kind: (prefix ?? repeatable ?? 'V') as Script['kind'],
      version: (version ?? '').replaceAll('_', '.'),
      description: description ?? '',
      file,
    },
  ];
}

function ordered(
  scripts: readonly Script[],
  kind: Script['kind'],
  ignored: { path: string; reason: string }[],
): Script[] {
  const found = scripts
    .filter((script) => script.kind === kind)
    .sort((a, b) => compareVersions(a.version, b.version) || compareText(a.file.path, b.file.path));
  return found.filter((script, index) => {
    const twin = found[index - 1];
    if (!twin || compareVersions(twin.version, script.version) !== 0) return true;
    ignored.push({
      path: script.file.path,
      reason: `Flyway refuses a second ${kind} script with the version ${script.version}`,
    });
    return false;
  });
}

/** Part by part as numbers; missing parts are 0, so that 1 and 1.0 are the same version. */
function compareVersions(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const order = compareDigits(left[index] ?? '0', right[index] ?? '0');
    if (order !== 0) return order;
  }
  return 0;
}

function normalized(version: string): string {
  return version
    .split('.')
    .map((part) => part.replace(/^0+(?=\d)/, ''))
    .join('.')
    .replace(/(?:\.0)+$/, '');
}

const REFUSES_TRANSACTION =
  /^(?:(?:CREATE|DROP) (?:DATABASE|TABLESPACE|SUBSCRIPTION)|ALTER SYSTEM|(?:CREATE|DROP)(?: UNIQUE)? INDEX CONCURRENTLY|REINDEX(?: VERBOSE)? (?:SCHEMA|DATABASE|SYSTEM)|VACUUM|DISCARD ALL)\b/;

/** Whether Flyway runs a script of this one statement without a transaction by itself. */
export function flywayLeavesTransaction(sql: string): boolean {
  return statementHeads(sql, { start: 0, end: sql.length }).every((head) => REFUSES_TRANSACTION.test(head));
}

function flywayMode(text: string, conf: string | undefined): TransactionMode {
  const said = /^[ \t]*executeInTransaction[ \t]*=[ \t]*(true|false)[ \t]*\r?$/im.exec(conf ?? '')?.[1];
  if (said !== undefined) return said.toLowerCase() === 'true' ? 'explicit' : 'autocommit';
  const heads = statementHeads(text, { start: 0, end: text.length });
  return heads.some((head) => REFUSES_TRANSACTION.test(head)) ? 'autocommit' : 'explicit';
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
