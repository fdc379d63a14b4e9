import { flywayLeavesTransaction } from '../../tools/flyway.ts';
import {
  ATLAS_OPT_OUT,
  atlasHeader,
  besideScript,
  DIESEL_SETTINGS,
  LIQUIBASE_CHANGESET,
  SQLX_OPT_OUT,
} from '../../tools/runners.ts';
import { supabaseRunsAlone } from '../../tools/supabase.ts';
import type { History, Migration, RunnerId } from '../../tools/tool.ts';
import type { TextEdit } from '../rule.ts';
import { pieceText } from './piece.ts';
import type { Piece } from './piece.ts';

export interface FileForm {
  readonly text: string;
  /** The settings file that has to lie beside it. */
  readonly settings?: SettingsFile;
}

export interface SettingsFile {
  /** Relative to the history's root. */
  readonly path: string;
  readonly text: string;
}

/** What Flyway reads beside a script: https://documentation.red-gate.com/fd/script-configuration-files-275218507.html. */
const flywaySettings = (path: string): SettingsFile => ({
  path: `${path}.conf`,
  text: 'executeInTransaction=false\n',
});
const dieselSettings = (path: string): SettingsFile => ({
  path: besideScript(path, DIESEL_SETTINGS.name),
  text: `${DIESEL_SETTINGS.optOut}\n`,
});

/**
 * The text of a file by which the tool runs the piece as it has to be run; null where it has none.
 *
 * @param path where it will lie
 */
export function formOf(history: History, migration: Migration, piece: Piece, path: string): FileForm | null {
  const text = `${pieceText(piece)}\n`;
  const needsNone = piece.runs !== 'in a transaction';
  switch (history.tool) {
    case 'prisma':
    case 'golang-migrate':
      return needsNone && !canRunAlone(history, migration, piece) ? null : { text };
    case 'dbmate':
      return { text: `-- migrate:up${needsNone ? ' transaction:false' : ''}\n${text}\n-- migrate:down\n` };
    case 'supabase':
      return needsNone && !supabaseRunsAlone(piece.sql, history.toolVersion) ? null : { text };
    case 'flyway':
      return needsNone && !flywayLeavesTransaction(piece.sql) ? { text, settings: flywaySettings(path) } : { text };
    case 'plain':
      return history.runner ? runnerForm(history.runner, piece, path) : plainForm(migration, piece);
    case 'goose':
      return plainForm(migration, piece);
    // A change has to stand in the plan as well.
    case 'sqitch':
      return null;
  }
}

function runnerForm(runner: RunnerId, piece: Piece, path: string): FileForm | null {
  const text = `${pieceText(piece)}\n`;
  const needsNone = piece.runs !== 'in a transaction';
  switch (runner) {
    case 'atlas':
      return { text: needsNone ? `${ATLAS_OPT_OUT}\n\n${text}` : text };
    case 'sqlx':
      return { text: needsNone ? `${SQLX_OPT_OUT}\n${text}` : text };
    case 'diesel':
      return needsNone ? { text, settings: dieselSettings(path) } : { text };
    case 'folders':
      return needsNone ? null : { text };
    // They run what their journal and their changelog name.
    case 'drizzle':
    case 'liquibase':
    // One file at a time is worked on; the others are chained by their hashes.
    case 'graphile-migrate':
      return null;
  }
}

/**
 * Whether the tool can run the piece without a transaction where no file is made for it: the lines above it by which a
 * person has it so, empty where none are needed; null where the tool has no way.
 */
export function linesWithoutTransaction(history: History, migration: Migration, piece: Piece): string | null {
  // psql runs what it deploys.
  if (history.tool === 'sqitch') return '';
  switch (history.runner) {
    case 'liquibase': {
      const split = piece.runs === 'committing' ? ' splitStatements:false' : '';
      return `-- in a changeset of its own, which Liquibase runs without a transaction:\n--changeset author:id runInTransaction:false${split}\n`;
    }
    case 'graphile-migrate':
      return '-- each statement in a migration of its own, which Graphile Migrate runs without a transaction by its first line:\n--! no-transaction\n';
    default:
      return formOf(history, migration, piece, migration.path) === null ? null : '';
  }
}

/** Scripts of one statement are no transaction: Prisma and golang-migrate send the file as one simple query. */
function canRunAlone(history: History, { transactionMode }: Migration, { runs }: Piece): boolean {
  if (transactionMode === 'explicit') return false;
  // x-multi-statement cuts at each `;`, those in a DO block too.
  return runs !== 'committing' || history.tool !== 'golang-migrate' || transactionMode !== 'autocommit';
}

const GOOSE_UP = /^--\s*\+goose\s+up\b/im;
const SQL_MIGRATE_UP = /^--\s*\+migrate\s+Up\b/im;

function gooseForm(piece: Piece): FileForm {
  const head = piece.runs === 'in a transaction' ? '' : '-- +goose NO TRANSACTION\n';
  return { text: `${head}-- +goose Up\n${marked(piece, '+goose')}\n-- +goose Down\n` };
}

/** These tools cut a file at each `;` unless they are told where a statement begins and ends. */
function marked(piece: Piece, tool: string): string {
  const text = `${pieceText(piece)}\n`;
  return piece.runs === 'committing' ? `-- ${tool} StatementBegin\n${text}-- ${tool} StatementEnd\n` : text;
}

/** The piece as it has to stand in a migration that is there already. */
export function textWithin({ tool }: History, migration: Migration, piece: Piece): string {
  const isMarked = tool === 'goose' || (tool === 'plain' && GOOSE_UP.test(migration.text));
  if (isMarked) return marked(piece, '+goose').trimEnd();
  return tool === 'plain' && SQL_MIGRATE_UP.test(migration.text)
    ? marked(piece, '+migrate').trimEnd()
    : pieceText(piece);
}

function plainForm(migration: Migration, piece: Piece): FileForm | null {
  const text = `${pieceText(piece)}\n`;
  const needsNone = piece.runs !== 'in a transaction';
  const own = migration.text;
  if (GOOSE_UP.test(own)) return gooseForm(piece);
  if (SQL_MIGRATE_UP.test(own)) {
    const head = `-- +migrate Up${needsNone ? ' notransaction' : ''}\n`;
    return { text: `${head}${marked(piece, '+migrate')}\n-- +migrate Down\n` };
  }
  if (/^--\s*up\s+migration\b/im.test(own)) return needsNone ? null : { text: `-- Up Migration\n${text}` };
  // Sections of a tool that is not known well enough to write for it.
  if (migration.range.start > 0 || migration.range.end < own.length) return null;
  return needsNone && migration.transactionMode !== 'autocommit' ? null : { text };
}

interface OptOut {
  readonly edits: readonly TextEdit[];
  readonly settings?: SettingsFile;
}

/**
 * What makes the tool run a migration's own file without a transaction, once the piece is all that is left in it; null where
 * nothing does.
 */
export function optOut(history: History, migration: Migration, piece: Piece): OptOut | null {
  if (piece.runs === 'in a transaction') return { edits: [] };
  switch (history.tool) {
    case 'prisma':
    case 'golang-migrate':
      return canRunAlone(history, migration, piece) ? { edits: [] } : null;
    case 'supabase':
      return supabaseRunsAlone(piece.sql, history.toolVersion) ? { edits: [] } : null;
    case 'flyway':
      return migration.transactionMode === 'autocommit' || flywayLeavesTransaction(piece.sql)
        ? { edits: [] }
        : { edits: [], settings: flywaySettings(migration.path) };
    case 'dbmate':
      return afterDirective(
        migration.text,
        /^--\s*migrate:up[^\n\r]*?(?=[ \t]*(?:\r?\n|$))/m,
        ' transaction:false',
        /transaction:false/,
      );
    case 'plain':
    case 'goose':
    case 'sqitch':
      if (migration.transactionMode === 'autocommit') return { edits: [] };
      if (history.runner) return runnerOptOut(history.runner, migration, piece);
      if (GOOSE_UP.test(migration.text)) return gooseOptOut(migration);
      return afterDirective(
        migration.text,
        /^--\s*\+migrate\s+Up(?=[ \t]*(?:\r?\n|$))/im,
        ' notransaction',
        /notransaction/,
      );
  }
}

function runnerOptOut(runner: RunnerId, { text, path, transactionMode }: Migration, { runs }: Piece): OptOut | null {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  // Only the first bytes count; what sends the file as it is would stumble over a byte order mark.
  const onTop = (line: string): OptOut => ({
    edits: [{ start: 0, end: text.startsWith('\ufeff') ? 1 : 0, newText: line }],
  });
  if (transactionMode === 'implicit') return { edits: [] };
  switch (runner) {
    case 'atlas': {
      const header = atlasHeader(text);
      // Atlas refuses a second one.
      if (header.some((line) => /atlas:txmode\b/.test(line))) return null;
      // The blank line that ends its header holds no carriage return, whatever the file's other lines do.
      return onTop(header.length > 0 ? `${ATLAS_OPT_OUT}${newline}` : `${ATLAS_OPT_OUT}\n\n`);
    }
    case 'sqlx':
      return onTop(`${SQLX_OPT_OUT}${newline}`);
    case 'diesel':
      return { edits: [], settings: dieselSettings(path) };
    case 'liquibase': {
      const [changeset, ...others] = [...text.matchAll(LIQUIBASE_CHANGESET)];
      if (!changeset || others.length > 0) return null;
      // A block would be cut at each `;`.
      const options = ['runInTransaction:false', ...(runs === 'committing' ? ['splitStatements:false'] : [])];
      const [line] = changeset;
      // What the changeset says otherwise is meant so.
      if (options.some((option) => line.toLowerCase().includes(option.replace(/false$/, '').toLowerCase())))
        return null;
      const end = changeset.index + line.trimEnd().length;
      return { edits: [{ start: end, end, newText: ` ${options.join(' ')}` }] };
    }
    case 'drizzle':
    case 'graphile-migrate':
    case 'folders':
      return null;
  }
}

function gooseOptOut({ text, transactionMode }: Migration): { readonly edits: readonly TextEdit[] } {
  const start = text.startsWith('\ufeff') ? 1 : 0;
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  return {
    edits:
      transactionMode === 'autocommit' ? [] : [{ start, end: start, newText: `-- +goose NO TRANSACTION${newline}` }],
  };
}

function afterDirective(
  text: string,
  directive: RegExp,
  option: string,
  has: RegExp,
): { readonly edits: readonly TextEdit[] } | null {
  const found = directive.exec(text);
  if (!found) return null;
  const end = found.index + found[0].length;
  return { edits: has.test(found[0]) ? [] : [{ start: end, end, newText: option }] };
}
