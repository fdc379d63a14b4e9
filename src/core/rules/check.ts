import type { HistoryAnalysis, MigrationAnalysis, StatementAnalysis } from '../analyze.ts';
import type { EffectCause, StatementEffects } from '../effects/effect.ts';
import { nodeKind } from '../sql/tree.ts';
import { isOn, makeFinding, makeFindingAt } from './finding.ts';
import type { EngineOptions } from './finding.ts';
import { pendingFrom } from './pending.ts';
import { RULES } from './registry.ts';
import type {
  Finding,
  HistoryRule,
  Match,
  MigrationRule,
  Report,
  StatementContext,
  StatementRule,
  WaiverRule,
} from './rule.ts';
import { RULE_SETS } from './ruleSets.ts';
import type { RuleSet } from './ruleSets.ts';
import type { WaiverUse } from './waivers.ts';

/** Asks the rules. Nothing is kept here: `engine.ts` knows what need not be asked again. */

/** Takes what a rule says: the finding, and the report that it was made of. */
export type Found = (finding: Finding, made: Report) => void;

/** Where a file's rules are asked. */
export interface CheckedMigration {
  readonly migration: MigrationAnalysis;
  readonly analysis: HistoryAnalysis;
  readonly options: EngineOptions;
}

/** All rules about one statement. */
export function checkStatement(
  statement: StatementAnalysis,
  { migration, analysis, options }: CheckedMigration,
  found: Found,
): void {
  const rules = RULE_SETS[analysis.history.dialect];
  const all = existingMatches(statement.effects);
  const claimed = new Set<EffectCause>();
  const where = { options, text: migration.migration.text };
  let asked: StatementRule | undefined;
  // One context for all rules, since there are far more statements than findings.
  const context: Writable<StatementContext> = {
    statement,
    migration,
    history: analysis.history,
    settings: analysis.settings,
    matches: all,
    claimed,
    report: (made) => {
      for (const cause of made.claims ?? NO_CAUSES) claimed.add(cause);
      if (asked && isOn(asked, options.settings)) found(makeFinding(asked, statement, made, where), made);
    },
  };
  let last = -1;
  for (const position of concernedRules(rules, statement, all)) {
    const rule = rules.statement[position];
    if (!rule || position === last) continue;
    last = position;
    // What is off by itself claims nothing.
    if (rule.meta.off && !isOn(rule, options.settings)) continue;
    const { operations } = rule;
    context.matches = operations
      ? all.filter(({ cause }) => (operations as readonly string[]).includes(cause.operation))
      : all;
    asked = rule;
    rule.check(context);
  }
}

/**
 * A rule about the statements of a migration together.
 *
 * @param wanted the statements that it wants; all, of a rule that does not choose
 */
export function checkMigration(
  rule: MigrationRule,
  wanted: readonly StatementAnalysis[],
  { migration, analysis, options }: CheckedMigration,
  found: Found,
): void {
  const { text } = migration.migration;
  rule.check({
    migration,
    wanted,
    history: analysis.history,
    settings: analysis.settings,
    sizes: options.sizes,
    isPending: pendingFrom(options.pendingFrom),
    report: (statement, made) => {
      found(makeFinding(rule, statement, made, { options, text }), made);
    },
    reportAt: (offset, made) => {
      found(makeFindingAt(rule, migration, offset, made, options), made);
    },
  });
}

/** Where a history's rules are asked. */
export interface CheckedHistory {
  readonly analysis: HistoryAnalysis;
  readonly speaking: readonly MigrationAnalysis[];
  /** Options for a migration: not each may be edited. */
  readonly optionsFor: (migration: MigrationAnalysis) => EngineOptions;
  readonly shared: Pick<EngineOptions, 'settings' | 'facts' | 'sizes' | 'pendingFrom'>;
  readonly isNew: (migration: MigrationAnalysis) => boolean;
}

/** A rule about a history as a whole. */
export function checkHistory(
  rule: HistoryRule,
  wanted: (migration: MigrationAnalysis) => readonly StatementAnalysis[],
  { analysis, speaking, optionsFor, shared, isNew }: CheckedHistory,
  found: (migration: MigrationAnalysis, finding: Finding, made: Report) => void,
): void {
  rule.check({
    analysis,
    speaking,
    wanted,
    facts: shared.facts,
    sizes: shared.sizes,
    isPending: pendingFrom(shared.pendingFrom),
    isNew,
    report: (migration, statement, made) => {
      const where = { options: optionsFor(migration), text: migration.migration.text };
      found(migration, makeFinding(rule, statement, made, where), made);
    },
    reportAt: (migration, offset, made) => {
      found(migration, makeFindingAt(rule, migration, offset, made, optionsFor(migration)), made);
    },
  });
}

/** A rule about a migration's waivers. */
export function checkWaivers(
  rule: WaiverRule,
  uses: readonly WaiverUse[],
  { migration, options }: Omit<CheckedMigration, 'analysis'>,
  found: Found,
): void {
  rule.check({
    migration,
    uses,
    text: migration.migration.text,
    isAlwaysKnown: (id) => !UNSURE.has(id),
    reportAt: (offset, made) => {
      found(makeFindingAt(rule, migration, offset, made, options), made);
    },
  });
}

const UNSURE: ReadonlySet<string> = new Set(RULES.filter(({ needsFacts }) => needsFacts).map(({ id }) => id));

type Writable<T> = { -readonly [P in keyof T]: T[P] };
const NO_CAUSES: readonly EffectCause[] = [];

/** Positions of the rules that the statement concerns, in order; a position may come twice. */
function concernedRules(rules: RuleSet, statement: StatementAnalysis, all: readonly Match[]): readonly number[] {
  const positions: number[] = [];
  for (const position of rules.always)
    if (rules.statement[position]?.wants?.(statement) !== false) positions.push(position);
  for (const { cause } of all) {
    const more = rules.byOperation.get(cause.operation);
    if (more) positions.push(...more);
  }
  const { tree } = statement.statement;
  const byKind = tree ? rules.byKind.get(nodeKind(tree)) : undefined;
  if (byKind) positions.push(...byKind);
  return positions.length > 1 ? positions.sort((a, b) => a - b) : positions;
}

function existingMatches({ effects }: StatementEffects): readonly Match[] {
  const matches: Match[] = [];
  for (const effect of effects) {
    if (effect.newRelation) continue;
    for (const cause of effect.causes) matches.push({ effect, cause });
  }
  return matches;
}
