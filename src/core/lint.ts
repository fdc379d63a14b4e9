import type { HistoryAnalysis, MigrationAnalysis } from './analyze.ts';
import { lintMigration } from './rules/engine.ts';
import type { RuleSettings } from './rules/engine.ts';
import { RULES } from './rules/registry.ts';
import type { Finding, Severity } from './rules/rule.ts';
import { SEVERITIES } from './rules/rule.ts';
import type { Migration } from './tools/tool.ts';

export interface LintOptions {
  /** Whose findings are wanted; the other migrations only feed the catalog. */
  readonly speaks: (migration: Migration) => boolean;
  /** Neither applied nor on the default branch: only such a migration gets fixes. Without it, none. */
  readonly mayEdit?: (migration: Migration) => boolean;
  /** The project's configuration: `rules` switches a rule off or gives it another severity. */
  readonly config: { readonly rules?: RuleSettings };
}

/** The findings of one migration's file. */
export interface FileLint {
  /** The migration's path, relative to the history's root. */
  readonly file: string;
  readonly migration: Migration;
  readonly analysis: MigrationAnalysis;
  /** In the order of the text. */
  readonly findings: readonly Finding[];
  /** Statements in the file, and how many of them were analysed wholly. */
  readonly statements: number;
  readonly analysed: number;
}

export interface LintSummary {
  readonly files: number;
  readonly statements: number;
  readonly analysed: number;
  readonly findings: Readonly<Record<Severity, number>>;
}

export interface LintResult {
  readonly history: HistoryAnalysis['history'];
  readonly files: readonly FileLint[];
  readonly summary: LintSummary;
}

const ONCE_PER_HISTORY: ReadonlySet<string> = new Set(
  RULES.filter(({ oncePerHistory }) => oncePerHistory).map(({ id }) => id),
);

const AS_THEY_COME: RuleSettings = {};

/**
 * The findings of a history's migrations that speak, one entry a migration. What did not change since the last analysis
 * (the same effects, in the same transaction) is not looked at again.
 */
export function lintHistory(analysis: HistoryAnalysis, options: LintOptions): LintResult {
  const said = new Set<string>();
  const files: FileLint[] = [];
  for (const migration of analysis.migrations) {
    if (!options.speaks(migration.migration)) continue;
    const mayEdit = options.mayEdit?.(migration.migration) ?? false;
    const found = lintMigration(migration, analysis, { settings: options.config.rules ?? AS_THEY_COME, mayEdit });
    const findings = found.filter(({ rule }) => {
      if (!ONCE_PER_HISTORY.has(rule)) return true;
      const isFirst = !said.has(rule);
      said.add(rule);
      return isFirst;
    });
    files.push({
      file: migration.migration.path,
      migration: migration.migration,
      analysis: migration,
      findings: findings.length === found.length ? found : findings,
      statements: migration.statements.length,
      analysed: migration.statements.filter(isAnalysed).length,
    });
  }
  return { history: analysis.history, files, summary: summarize(files) };
}

function isAnalysed({ statement, effects }: MigrationAnalysis['statements'][number]): boolean {
  return statement.error === null && statement.notAnalysed === null && effects.opaque.length === 0;
}

/** Counts over files, of several histories too. */
export function summarize(files: readonly FileLint[]): LintSummary {
  const findings: Record<Severity, number> = { error: 0, warning: 0, information: 0, hint: 0 };
  for (const file of files) for (const { severity } of file.findings) findings[severity]++;
  return {
    files: files.length,
    statements: files.reduce((sum, { statements }) => sum + statements, 0),
    analysed: files.reduce((sum, { analysed }) => sum + analysed, 0),
    findings,
  };
}

/** The gravest severity among some findings, null where there are none. */
export function gravest(findings: readonly Finding[]): Severity | null {
  return SEVERITIES.find((severity) => findings.some((finding) => finding.severity === severity)) ?? null;
}
