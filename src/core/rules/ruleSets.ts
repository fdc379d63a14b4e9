import type { StatementAnalysis } from '../analyze.ts';
import type { Dialect } from '../sql/statement.ts';
import { RULES } from './registry.ts';
import type { HistoryRule, MigrationRule, StatementRule, WaiverRule } from './rule.ts';

/** The rules for one dialect, sorted by what they are asked about. */
export interface RuleSet {
  /** In the order of the registry. */
  readonly statement: readonly StatementRule[];
  /** Positions in `statement` of the rules that look at every statement. */
  readonly always: readonly number[];
  /** Positions in `statement` of the rules that an operation concerns. */
  readonly byOperation: ReadonlyMap<string, readonly number[]>;
  /** Positions in `statement` of the rules that a kind of statement concerns. */
  readonly byKind: ReadonlyMap<string, readonly number[]>;
  readonly migration: readonly MigrationRule[];
  readonly history: readonly HistoryRule[];
  readonly waivers: readonly WaiverRule[];
  /** Rules that choose their statements; a rule's place here is its bit in a mask. */
  readonly wanting: readonly (MigrationRule | HistoryRule)[];
}

/** As many as the bits of an integer that stay positive. */
const MOST_WANTING = 30;

export const RULE_SETS: Readonly<Record<Dialect, RuleSet>> = {
  postgresql: rulesFor('postgresql'),
  mysql: rulesFor('mysql'),
};

/** Which of the rules that choose their statements want this one. */
export function wantedBy({ wanting }: RuleSet, statement: StatementAnalysis): number {
  let mask = 0;
  for (const [place, { wants }] of wanting.entries()) if (wants?.(statement) === true) mask |= 1 << place;
  return mask;
}

function rulesFor(dialect: Dialect): RuleSet {
  const rules = RULES.filter((rule) => rule.dialect === 'any' || (rule.dialect ?? 'postgresql') === dialect);
  const statement = rules.filter((rule): rule is StatementRule => rule.scope === 'statement');
  const wanting = rules.filter(
    (rule): rule is MigrationRule | HistoryRule =>
      (rule.scope === 'migration' || rule.scope === 'history') && rule.wants !== undefined,
  );
  if (wanting.length > MOST_WANTING) throw new TypeError('more rules choose their statements than a mask has bits');
  return {
    wanting,
    statement,
    always: statement.flatMap(({ operations, statements }, position) => (operations || statements ? [] : [position])),
    byOperation: positions(statement, ({ operations = [] }) => operations),
    byKind: positions(statement, ({ statements = [] }) => statements),
    migration: rules.filter((rule): rule is MigrationRule => rule.scope === 'migration'),
    history: rules.filter((rule): rule is HistoryRule => rule.scope === 'history'),
    waivers: rules.filter((rule): rule is WaiverRule => rule.scope === 'waivers'),
  };
}

function positions(
  rules: readonly StatementRule[],
  keysOf: (rule: StatementRule) => readonly string[],
): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const [position, rule] of rules.entries())
    for (const key of keysOf(rule)) found.set(key, [...(found.get(key) ?? []), position]);
  return found;
}
