import type { Node } from '@pgsql/types';
import type { Known } from './constantText.ts';

/** One SQL statement that a DO block or a function runs. */
export interface InnerStatement {
  readonly text: string;
  /** Null where it does not parse: then it is in `opaque` too. */
  readonly tree: Node | null;
  /** UTF-16 offset into the text that was given, of the statement or at least of its line. */
  readonly offset: number;
  /** Line in that text, from 1. */
  readonly line: number;
  /** From EXECUTE of a text that is known; not a statement that stands in the body. */
  readonly dynamic: boolean;
  /** Inside IF, CASE, a loop or an exception handler: may run not at all, or more than once. */
  readonly conditional: boolean;
  /** Inside CASE, a loop or an exception handler: whether it runs hangs on more than the guards. */
  readonly loose: boolean;
  /** From EXECUTE of a text in which a quoted name or literal is not known: UNKNOWN_NAME stands there. */
  readonly placeholder: boolean;
  /** An expression (`IF EXISTS (SELECT …)`), given as `SELECT` of it. */
  readonly expression: boolean;
  /** PERFORM or CALL: run for what it does, nobody wants a value. */
  readonly performs: boolean;
  /** What the IFs around it ask, outermost first. */
  readonly guards: readonly Guard[];
}

/** A condition as written, with the values of the variables that are known there. One object for one run of one IF. */
export interface Condition {
  readonly query: string;
  /** Of `SELECT` of it; null where it does not parse. */
  readonly tree: Node | null;
  readonly known: Known;
}

/** The branch of an IF: runs if the condition is as said. */
export interface Guard {
  readonly condition: Condition;
  readonly holds: boolean;
}

/** What can't be known of a body, at its place. */
export interface OpaqueInner {
  readonly reason: string;
  readonly offset: number;
  readonly line: number;
  /** What the IFs around it ask, outermost first. */
  readonly guards: readonly Guard[];
  /** How many of the statements stand before it. */
  readonly position: number;
}

/** A RETURN: nothing behind it runs. */
export interface Exit {
  readonly guards: readonly Guard[];
  /** How many of the statements stand before it. */
  readonly position: number;
}

export interface InnerStatements {
  readonly statements: readonly InnerStatement[];
  readonly opaque: readonly OpaqueInner[];
  readonly exits: readonly Exit[];
}
