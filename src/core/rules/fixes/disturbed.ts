import type { Migration } from '../../tools/tool.ts';
import { tokensOf } from './tokens.ts';
import type { Token } from './tokens.ts';

/** What SQL that moves behind other SQL rests on. */
export interface Rests {
  /** Names that nobody may have touched meanwhile: the index, the constraint. Any mention counts. */
  readonly names: readonly string[];
  /** Tables that must be there, under this name. */
  readonly tables: readonly string[];
  /** Columns of those tables that must be there, under this name. */
  readonly columns: readonly string[];
}

/** True where one of the statements would take away, or want early, what SQL that runs after it rests on. By names alone: better once too often. */
export function isDisturbed(texts: readonly string[], rests: Rests): boolean {
  const names = rests.names.map((name) => name.toLowerCase());
  const tables = rests.tables.map((name) => name.toLowerCase());
  // Asked for each finding about each statement after it: most speak of none of this, and need not be cut into tokens.
  const maySpeak = (text: string): boolean => {
    const lower = text.toLowerCase();
    const says = (word: string): boolean => lower.includes(word);
    return names.some(says) || SESSION_WORDS.some(says) || (TAKING_WORDS.some(says) && tables.some(says));
  };
  return texts.some((text) => maySpeak(text) && statementTokens(text).some((tokens) => disturbs(tokens, rests)));
}

const SESSION_WORDS = ['search_path', 'role', 'authorization'];
const TAKING_WORDS = ['rename', 'drop', 'schema'];

/** The texts of the migrations after one. */
export function laterTexts(migrations: readonly Migration[], migration: Migration): readonly string[] {
  const index = migrations.findIndex(({ id }) => id === migration.id);
  return migrations.slice(index + 1).map(({ text, range }) => text.slice(range.start, range.end));
}

function disturbs(tokens: readonly Token[], { names, tables, columns }: Rests): boolean {
  const mentions = (wanted: readonly string[]): boolean =>
    tokens.some(
      ({ kind, text }) =>
        (kind === 'string' && wanted.some((name) => text.includes(name))) ||
        ((kind === 'word' || kind === 'quoted identifier') && wanted.includes(text)),
    );
  if (mentions(names)) return true;
  const has = (word: string): boolean => tokens.some(({ kind, text }) => kind === 'word' && text === word);
  if (has('search_path') || (has('set') && (has('role') || has('authorization')))) return true;
  if (!mentions(tables)) return false;
  const dropsTable = tokens[0]?.text === 'drop' && tokens[1]?.text === 'table';
  return has('rename') || (has('set') && has('schema')) || dropsTable || (has('drop') && mentions(columns));
}

/** The tokens of a script, statement by statement. */
function statementTokens(text: string): readonly (readonly Token[])[] {
  const groups: Token[][] = [[]];
  for (const token of tokensOf(text)) {
    if (token.kind === 'other' && token.text === ';') groups.push([]);
    else groups.at(-1)?.push(token);
  }
  return groups.filter((group) => group.length > 0);
}
