import type { MigrationAnalysis } from '../analyze.ts';
import type { Effect } from '../effects/effect.ts';
import { blockedBy } from '../effects/effect.ts';
import type { Finding } from '../rules/rule.ts';
import type { Risk } from './policy.ts';
import { RISKS } from './policy.ts';

/** How much can go wrong, and why, for people. */
export interface RiskAssessment {
  readonly risk: Risk;
  /** What raised it to this level; empty for `low`. */
  readonly reasons: readonly string[];
}

/**
 * The risk of a migration, from what lint found and what the effects model says of the tables that were there before.
 *
 * - high: rows or code are lost or broken, a table's readers or writers wait for work that grows with the table, or a
 *   part could not be analysed (what is not known is not called safe);
 * - medium: another error or warning, or any work that grows with a table;
 * - low: the rest: new tables, nullable columns, comments.
 *
 * @param findings those that no waiver accepts
 */
export function assessRisk(analysis: MigrationAnalysis, findings: readonly Finding[]): RiskAssessment {
  const reasons: Record<Risk, string[]> = { low: [], medium: [], high: [] };
  for (const { statement, effects } of analysis.statements) {
    const at = `line ${statement.startLine}`;
    if (statement.error !== null) reasons.high.push(`${at} does not parse: ${statement.error.message}`);
    else if (statement.notAnalysed !== null) reasons.high.push(`${at} was not analysed: ${statement.notAnalysed}`);
    else if (effects.opaque.length > 0)
      reasons.high.push(`${at} was not fully analysed: ${effects.opaque[0]?.reason ?? ''}`);
    for (const effect of effects.effects) {
      const verdict = effectRisk(effect);
      if (verdict !== null) reasons[verdict.risk].push(`${at}: ${verdict.reason}`);
    }
  }
  for (const finding of findings) {
    const risk = findingRisk(finding);
    if (risk !== 'low') reasons[risk].push(`line ${finding.startLine}: ${finding.rule}`);
  }
  const risk = [...RISKS].reverse().find((level) => reasons[level].length > 0) ?? 'low';
  return { risk, reasons: [...new Set(reasons[risk])] };
}

function findingRisk(finding: Finding): Risk {
  if (finding.cause === 'loses data' || finding.cause === 'breaks code') return 'high';
  if (finding.cause === 'blocks' && finding.severity === 'error') return 'high';
  return finding.severity === 'error' || finding.severity === 'warning' ? 'medium' : 'low';
}

function effectRisk(effect: Effect): { readonly risk: Risk; readonly reason: string } | null {
  if (effect.newRelation || effect.work.length === 0) return null;
  const blocked = blockedBy(effect.lock);
  const name = `${effect.relation.schema}.${effect.relation.name}`;
  const work = effect.work.join(', ');
  return blocked.reads || blocked.writes
    ? { risk: 'high', reason: `${work} on ${name} under ${effect.lock}` }
    : { risk: 'medium', reason: `${work} on ${name}` };
}
