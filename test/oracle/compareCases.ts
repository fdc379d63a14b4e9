import type { HistoryAnalysis } from '../../src/core/analyze.ts';
import type { CaseGroup } from './cases/case.ts';
import { compare } from './compare.ts';
import { observeGroup, type ObservedCase } from './observeCases.ts';
import { predictCase } from './predict.ts';
import type { OracleSession } from './session.ts';
import type { Tally } from './tally.ts';

/** Runs a group's cases and compares each with what Lockkeeper says of it. `broken`: cases that the server refuses. */
export async function compareGroup(
  session: OracleSession,
  group: CaseGroup,
  tally: Tally,
  options: { readonly parked: boolean } = { parked: true },
): Promise<{ readonly broken: readonly string[]; readonly observed: readonly ObservedCase[] }> {
  const broken: string[] = [];
  let previous: HistoryAnalysis | undefined;
  const observed = await observeGroup(session, group, options);
  for (const { case: each, outcome } of observed) {
    if (!outcome.ok) {
      broken.push(`${each.sql}: ${outcome.message}`);
      continue;
    }
    const setup = each.first === '' ? group.setup : `${group.setup}\n${each.first};`;
    const { line, analysis } = predictCase(session.major, each.timeZone, setup, each.sql, previous);
    previous = analysis;
    const condition = [each.first === '' ? '' : `after: ${each.first}`, each.timeZone === 'UTC' ? '' : each.timeZone]
      .filter((part) => part !== '')
      .join('; ');
    const statement = {
      kind: line.kind,
      exact: outcome.exact,
      compareWork: each.not !== 'work',
      opaque: line.opaque,
      empty: new Set<number>(),
      atStart: outcome.before,
    };
    const pairs = compare(line.effects, outcome.effects, statement);
    if (line.error !== null) broken.push(`${each.sql}: not parsed: ${line.error.message}`);
    if (line.transactional !== outcome.exact)
      broken.push(`${each.sql}: said to be ${line.transactional ? '' : 'not '}transactional`);
    const unseen = pairs.filter(({ verdict }) => verdict === 'unseen').length;
    if (unseen !== each.unseen)
      broken.push(`${each.sql}: ${String(unseen)} relations said and not seen, not ${String(each.unseen)}`);
    tally.add(group.family, each.sql, condition, pairs);
  }
  return { broken, observed };
}
