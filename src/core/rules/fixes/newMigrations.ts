import { naturalOrder, compareText } from '../../tools/naturalOrder.ts';
import { isFolderScript } from '../../tools/runners.ts';
import type { History, Migration, ToolId } from '../../tools/tool.ts';
import type { Piece } from './piece.ts';
import { formOf } from './toolForms.ts';

export interface NewFile {
  /** Relative to the history's root. */
  readonly path: string;
  readonly text: string;
}

/**
 * The files with which the tool runs some pieces of SQL, in their order, after the given migration and after every other one
 * that is there: a version that comes before one that is applied would be refused or passed over. Null where the tool can't
 * run them so, or where the folder's names tell no next version. The names are those of the tools' own patterns (src/core/tools).
 */
export function newMigrations(
  history: History,
  migration: Migration,
  pieces: readonly Piece[],
): readonly NewFile[] | null {
  const last = history.migrations.findLast(({ id }) => !id.startsWith('R__'));
  const naming = last && NAMINGS[history.tool](last.path, migration.path);
  if (!naming) return null;
  // Atlas ends a file's header at a line without a carriage return alone.
  const newline = migration.text.includes('\r\n') && history.runner !== 'atlas' ? '\r\n' : '\n';
  const files: NewFile[] = [];
  for (const [index, piece] of pieces.entries()) {
    const path = naming(index + 1, nameWords(piece.name));
    const form = path === null ? null : formOf(history, migration, { ...piece, sql: withLineFeeds(piece.sql) }, path);
    if (path === null || form === null || history.migrations.some((each) => each.path === path)) return null;
    files.push({ path, text: form.text.replaceAll('\n', newline) });
    const down = downFile(history, migration, path);
    if (down) files.push(down);
    if (form.settings) files.push(form.settings);
  }
  return files;
}

/** Some tools want a file for each way; the way back of the migration that was split leads past these. */
function downFile({ tool, runner }: History, { id, rollback }: Migration, path: string): NewFile | null {
  const isWanted = tool === 'golang-migrate' || runner === 'sqlx' || isFolderScript(path);
  if (!isWanted || rollback === null || !/\bup\.sql$/.test(path)) return null;
  return { path: path.replace(/\bup\.sql$/, 'down.sql'), text: `-- Undone by the rollback of ${id}.\n` };
}

function withLineFeeds(sql: string): string {
  return sql.replaceAll('\r\n', '\n');
}

function nameWords(name: string): string {
  const words = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, 60)
    .replaceAll(/^_|_$/g, '');
  // Names in other scripts: every tool wants some word there.
  return words === '' ? 'step' : words;
}

/** The path of the n-th new file, from 1, with these words in its name; null where no version comes next. */
type Naming = (step: number, words: string) => string | null;

/** By the path of the last migration of all, and of the one that is split. */
const NAMINGS: Readonly<Record<ToolId, (last: string, own: string) => Naming | null>> = {
  prisma: (last) => {
    const [, folder = '', digits] = /^((?:.*\/)?)([0-9]+)_[^/]*\/migration\.sql$/.exec(last) ?? [];
    return counted(digits, folder, (version, words) => `${folder}${version}_${words}/migration.sql`, last);
  },
  supabase: (last) => {
    const [, digits] = /^([0-9]+)_/.exec(fileName(last)) ?? [];
    return counted(digits, folderOf(last), (version, words) => `${folderOf(last)}${version}_${words}.sql`, last);
  },
  dbmate: (last) => {
    const [, digits] = /^([0-9]+)/.exec(fileName(last)) ?? [];
    return counted(digits, folderOf(last), (version, words) => `${folderOf(last)}${version}_${words}.sql`, last);
  },
  'golang-migrate': (last) => {
    const [, digits] = /^([0-9]+)_/.exec(fileName(last)) ?? [];
    if (digits === undefined) return null;
    return (step, words) => `${folderOf(last)}${nextNumber(digits, step)}_${words}.up.sql`;
  },
  goose: (last) => {
    const [, digits] = /^([0-9]+)_/.exec(fileName(last)) ?? [];
    if (digits === undefined) return null;
    return (step, words) => `${folderOf(last)}${nextNumber(digits, step)}_${words}.sql`;
  },
  // A change has to stand in the plan as well.
  sqitch: () => null,
  flyway: (last, own) => {
    const [, version] = /^V([0-9]+(?:[._][0-9]+)*)__/.exec(fileName(last)) ?? [];
    if (version === undefined || /^R__/.test(fileName(own))) return null;
    const [, head = '', digits = ''] = /^(.*?)([0-9]+)$/.exec(version) ?? [];
    return (step, words) => `${folderOf(last)}V${head}${nextNumber(digits, step)}__${words}.sql`;
  },
  plain: numberedName,
};

/** Numbers at the front, as people and goose count them: `007_orders.sql`, `20240101120000-orders.up.sql`. */
function numberedName(last: string): Naming | null {
  if (isFolderScript(last)) return numberedFolder(last);
  const [, digits, separator = ''] = /^([0-9]+)([_.-]+)(?=[A-Za-z])/.exec(fileName(last)) ?? [];
  if (digits === undefined) return null;
  const suffix = /(?:\.up)?\.[a-z]*sql$/i.exec(last)?.[0] ?? '.sql';
  return (step, words) => {
    const path = `${folderOf(last)}${nextNumber(digits, step)}${separator}${words}${suffix}`;
    return naturalOrder(last, path) < 0 ? path : null;
  };
}

/** `1700000000000_orders/up.sql`, and diesel's `2024-01-01-120000_orders/up.sql`. */
function numberedFolder(last: string): Naming | null {
  const [, above = '', version = '', separator = ''] =
    /^((?:.*\/)?)([0-9-]*[0-9])([_-])[^/]*\/up\.sql$/.exec(last) ?? [];
  const isDated = /^\d{4}-\d{2}-\d{2}-\d{6}$/.test(version);
  if (version === '' || (version.includes('-') && !isDated)) return null;
  return (step, words) => {
    const next = nextNumber(version.replaceAll('-', ''), step);
    const written = isDated ? next.replace(/^(\d{4})(\d{2})(\d{2})/, '$1-$2-$3-') : next;
    const path = `${above}${written}${separator}${words}/up.sql`;
    return naturalOrder(last, path) < 0 ? path : null;
  };
}

/** Tools that compare names, not numbers: 10 would come before 9. */
function counted(
  digits: string | undefined,
  folder: string,
  make: (version: string, words: string) => string,
  last: string,
): Naming | null {
  if (digits === undefined) return null;
  return (step, words) => {
    const version = nextNumber(digits, step);
    const path = make(version, words);
    return version.length === digits.length && compareText(last.slice(folder.length), path.slice(folder.length)) < 0
      ? path
      : null;
  };
}

/** The number `step` further on, as many digits wide; a time stamp goes on by minutes. */
function nextNumber(digits: string, step: number): string {
  let time = timeOf(digits);
  // What is no time is a number like any other.
  if (!time) return (BigInt(digits) + BigInt(step)).toString().padStart(digits.length, '0');
  for (let minutes = 0; minutes < step; minutes++) time = nextMinute(time);
  const { year, month, day, hour, minute } = time;
  const two = [month, day, hour, minute].map((part) => String(part).padStart(2, '0')).join('');
  return `${String(year).padStart(4, '0')}${two}${digits.slice(12)}`;
}

interface Time {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/** `20240131235959`, `202401312359`: a point in time; null for other numbers. */
function timeOf(digits: string): Time | null {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})\d*$/.exec(digits);
  if (!match) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = match.slice(1).map(Number);
  const isTime = month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month) && hour < 24 && minute < 60;
  return isTime ? { year, month, day, hour, minute } : null;
}

function nextMinute(time: Time): Time {
  if (time.minute < 59) return { ...time, minute: time.minute + 1 };
  if (time.hour < 23) return { ...time, minute: 0, hour: time.hour + 1 };
  const start = { ...time, minute: 0, hour: 0 };
  if (time.day < daysOf(time.year, time.month)) return { ...start, day: time.day + 1 };
  return time.month < 12
    ? { ...start, day: 1, month: time.month + 1 }
    : { ...start, day: 1, month: 1, year: time.year + 1 };
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
