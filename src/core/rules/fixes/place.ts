import type { MigrationAnalysis, StatementAnalysis } from '../../analyze.ts';
import { lockStrength } from '../../effects/effect.ts';
import { isFolderScript } from '../../tools/runners.ts';
import type { History } from '../../tools/tool.ts';
import type { Fix, SchemaField, TextEdit } from '../rule.ts';
import { isDisturbed, laterTexts } from './disturbed.ts';
import type { Rests } from './disturbed.ts';
import { joinEdits } from './joinEdits.ts';
import { newMigrations } from './newMigrations.ts';
import type { NewFile } from './newMigrations.ts';
import type { Piece } from './piece.ts';
import { pieceText } from './piece.ts';
import { optOut, textWithin } from './toolForms.ts';

/** Where a fix stands: the statement that it changes. */
export interface Place {
  readonly statement: StatementAnalysis;
  readonly migration: MigrationAnalysis;
  readonly history: History;
}

/** What becomes of one statement. */
export interface Plan {
  /** "Create the index concurrently"; where it goes is added: "… in prisma/migrations/…". */
  readonly title: string;
  /** Edits within the statement, which stays; null: it goes, and the first piece stands for it. */
  readonly here: readonly TextEdit[] | null;
  /** Edits of other statements of the file, and how many of these go. */
  readonly also?: { readonly edits: readonly TextEdit[]; readonly statements: number };
  /** The comments above the statement are in the pieces already. */
  readonly carriesComments?: true;
  /** In their order, each in a later transaction than the one before. */
  readonly pieces: readonly Piece[];
  readonly rests: Rests;
  /** What comes after the statement in its file may not run before the pieces. */
  readonly tailFollows?: boolean;
  /** Statements after it that begin a transaction of their own again. */
  readonly further?: readonly StatementAnalysis[];
  /** Made with the paths of the new files. */
  readonly steps?: (files: readonly string[]) => readonly string[];
  readonly schemaFields?: readonly SchemaField[];
}

/**
 * Puts the pieces where they run as they have to: behind the statement where each statement is committed by itself, after
 * the script's own COMMIT, else in migrations of their own; nothing where the tool has no place for them.
 */
export function placed(place: Place, plan: Plan): readonly Fix[] {
  const made =
    inPlace(place, plan) ?? afterCommit(place, withComments(place, plan)) ?? inFiles(place, withComments(place, plan));
  if (!made) return [];
  return [
    {
      title: made.where === '' ? plan.title : `${plan.title} ${made.where}`,
      edits: withLostComments(place, joinEdits([...(plan.also?.edits ?? []), ...made.edits]), made.newFiles),
      ...(made.newFiles.length > 0 ? { newFiles: made.newFiles } : {}),
      ...stepsOf(place, plan, made.newFiles),
      ...(plan.schemaFields && plan.schemaFields.length > 0 ? { schemaFields: plan.schemaFields } : {}),
    },
  ];
}

function stepsOf({ history }: Place, plan: Plan, newFiles: readonly NewFile[]): Pick<Fix, 'steps'> {
  const own = plan.steps?.(scriptsOf(newFiles)) ?? [];
  const steps = history.runner === 'atlas' && newFiles.length > 0 ? [...own, ATLAS_STEP] : own;
  return steps.length > 0 ? { steps } : {};
}

const ATLAS_STEP = 'Run atlas migrate hash: atlas.sum has to hold the files as they are now.';

/** The comments above a statement that goes move with it, to the first piece. */
function withComments(place: Place, plan: Plan): Plan {
  const [first, ...others] = plan.pieces;
  if (plan.here !== null || !first || plan.carriesComments === true) return plan;
  return { ...plan, pieces: [{ ...first, sql: `${commentsAbove(place)}${first.sql}` }, ...others] };
}

/** The comments on the lines right above a statement; empty, or closed by a line break. */
export function commentsAbove(place: Place): string {
  const { start } = statementWithComments(place);
  const above = place.migration.migration.text.slice(start, place.statement.statement.start).trim();
  return above === '' ? '' : `${above}\n`;
}

/** Comments within what is rewritten go above it: none is lost. */
function withLostComments(
  { statement, migration }: Place,
  edits: readonly TextEdit[],
  newFiles: readonly NewFile[],
): readonly TextEdit[] {
  const { text } = migration.migration;
  const removals = edits.filter(({ start, end }) => start < end);
  const [from, to] = [Math.min(...removals.map(({ start }) => start)), Math.max(...removals.map(({ end }) => end))];
  const all = new Map(
    migration.statements.flatMap(({ statement: { comments, end } }) =>
      comments.length > 0 && end >= from && (comments[0]?.start ?? to) <= to
        ? comments.map((one) => [one.start, one] as const)
        : [],
    ),
  );
  const inside = [...all.values()].filter(({ start, end }) =>
    removals.some((edit) => edit.start <= start && end <= edit.end),
  );
  if (inside.length === 0) return edits;
  const made = [...edits.map(({ newText }) => newText), ...newFiles.map((file) => file.text)].join('\n');
  const left = new Map<string, number>();
  const lost = inside.filter(({ text: comment }) => {
    const kept = left.get(comment) ?? made.split(comment).length - 1;
    left.set(comment, kept - 1);
    return kept <= 0;
  });
  if (lost.length === 0) return edits;
  const lines = withNewlines(lost.map(({ text: comment }) => `${comment}\n`).join(''), text);
  const at = statement.statement.start;
  const first = edits.findIndex((edit) => edit.start <= at && at < edit.end);
  const over = edits[first];
  if (!over) return joinEdits([...edits, { start: at, end: at, newText: lines }]);
  return edits.map((edit, index) => (index === first ? { ...edit, newText: `${lines}${edit.newText}` } : edit));
}

interface Placement {
  readonly edits: readonly TextEdit[];
  readonly newFiles: readonly NewFile[];
  /** For the title. */
  readonly where: string;
}

/** Tools that run a file statement by statement, whatever else it holds. Prisma, Supabase and Flyway decide by the statements that they find. */
const STATEMENTWISE: ReadonlySet<string> = new Set(['plain', 'sqitch', 'goose', 'golang-migrate']);

function isStatementwise({ statement, migration, history }: Place): boolean {
  return (
    migration.migration.transactionMode === 'autocommit' &&
    statement.transaction.id === null &&
    STATEMENTWISE.has(history.tool)
  );
}

function inPlace(place: Place, { here, pieces, carriesComments }: Plan): Placement | null {
  if (!isStatementwise(place) || !pieces.every((piece) => fitsInline(place, piece))) return null;
  const { statement, migration } = place;
  const { text } = migration.migration;
  const sql = pieces.map(pieceText).join('\n');
  if (here) {
    const added = pieces.length > 0 ? [insertAfter(text, statement.statement.end, sql)] : [];
    return { edits: [...here, ...added], newFiles: [], where: '' };
  }
  const { start, end } =
    carriesComments === true ? { ...statementWithComments(place), end: statement.statement.end } : statement.statement;
  return { edits: [{ start, end, newText: withNewlines(sql, text) }], newFiles: [], where: '' };
}

function fitsInline({ migration, history }: Place, piece: Piece): boolean {
  if (piece.afterDeploy === true) return false;
  // Tools that cut a file at each `;` would cut the block, too.
  return (
    piece.runs !== 'committing' ||
    history.tool === 'sqitch' ||
    (history.tool === 'plain' &&
      history.runner !== 'liquibase' &&
      !/^--\s*(?:\+goose|\+migrate|up\s+migration)\b/im.test(migration.migration.text))
  );
}

/** The script opened the transaction itself, and outside of it each statement is committed. */
function afterCommit(place: Place, plan: Plan): Placement | null {
  const { statement, migration, history } = place;
  const { text, transactionMode } = migration.migration;
  if (
    statement.transaction.openedBy !== 'script' ||
    transactionMode !== 'autocommit' ||
    !STATEMENTWISE.has(history.tool)
  )
    return null;
  if (!plan.pieces.every((piece) => fitsInline(place, piece))) return null;
  const later = migration.statements.filter(({ statement: { index } }) => index > statement.statement.index);
  const commit = later.find((each) => /^(COMMIT|END)$/.test(each.statement.kind));
  if (!commit) return null;
  const between = later.filter(({ statement: { index } }) => index < commit.statement.index);
  const sql = plan.pieces.map(pieceText).join('\n');
  const taken = plan.here ?? [{ ...statementWithComments(place), newText: '' }];
  const mustFollow =
    plan.tailFollows === true ||
    isDisturbed(
      between.map((each) => each.statement.text),
      plan.rests,
    );
  if (!mustFollow || between.length === 0) {
    const edit = insertAfter(text, commit.statement.end, sql);
    return { edits: [...taken, edit], newFiles: [], where: 'after COMMIT' };
  }
  const further = (plan.further ?? []).flatMap((cut) => {
    const before = migration.statements[migration.statements.indexOf(cut) - 1];
    return before ? [insertAfter(text, before.statement.end, 'COMMIT;\nBEGIN;')] : [];
  });
  const split = insertAfter(text, statement.statement.end, `COMMIT;\n${sql === '' ? '' : `${sql}\n`}BEGIN;`);
  if (plan.here) return { edits: [...plan.here, split, ...further], newFiles: [], where: 'between two transactions' };
  const { start } = statementWithComments(place);
  const { end } = statement.statement;
  const newText = withNewlines(`COMMIT;\n${sql}\nBEGIN;`, text);
  return { edits: [{ start, end, newText }], newFiles: [], where: 'between two transactions' };
}

/** A set of more files than that is no help to anybody. */
const MOST_FILES = 16;

function inFiles(place: Place, plan: Plan): Placement | null {
  const { statement, migration, history } = place;
  const { text, range } = migration.migration;
  const { statements } = migration;
  const tail = statements.slice(statements.indexOf(statement) + 1);
  const tailTexts = tail.map((each) => each.statement.text);
  const changesSession = setsSession(migration);
  if (changesSession || isDisturbed(laterTexts(history.migrations, migration.migration), plan.rests)) return null;
  const follows = tail.length > 0 && (plan.tailFollows === true || isDisturbed(tailTexts, plan.rests));
  if (follows && statement.transaction.openedBy === 'script') return null;
  const rest = follows ? tailPieces(place, tail, plan.further ?? []) : [];
  if (!rest || (rest.length > 0 && isDisturbed(laterTexts(history.migrations, migration.migration), tailRests(tail))))
    return null;
  const all = [...plan.pieces, ...rest];
  if (all.length > MOST_FILES) return null;
  const cut: TextEdit[] =
    rest.length > 0
      ? [
          {
            start: Math.max(
              lineAfter(text, statement.statement.end),
              plan.here === null ? statementWithComments(place).end : 0,
            ),
            end: endOf(tail, range.end, text),
            newText: '',
          },
        ]
      : [];
  const staying = statements.length - 1 - (follows ? tail.length : 0) - (plan.also?.statements ?? 0);
  if (plan.here === null && staying === 0) return inOwnFile(place, all, cut);
  const files = newMigrations(history, migration.migration, all);
  if (!files) return null;
  const here = plan.here ?? [{ ...statementWithComments(place), newText: '' }];
  return { edits: [...here, ...cut], newFiles: files, where: whereOf(files) };
}

/** The statement is all that stays in its file: the first piece takes its place there. */
function inOwnFile(place: Place, pieces: readonly Piece[], cut: readonly TextEdit[]): Placement | null {
  const { statement, migration, history } = place;
  const [first, ...others] = pieces;
  if (!first || first.afterDeploy === true) return null;
  const out = optOut(history, migration.migration, first);
  const files = others.length === 0 ? [] : newMigrations(history, migration.migration, others);
  if (!out || !files) return null;
  const { start } = statementWithComments(place);
  const { end } = statement.statement;
  const { text } = migration.migration;
  const newText = withNewlines(textWithin(history, migration.migration, first), text);
  const newFiles = out.settings ? [out.settings, ...files] : files;
  return {
    edits: [...out.edits, { start, end, newText }, ...cut],
    newFiles,
    where: files.length > 0 ? whereOf(files) : '',
  };
}

/** Statements that change what names or rights later ones of the session have. */
const SESSION = /search_path|^SET[^;]*\b(?:ROLE|SESSION AUTHORIZATION)\b/i;

const sessions = new WeakMap<MigrationAnalysis, boolean>();

/** Asked for each finding of a file, so worked out once. */
function setsSession(migration: MigrationAnalysis): boolean {
  let known = sessions.get(migration);
  if (known === undefined) {
    known = migration.statements.some(({ statement: { kind, text } }) => SESSION.test(kind + text));
    sessions.set(migration, known);
  }
  return known;
}

/** What comes after the statement, cut before some of it, as migrations; null where the tool could not run them so, or they would fare worse. */
function tailPieces(
  { statement, migration, history }: Place,
  tail: readonly StatementAnalysis[],
  cuts: readonly StatementAnalysis[],
): readonly Piece[] | null {
  const { text, range } = migration.migration;
  if (tail.some((each) => each.transaction.openedBy === 'script' || TRANSACTION_CONTROL.test(each.statement.kind)))
    return null;
  const name = `${history.tool === 'prisma' ? wordsOf(migration.migration.id) : wordsOf(migration.migration.path)}_rest`;
  const groups: StatementAnalysis[][] = [[]];
  for (const each of tail) {
    if (cuts.includes(each)) groups.push([]);
    groups.at(-1)?.push(each);
  }
  const pieces: Piece[] = [];
  let start = lineAfter(text, statement.statement.end);
  for (const group of groups) {
    const end = group.at(-1)?.statement.end ?? start;
    const closing = text.charAt(end - 1) === ';' ? '' : ';';
    const last = endOf(group, range.end, text);
    const refusing = group.filter(({ effects }) => !effects.transactional);
    if (worksOnNew(group)) return null;
    pieces.push({
      name,
      sql: `${text.slice(start, end)}${closing}${text.slice(end, last)}`.trim(),
      // Several of them are no worse off there than here.
      runs: refusing.length > 0 && group.length === 1 ? 'without a transaction' : 'in a transaction',
    });
    start = last;
  }
  return pieces;
}

const TAKES_AWAY: ReadonlySet<string> = new Set([
  'drop table',
  'drop column',
  'truncate',
  'rename table',
  'rename column',
  'set schema',
]);

/** Of a file that ends the transaction of its tool nobody can say what belongs together. */
const TRANSACTION_CONTROL = /^(?:BEGIN|START TRANSACTION|COMMIT|END|ROLLBACK)/;

/** Works under a strong lock on a table that the file has made before, or takes it away: with the two apart, nobody can know that it is empty. */
function worksOnNew(group: readonly StatementAnalysis[]): boolean {
  const known = group[0]?.before.relations;
  return group.some(({ effects }) =>
    effects.effects.some(
      ({ newRelation, relation, work, lock, causes }) =>
        newRelation &&
        ((work.length > 0 && lockStrength(lock) >= lockStrength('SHARE')) ||
          causes.some(({ operation }) => TAKES_AWAY.has(operation))) &&
        relation.id !== null &&
        known?.has(relation.id) === true,
    ),
  );
}

/** Later migrations may not speak of what the rest of the file speaks of: they would come before it. */
function tailRests(tail: readonly StatementAnalysis[]): Rests {
  return {
    names: tail.flatMap(({ effects }) => effects.effects.map(({ relation }) => relation.name)),
    tables: [],
    columns: [],
  };
}

/** `add_orders` of `20240101_add_orders.up.sql`. */
function wordsOf(path: string): string {
  const script = isFolderScript(path) ? path.slice(0, path.lastIndexOf('/')) : path;
  const name = script.slice(script.lastIndexOf('/') + 1).replace(/(?:\.up)?\.[a-z]*sql$/i, '');
  return name.replace(/^V?[0-9._-]+/, '') || name;
}

/** Where the last statement of the tail ends, the comment behind it on the line too. */
function endOf(tail: readonly StatementAnalysis[], limit: number, text: string): number {
  const end = tail.at(-1)?.statement.end ?? limit;
  const rest = /^[^\n\r]*(?:\r?\n)?/.exec(text.slice(end, limit));
  return end + (/^[ \t]*(?:--[^\n\r]*)?(?:\r?\n)?$/.test(rest?.[0] ?? '') ? (rest?.[0].length ?? 0) : 0);
}

/** The place behind a statement: after the comment on its line and the line break. */
function lineAfter(text: string, end: number): number {
  const rest = /^[ \t]*(?:--[^\n\r]*)?\r?\n/.exec(text.slice(end));
  return end + (rest?.[0].length ?? 0);
}

function whereOf(files: readonly NewFile[]): string {
  const scripts = scriptsOf(files);
  if (scripts.length === 0) return '';
  return scripts.length === 1 ? `in ${scripts[0] ?? ''}` : `in ${String(scripts.length)} migrations of their own`;
}

/** The migrations among some new files. */
function scriptsOf(files: readonly NewFile[]): readonly string[] {
  return files.flatMap(({ path }) => (/(?:\.conf|\bdown\.sql|\/metadata\.toml)$/.test(path) ? [] : [path]));
}

/** Comments that tell what runs the file how to: Liquibase, Graphile Migrate, sqlx, Atlas. They stay where they are. */
const RUNNER_LINE =
  /^--(?:!|[ \t]*(?:liquibase[ \t]+formatted|changeset|rollback|preconditions?|validCheckSum|ignoreLines|no-transaction|atlas:\w+)\b)/i;

/** The statement, the comments on the lines right above it, and the line break behind it. */
export function statementWithComments({ statement, migration }: Place): { start: number; end: number } {
  const { text } = migration.migration;
  let { start } = statement.statement;
  for (const comment of statement.statement.comments.toReversed()) {
    if (migration.script.other.some((part) => part.start <= comment.start && comment.start < part.end)) break;
    if (RUNNER_LINE.test(comment.text)) break;
    if (comment.end > start || !/^[ \t]*\r?\n?[ \t]*$/.test(text.slice(comment.end, start))) continue;
    // A comment behind other SQL on its line belongs to that.
    if (text.slice(text.lastIndexOf('\n', comment.start - 1) + 1, comment.start).trim() !== '') break;
    start = comment.start;
  }
  const { end } = statement.statement;
  const rest = /^[ \t]*\r?\n/.exec(text.slice(end));
  // Of two blank lines around it one is enough.
  const blank = /(?:^|\n)[ \t]*\r?\n$|^$/.test(text.slice(Math.max(start - 200, 0), start))
    ? /^[ \t]*\r?\n[ \t]*\r?\n/
    : null;
  const both = blank?.exec(text.slice(end));
  return { start, end: end + (both ?? rest ?? [''])[0].length };
}

/** An insertion on a line of its own; closes the statement before it where its `;` is missing. */
function insertAfter(text: string, end: number, sql: string): TextEdit {
  const closing = text.charAt(end - 1) === ';' ? '' : ';';
  return { start: end, end, newText: withNewlines(`${closing}\n${sql}`, text) };
}

function withNewlines(sql: string, text: string): string {
  return text.includes('\r\n') ? sql.replaceAll(/\r?\n/g, '\r\n') : sql;
}
