import type { TextRange } from '../tools/tool.ts';
import { splitMysql } from './mysqlSplit.ts';
import type { Script, Statement } from './statement.ts';
import { tokenTag } from './tokenTag.ts';

/** What is needed of node-sql-parser's `Parser`, made from `node-sql-parser/build/mysql` or `…/mariadb`. */
export interface MysqlParser {
  /** A statement's tree, or an array of them. */
  readonly astify: (sql: string) => unknown;
}

const LARGEST = 256 * 1024;

/**
 * Cuts a MySQL or MariaDB script into statements and parses each. Total. What node-sql-parser does not know is no syntax
 * error (it reads 31 of 35 ordinary statements): it is said to be not analysed.
 *
 * @param parser null where a front end did not load it
 */
export function parseMysqlScript(text: string, parser: MysqlParser | null, range: TextRange): Script {
  const { pieces, other } = splitMysql(text, range.start, range.end);
  let line = 1;
  let counted = 0;
  const statements = pieces.map((piece, index): Statement => {
    for (let at = text.indexOf('\n', counted); at >= 0 && at < piece.start; at = text.indexOf('\n', at + 1)) line++;
    counted = piece.start;
    const sql = text.slice(piece.start, piece.textEnd);
    const read = parser ? readStatement(sql, parser) : { tree: null, reason: 'the MySQL parser is not loaded' };
    return {
      index,
      start: piece.start,
      end: piece.end,
      startLine: line,
      text: sql,
      kind: mysqlTag(sql),
      tree: null,
      mysqlTree: read.tree,
      error: null,
      notAnalysed: read.reason,
      comments: piece.comments,
    };
  });
  const nul = text.indexOf('\0', range.start);
  const problems = nul >= 0 && nul < range.end ? [{ message: 'The file holds a NUL byte.', offset: nul }] : [];
  return { dialect: 'mysql', text, statements, other, problems };
}

function readStatement(sql: string, parser: MysqlParser): { tree: unknown; reason: string | null } {
  if (sql.length > LARGEST) return { tree: null, reason: 'too large' };
  const placeholder = /\{\{.*?\}\}|\$\{[^}\n]*\}/.exec(sql)?.[0];
  if (placeholder !== undefined) return { tree: null, reason: `template placeholder ${placeholder}` };
  try {
    const parsed = parser.astify(sql);
    const tree: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
    return tree ? { tree, reason: null } : { tree: null, reason: 'MySQL statement that the parser does not know' };
  } catch {
    // Its messages list hundreds of expected tokens and say nothing to people.
    return { tree: null, reason: 'MySQL statement that the parser does not know' };
  }
}

/** MySQL has no command tags; PostgreSQL's names for the same statements, and MySQL's own words for others. */
function mysqlTag(sql: string): string {
  const words = /^[A-Za-z]+(?:\s+[A-Za-z]+)?/.exec(sql.trim())?.[0].replace(/\s+/g, ' ').toUpperCase() ?? '';
  if (words === 'RENAME TABLE' || words === 'OPTIMIZE TABLE') return words;
  const tag = tokenTag(sql.replace(/^(CREATE\s+)(?:FULLTEXT|SPATIAL)\s+/i, '$1'));
  return tag === '???' ? words.split(' ')[0] || tag : tag;
}
