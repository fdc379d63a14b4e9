import { earlierAnalysis, sameTransaction } from '../analyze.ts';
import type { MigrationAnalysis, StatementAnalysis } from '../analyze.ts';
import type { StatementEffects } from '../effects/effect.ts';
import type { Statement } from '../sql/statement.ts';
import type { Finding, Fix, Wanting } from './rule.ts';

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

const edits = new WeakMap<MigrationAnalysis, Edit>();

/** What changed since the analysis before; null where there was none, or where it is no longer known. */
export function editOf(now: MigrationAnalysis): Edit | null {
  const earlier = earlierAnalysis(now);
  if (earlier === undefined) return null;
  let edit = edits.get(now);
  if (edit?.earlier !== earlier) {
    edit = editSince(earlier, now);
    edits.set(now, edit);
    // It holds the analysis before: with a chain of them a session would keep every text that was ever typed.
    edits.delete(earlier);
  }
  return edit;
}

function editSince(earlier: MigrationAnalysis, now: MigrationAnalysis): Edit {
  const [before, after] = [earlier.statements, now.statements];
  const shorter = Math.min(before.length, after.length);
  // Findings name lines of other statements.
  let movedLines = 0;
  const isSame = (index: number, other: number): boolean => {
    const [a, b] = [before[index], after[other]];
    if (a === undefined || b === undefined || !saysTheSame(a, b)) return false;
    if (a.statement.startLine !== b.statement.startLine) movedLines++;
    return true;
  };
  let first = 0;
  while (first < shorter && isSame(first, first)) first++;
  let [old, made] = [before.length - first, after.length - first];
  while (old > 0 && made > 0 && isSame(first + old - 1, first + made - 1)) {
    old--;
    made--;
  }
  return { earlier, now, first, old, made, isLocal: old === made && movedLines === 0 && sameFrame(earlier, now) };
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
    earlier.statements.slice(first, first + old).some(decides) ||
    now.statements.slice(first, first + made).some(decides)
  );
}

/** What a rule that the edit does not concern has said, at the places where the statements stand now. */
export function movedFindings(findings: readonly Finding[], { earlier, now }: Edit): readonly Finding[] {
  if (findings.length === 0) return findings;
  return findings.map((finding) => {
    const from = earlier.statements[finding.statement]?.statement;
    const to = now.statements[finding.statement]?.statement;
    return from && to ? movedFinding(finding, from, to) : finding;
  });
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
    fixes: finding.fixes.length === 0 ? finding.fixes : finding.fixes.map((fix) => movedFix(fix, by)),
  };
}

function movedFix(fix: Fix, by: number): Fix {
  return { ...fix, edits: fix.edits.map((edit) => ({ ...edit, start: edit.start + by, end: edit.end + by })) };
}

/** Whether any rule must say the same of both, but for their places. */
function saysTheSame(a: StatementAnalysis, b: StatementAnalysis): boolean {
  return a === b || (a.after === b.after && sameTransaction(a.transaction, b.transaction) && readsSame(a, b));
}

/** Whether a statement rule must say the same of both. */
export function readsSame(a: StatementAnalysis, b: StatementAnalysis): boolean {
  return (
    a === b ||
    (sameEffects(a.effects, b.effects) &&
      a.before === b.before &&
      (a.transaction.id === null) === (b.transaction.id === null) &&
      a.transaction.openedBy === b.transaction.openedBy &&
      (a.statement === b.statement || sameStatement(a.statement, b.statement)))
  );
}

/** The same text, with its semicolon and comments, perhaps at another place. */
function sameStatement(a: Statement, b: Statement): boolean {
  return a.text === b.text && a.end - a.start === b.end - b.start && sameComments(a, b);
}

/** The same, but for the places of what could not be looked into: they move with the statement. */
function sameEffects(a: StatementEffects, b: StatementEffects): boolean {
  return a === b || (a.effects === b.effects && a.opaque.length === b.opaque.length);
}

function sameComments(a: Statement, b: Statement): boolean {
  return (
    a.comments.length === b.comments.length &&
    (a.comments.length === 0 ||
      a.comments.every(({ start, text }, index) => {
        const other = b.comments[index];
        return other?.text === text && other.start - b.start === start - a.start;
      }))
  );
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
