import type { Node } from '@pgsql/types';

/** The two grammars that Lockkeeper reads: PostgreSQL's own (libpg-query), and MySQL/MariaDB (node-sql-parser). */
export type Dialect = 'postgresql' | 'mysql';

/**
 * One SQL statement of a script, with its exact range.
 *
 * `start`, `end` are UTF-16 offsets into the file's text as it lies on disk (a BOM counts): from the first token
 * (comments and white space before it are not part of it) to just after the closing `;`, if there is one.
 */
export interface Statement {
  /** Counts the file's statements from 0. */
  readonly index: number;
  readonly start: number;
  readonly end: number;
  /** The line of `start`, from 1. */
  readonly startLine: number;
  /** The statement's own text, without the closing `;`. */
  readonly text: string;
  /** The command tag, as PostgreSQL spells it (`ALTER TABLE`). Read off the tokens where the text does not parse. */
  readonly kind: string;
  /** PostgreSQL's raw parse tree (`{ CreateStmt: … }`), null where there is none: see `error` and `notAnalysed`. */
  readonly tree: Node | null;
  /** node-sql-parser's tree, of `mysql` histories only. */
  readonly mysqlTree?: unknown;
  /** A syntax error. `offset` is a UTF-16 offset into the file. */
  readonly error: StatementError | null;
  /** Why a statement was not looked into at all, though it may be valid: "too large", "template placeholder" … */
  readonly notAnalysed: string | null;
  /** Comments since the statement before, inside this one, and behind its `;` on the same line, for waivers: UTF-16 range and text. */
  readonly comments: readonly Comment[];
}

export interface StatementError {
  readonly message: string;
  readonly offset: number;
}

export interface Comment {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A script cut into statements. Everything in the text that is neither white space nor a comment is in exactly one of them, or in `other`. */
export interface Script {
  readonly dialect: Dialect;
  readonly text: string;
  readonly statements: readonly Statement[];
  /** What is not SQL: psql meta-commands, COPY data, tool directives. */
  readonly other: readonly ScriptPart[];
  /** What concerns the whole file: a NUL byte, invalid UTF-8. */
  readonly problems: readonly StatementError[];
}

export interface ScriptPart {
  /** A tool directive is a comment that a migration tool reads: `-- migrate:up`. An empty statement is a `;` with nothing before it. */
  readonly kind: 'psql meta-command' | 'copy data' | 'tool directive' | 'empty statement';
  readonly start: number;
  readonly end: number;
}
