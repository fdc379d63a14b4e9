import { earlierAnalysis } from '../analyze.ts';
import type { MigrationAnalysis, StatementAnalysis, TransactionState } from '../analyze.ts';
import type { StatementEffects } from '../effects/effect.ts';
import type { Statement } from '../sql/statement.ts';
import type { Finding, Wanting } from './rule.ts';

/**
 * What an edit changed in a file. The statements before `first` say what they said; so do those behind the changed ones,
 * at another place.
 */
export interface Edit {
  readonly earlier: MigrationAnalysis;
  readonly now: MigrationAnalysis;
  readonly first: number;
  /** How many statements the edit changed: as many as there were, and as there are. */
  readonly old: number;
  readonly made: number;
  /** No other statement has come to stand in another line or under another number, and the catalogs around the file are the same. */
  readonly isLocal: boolean;
}

/** What changed since the analysis before; null where there was none. */
export function editOf(now: MigrationAnalysis): Edit | null {
  const earlier = earlierAnalysis(now);
  if (earlier === undefined) return null;
  const [before, after] = [earlier.statements, now.statements];
  const shorter = Math.min(before.length, after.length);
  let first = 0;
  while (first < shorter && saysTheSame(before[first], after[first])) first++;
  let behind = 0;
  while (behind < shorter - first && saysTheSame(before.at(-1 - behind), after.at(-1 - behind))) behind++;
  const old = before.length - first - behind;
  const made = after.length - first - behind;
  return { earlier, now, first, old, made, isLocal: old === made && sameFrame(earlier, now) && sameLine(earlier, now) };
}

/** Where a statement stood before the edit; null of one that the edit changed. */
export function placeBefore({ first, old, made }: Edit, index: number): number | null {
  if (index < first) return index;
  return index < first + made ? null : index - made + old;
}

/** Whether the edit may change what a rule says: whether it changed statements that decide it. */
export function concerns(rule: Wanting, { earlier, now, first, old, made, isLocal }: Edit): boolean {
  const { wants, alsoReads } = rule;
  if (!isLocal || alsoReads === undefined) return true;
  const decides = (each: StatementAnalysis): boolean => wants?.(each) === true || alsoReads(each);
  return (
    earlier.statements.slice(first, first + old).some(decides) || now.statements.slice(first, first + made).some(decides)
  );
}

/** A finding at the place where its statement stands now. */
export function movedFinding(finding: Finding, from: Statement, to: Statement): Finding {
  const by = to.start - from.start;
  const lines = to.startLine - from.startLine;
  if (by === 0 && lines === 0 && from.index === to.index) return finding;
  return {
    ...finding,
    statement: to.index,
    start: finding.start + by,
    end: finding.end + by,
    startLine: finding.startLine + lines,
    fixes: finding.fixes.map((fix) => ({
      ...fix,
      edits: fix.edits.map((edit) => ({ ...edit, start: edit.start + by, end: edit.end + by })),
    })),
  };
}

/** Whether any rule must say the same of both, but for their places. */
function saysTheSame(a: StatementAnalysis | undefined, b: StatementAnalysis | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return a.after === b.after && sameTransaction(a.transaction, b.transaction) && readsSame(a, b);
}

/** Whether a statement rule must say the same of both. */
export function readsSame(a: StatementAnalysis, b: StatementAnalysis): boolean {
  return (
    a === b ||
    (sameEffects(a.effects, b.effects) &&
      a.before === b.before &&
      (a.transaction.id === null) === (b.transaction.id === null) &&
      a.transaction.openedBy === b.transaction.openedBy &&
      (a.statement === b.statement ||
        (a.statement.text === b.statement.text && sameComments(a.statement, b.statement))))
  );
}

/** The same, but for the places of what could not be looked into: they move with the statement. */
function sameEffects(a: StatementEffects, b: StatementEffects): boolean {
  return a === b || (a.effects === b.effects && a.opaque.length === b.opaque.length);
}

function sameComments(a: Statement, b: Statement): boolean {
  return (
    a.comments.length === b.comments.length &&
    a.comments.every(({ start, text }, index) => {
      const other = b.comments[index];
      return other?.text === text && other.start - b.start === start - a.start;
    })
  );
}

function sameTransaction(a: TransactionState, b: TransactionState): boolean {
  return a === b || (a.id === b.id && a.openedBy === b.openedBy && a.first === b.first);
}

/** All that a rule may read of a file besides its statements and its text. */
function sameFrame(a: MigrationAnalysis, b: MigrationAnalysis): boolean {
  const [old, now] = [a.migration, b.migration];
  return (
    a.before === b.before &&
    a.after === b.after &&
    old.id === now.id &&
    old.path === now.path &&
    old.transactionMode === now.transactionMode &&
    old.rollback?.text === now.rollback?.text
  );
}

/** Findings name lines of other statements. */
function sameLine(a: MigrationAnalysis, b: MigrationAnalysis): boolean {
  return a.statements.at(-1)?.statement.startLine === b.statements.at(-1)?.statement.startLine;
}
