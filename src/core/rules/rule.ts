import type { MigrationAnalysis, StatementAnalysis } from '../analyze.ts';

export type Severity = 'error' | 'warning' | 'information' | 'hint';

/** What is wrong, in a word; documented in docs/cli.md and part of `lint --format json`. */
export type Cause =
  | 'blocks' // this statement's own work, growing with the table, under a lock that stops others
  | 'fails' // on a table with rows
  | 'holds' // locks held together or too long
  | 'rows' // sweeping DML
  | 'loses data'
  | 'breaks code'
  | 'hygiene'
  | 'preference';

/** One replacement in a file: UTF-16 offsets. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

/** A quick fix: edits of the migration's own file, and files to be made beside it. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** New files, path relative to the history's root. */
  readonly newFiles?: readonly { readonly path: string; readonly text: string }[];
}

/** A rule's verdict on a statement. */
export interface Finding {
  readonly rule: string;
  readonly cause: Cause;
  readonly severity: Severity;
  /** What happens here (the user's own names), why it matters, and what to do instead, ready to paste. */
  readonly message: string;
  /** Index of the statement in its file. */
  readonly statement: number;
  /** UTF-16 range in the file that is underlined. */
  readonly start: number;
  readonly end: number;
  readonly startLine: number;
  readonly fixes: readonly Fix[];
}

/** What a rule reports; the engine adds id, default severity and place. */
export interface Report {
  readonly message: string;
  readonly cause?: Cause;
  readonly severity?: Severity;
  /** Underline only this part of the statement. */
  readonly range?: { readonly start: number; readonly end: number };
  readonly fixes?: readonly Fix[];
}

export interface RuleContext {
  readonly statement: StatementAnalysis;
  readonly migration: MigrationAnalysis;
  readonly report: (report: Report) => void;
}

export interface RuleMeta {
  readonly title: string;
  readonly severity: Severity;
  readonly cause: Cause;
  readonly why: string;
  readonly instead: string;
  readonly references: readonly string[];
  /** The same rule's name in other tools. */
  readonly alsoKnownAs: Readonly<Record<string, string>>;
}

/** One rule, one file; the file's name is the id. Its metadata is the only copy of its prose. */
export interface Rule {
  readonly id: string;
  readonly meta: RuleMeta;
  readonly examples: { readonly bad: readonly string[]; readonly good: readonly string[] };
  readonly check: (context: RuleContext) => void;
}

export function defineRule(rule: Rule): Rule {
  return rule;
}
