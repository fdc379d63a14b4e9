import type { CaseGroup, OracleCase } from './cases/case.ts';
import { readRelations, type ObservedEffect, type Relations } from './observe.ts';
import { emptyDatabase, observeParked, runStatement, type OracleSession } from './session.ts';
import { strongest } from './strongest.ts';

export interface ObservedCase {
  readonly group: CaseGroup;
  readonly case: OracleCase;
  readonly outcome:
    | {
        readonly ok: true;
        readonly effects: readonly ObservedEffect[];
        readonly exact: boolean;
        readonly before: Relations;
      }
    | { readonly ok: false; readonly message: string };
}

/** Runs a group's cases on the server, each from the group's own state. Cases of other majors are left out, and without `parked` those that can't run in a transaction block, which take a hundred times as long. */
export async function observeGroup(
  session: OracleSession,
  group: CaseGroup,
  options: { readonly parked: boolean } = { parked: true },
): Promise<ObservedCase[]> {
  const observed: ObservedCase[] = [];
  const cases = group.cases.filter((each) => each.since <= session.major && session.major <= each.until);
  // Those that share a state follow each other.
  const states = new Map<string, OracleCase[]>();
  for (const each of cases) states.set(each.first, [...(states.get(each.first) ?? []), each]);
  for (const [first, members] of states) {
    const reset = async (): Promise<void> => {
      await emptyDatabase(session);
      await session.work.query(group.setup);
      if (first !== '') await session.work.query(first);
    };
    let fresh = false;
    for (const each of members) {
      try {
        if (!fresh) await reset();
      } catch (error) {
        observed.push({ group, case: each, outcome: { ok: false, message: `set-up: ${String(error)}` } });
        continue;
      }
      fresh = true;
      await session.work.query(`SET TimeZone = '${each.timeZone}'`);
      const before = await readRelations(session.work);
      const outcome = await runStatement(session, each.sql, before, false);
      if (!outcome.ok) {
        observed.push({ group, case: each, outcome });
        continue;
      }
      let { effects } = outcome;
      if (!outcome.exact && !options.parked) {
        fresh = false;
        continue;
      }
      if (!outcome.exact) {
        const locks = await observeParked(session, each.sql, reset);
        effects = strongest(effects, locks);
        fresh = false;
      }
      observed.push({ group, case: each, outcome: { ok: true, effects, exact: outcome.exact, before } });
    }
  }
  return observed;
}
