import type { HistoryAnalysis, MigrationAnalysis } from './analyze.ts';
import { lintHistory } from './lint.ts';
import type { LintOptions } from './lint.ts';
import type { Cause, Finding, Severity } from './rules/rule.ts';
import type { Migration } from './tools/tool.ts';

/** An old migration, and what would hurt if it ran today. */
export interface ScannedMigration {
  readonly migration: Migration;
  readonly analysis: MigrationAnalysis;
  /** The worst first. Waived ones are not among them. */
  readonly findings: readonly Finding[];
  /** More hurts more; only good for an order. 0: nothing to say. */
  readonly score: number;
}

/** What a finding's cause weighs: people feel an outage more than an untidy file. */
const CAUSES: Readonly<Record<Cause, number>> = {
  blocks: 8,
  fails: 6,
  holds: 5,
  'loses data': 5,
  'breaks code': 4,
  rows: 3,
  hygiene: 0,
  preference: 0,
};
const SEVERITIES: Readonly<Record<Severity, number>> = { error: 8, warning: 3, information: 1, hint: 0 };

/**
 * Scan History: the migrations that do not speak, ranked by what they would do if they ran today, on the sizes that the
 * tables have now. Outside of lint: nobody is asked to change them. `options.speaks` says which ones are new and left out.
 *
 * @returns only those that would hurt, the worst first; equal ones newest first
 */
export function scanHistory(
  analysis: HistoryAnalysis,
  options: Pick<LintOptions, 'speaks' | 'config' | 'facts'>,
): readonly ScannedMigration[] {
  const isOld = (migration: Migration): boolean => !options.speaks(migration);
  // What is deployed, merged or applied says nothing about an old migration: all of it has happened.
  const facts = {
    ...(options.facts?.statistics ? { statistics: options.facts.statistics } : {}),
    ...(options.facts?.today === undefined ? {} : { today: options.facts.today }),
  };
  const { files } = lintHistory(analysis, {
    speaks: isOld,
    config: options.config,
    facts,
    // Old names are gone: sizes are those of the tables as they are called today.
    namesIn: ({ migrations }) => migrations.at(-1)?.after,
  });
  return files
    .map(({ migration, analysis: analysed, findings }): ScannedMigration => {
      const scored = findings
        .map((finding) => ({ finding, score: scoreOf(finding) }))
        .filter(({ score }) => score > 0)
        .sort((a, b) => b.score - a.score);
      // Ten brief things are not as bad as one long one: the worst counts most.
      const score = scored.reduce((sum, each, index) => sum + each.score / 2 ** index, 0);
      return { migration, analysis: analysed, findings: scored.map(({ finding }) => finding), score };
    })
    .filter(({ score }) => score > 0)
    .reverse()
    .sort((a, b) => b.score - a.score);
}

function scoreOf({ cause, severity, estimate }: Finding): number {
  // An hour weighs ten times a minute's worth, and not sixty times: what is long is long.
  const stall = estimate === undefined ? 0 : Math.log10(1 + estimate.high / 1000);
  return CAUSES[cause] * SEVERITIES[severity] * (1 + stall);
}
