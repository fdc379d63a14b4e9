import type { CodeQuestion } from './deployedCode.ts';
import type { FoundUse } from './findUses.ts';

/** A piece of SQL in a text, of the same length as what it was cut from, so that offsets stay. */
interface SqlText {
  readonly offset: number;
  /** In lower case, with string constants and comments blanked. */
  readonly sql: string;
}

/** Longer ones hold data, not queries. */
const LONGEST_SQL = 20_000;

type Ask = (question: CodeQuestion) => readonly FoundUse[];

/** How a literal begins that holds SQL: a quote (of any language), then a verb. */
const SQL_LITERAL =
  /("""|'''|["'`]|\$\$|<<[-~]?["']?(\w+)["']?[^\n]*\n)\s*(?:--[^\n]*\n\s*)*(?:select|insert\s+into|update|delete\s+from|merge\s+into|with|truncate)\s/gi;

/** SQL in string literals of any language, and whole SQL files. */
export const sqlUses: { readonly strings: (text: string) => Ask; readonly file: (text: string) => Ask } = {
  strings: (text) => {
    const pieces = sqlLiterals(text);
    return (question) => pieces.flatMap((piece) => usesIn(piece, question));
  },
  file: (text) => {
    const pieces = splitStatements(text);
    return (question) => pieces.flatMap((piece) => usesIn(piece, question));
  },
};

function sqlLiterals(text: string): readonly SqlText[] {
  const pieces: SqlText[] = [];
  let done = 0;
  for (const match of text.matchAll(SQL_LITERAL)) {
    if (match.index < done) continue;
    const [, opening = '', heredoc] = match;
    const from = match.index + opening.length;
    const [literal, end] = literalFrom(
      text,
      from,
      heredoc === undefined ? opening : `\n${heredoc}`,
      heredoc !== undefined,
    );
    done = end;
    pieces.push({ offset: from, sql: blanked(literal, opening === "'") });
  }
  return pieces;
}

/** The literal's text up to its end, with those that are joined to it (`+`, `.`, side by side); quotes between them as spaces. */
function literalFrom(text: string, from: number, delimiter: string, isHeredoc: boolean): readonly [string, number] {
  let end = closingOf(text, from, delimiter, isHeredoc);
  let literal = text.slice(from, end);
  while (!isHeredoc && (delimiter === '"' || delimiter === "'" || delimiter === '`')) {
    const joint = /^["'`]\s*(?:\+|\.|&|\\)?\s*(?:\/\/[^\n]*\n\s*)?[frbu]?(["'])/.exec(text.slice(end, end + 200));
    const quote = joint?.[1];
    if (!joint || quote === undefined) break;
    const next = end + joint[0].length;
    const close = closingOf(text, next, quote, false);
    literal += ' '.repeat(joint[0].length) + text.slice(next, close);
    end = close;
  }
  return [literal, end];
}

function closingOf(text: string, from: number, delimiter: string, isHeredoc: boolean): number {
  if (isHeredoc) {
    const at = text.slice(from).search(new RegExp(`${delimiter.replace('\n', '\\n[ \\t]*')}\\b`));
    return at < 0 ? text.length : from + at;
  }
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text.startsWith(delimiter, at)) return at;
    else if (text[at] === '\n' && (delimiter === '"' || delimiter === "'")) return at;
  }
  return text.length;
}

function splitStatements(text: string): readonly SqlText[] {
  const bare = blanked(text, false);
  const pieces: SqlText[] = [];
  let from = 0;
  for (const sql of bare.split(';')) {
    if (/^\s*(?:select|insert|update|delete|merge|with|truncate)\b/.test(sql)) pieces.push({ offset: from, sql });
    from += sql.length + 1;
  }
  return pieces;
}

/** Lower case, with comments and string constants as spaces. */
function blanked(sql: string, inSingleQuotes: boolean): string {
  const constants = inSingleQuotes ? /--[^\n]*|\/\*[^]*?\*\//g : /--[^\n]*|\/\*[^]*?\*\/|'(?:[^']|'')*'/g;
  return sql.replaceAll(constants, (part) => part.replaceAll(/[^\n]/g, ' ')).toLowerCase();
}

/** A table's name where a query names tables. */
const TABLES =
  /\b(?:from|join|update|into|using|table|only)\s+(?:only\s+)?((?:"?[\w$]+"?\s*\.\s*)?"?[\w$]+"?)(?:\s+(?:as\s+)?(?!on\b|where\b|set\b|using\b|values\b|left\b|right\b|inner\b|outer\b|full\b|cross\b|join\b|order\b|group\b|limit\b|returning\b|natural\b|select\b)"?([\w$]+)"?)?/g;

function usesIn({ offset, sql }: SqlText, { kind, schema, table, column }: CodeQuestion): readonly FoundUse[] {
  const name = table.toLowerCase();
  if (sql.length > LONGEST_SQL || !sql.includes(name)) return [];
  const named: { at: number; alias: string }[] = [];
  const others = new Set<string>();
  for (const match of sql.matchAll(TABLES)) {
    const [whole, written = '', alias] = match;
    const parts = written.replaceAll(/["\s]/g, '').split('.');
    const own = parts.at(-1) ?? '';
    if (own === name && (parts.length === 1 || parts[0] === schema.toLowerCase()))
      named.push({ at: match.index + whole.indexOf(written), alias: alias ?? own });
    else others.add(alias ?? own);
  }
  for (const { at, written, alias } of listedTables(sql)) {
    if (written.split('.').at(-1) === name) named.push({ at, alias });
    else others.add(alias);
  }
  const [first] = named;
  if (!first) return [];
  if (kind === 'table gone' || column === null) return [{ offset: offset + first.at, kind: 'SQL' }];
  const wanted = column.toLowerCase();
  if (kind === 'column required')
    return insertsWithout(sql, name, wanted).map((at) => ({ offset: offset + at, kind: 'SQL' }));
  const aliases = new Set([...named.map(({ alias }) => alias), name]);
  const hidden = foreignInsertList(sql, name);
  const word = new RegExp(`(?:"?([\\w$]+)"?\\s*\\.\\s*)?(?<![\\w$@:#-])"?${escaped(wanted)}"?(?![\\w$(])`, 'g');
  for (const match of sql.matchAll(word)) {
    const [whole, qualifier] = match;
    const at = match.index + whole.lastIndexOf(wanted);
    if (at >= hidden.start && at < hidden.end) continue;
    if (qualifier !== undefined && others.has(qualifier) && !aliases.has(qualifier)) continue;
    // Another table's name, or the alias itself: `FROM note n`.
    if (qualifier === undefined && named.some((each) => each.at === at)) continue;
    return [{ offset: offset + at, kind: 'SQL' }];
  }
  return [];
}

/** The tables behind the first of `FROM a, b AS c`. */
function listedTables(sql: string): readonly { at: number; written: string; alias: string }[] {
  const lists = sql.matchAll(
    /\bfrom\s+([^(),;]+(?:,[^(),;]+)+?)(?=\b(?:where|join|left|right|inner|cross|order|group|limit|union|returning)\b|[();]|$)/g,
  );
  return [...lists].flatMap(({ index, 0: whole, 1: list = '' }) => {
    let at = index + whole.indexOf(list);
    return list.split(',').flatMap((part, position) => {
      const start = at + part.search(/\S|$/);
      at += part.length + 1;
      const [written = '', ...words] = part.trim().replaceAll('"', '').split(/\s+/);
      return position === 0 ? [] : [{ at: start, written, alias: words.at(-1) ?? written }];
    });
  });
}

/** INSERTs into the table that list their columns and leave this one out. */
function insertsWithout(sql: string, table: string, column: string): readonly number[] {
  const insert = new RegExp(
    `\\binsert\\s+into\\s+(?:"?[\\w$]+"?\\s*\\.\\s*)?"?${escaped(table)}"?\\s*(?:as\\s+\\w+\\s*)?\\(([^()]*)\\)`,
    'g',
  );
  return [...sql.matchAll(insert)].flatMap(({ index, 1: list = '' }) => {
    const columns = list.split(',').map((part) => part.trim().replaceAll('"', ''));
    // A list that is put together at run time tells nothing.
    if (columns.some((each) => !/^[\w$]+$/.test(each))) return [];
    return columns.includes(column) ? [] : [index];
  });
}

/** The column list of an INSERT into another table: its names are not this table's. */
function foreignInsertList(sql: string, table: string): { readonly start: number; readonly end: number } {
  const match = /\binsert\s+into\s+((?:"?[\w$]+"?\s*\.\s*)?"?[\w$]+"?)\s*(?:as\s+\w+\s*)?\([^()]*\)/.exec(sql);
  const into = match?.[1]?.replaceAll(/["\s]/g, '').split('.').at(-1);
  return match && into !== table ? { start: match.index, end: match.index + match[0].length } : { start: 0, end: 0 };
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
