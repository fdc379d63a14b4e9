import type { MigrationAnalysis } from '../analyze.ts';
import type { Comment } from '../sql/statement.ts';
import type { Finding } from './rule.ts';

export interface Waiver {
  readonly rule: string;
  /** Empty where none was given: such a waiver counts for nothing. */
  readonly reason: string;
}

const WAIVER = /^(?:--|\/\*)\s*lockkeeper-ignore\s+([a-z0-9-]+)\s*(?::([^]*?))?(?:\*\/)?$/;

/** Reads `-- lockkeeper-ignore <rule>: <reason>`; undefined for any other comment. */
export function readWaiver({ text }: Pick<Comment, 'text'>): Waiver | undefined {
  const match = WAIVER.exec(text.trim());
  return match?.[1] === undefined ? undefined : { rule: match[1], reason: (match[2] ?? '').trim() };
}

/** Leaves out the findings that a comment before the statement, or inside it, accepts with a reason. */
export function applyWaivers({ statements, migration }: MigrationAnalysis, findings: readonly Finding[]): Finding[] {
  if (!migration.text.includes('lockkeeper-ignore')) return [...findings];
  const accepted = new Set<string>();
  for (const { statement } of statements) {
    for (const comment of statement.comments) {
      const waiver = readWaiver(comment);
      if (waiver && waiver.reason !== '') accepted.add(`${String(statement.index)} ${waiver.rule}`);
    }
  }
  return findings.filter(({ rule, statement }) => !accepted.has(`${String(statement)} ${rule}`));
}
