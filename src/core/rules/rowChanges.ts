import type { StatementAnalysis } from '../analyze.ts';
import type { Effect } from '../effects/effect.ts';
import { choosesManyRows } from './boundedRows.ts';

/** Changes of rows that are there already. */
export const ROW_CHANGES: ReadonlySet<string> = new Set([
  'update',
  'update all rows',
  'delete',
  'delete all rows',
  'merge',
]);

/** The existing table of which a statement may change many rows: no key limits them, and it is no batch. */
export function sweepingChange(statement: StatementAnalysis): Effect | undefined {
  return statement.effects.effects.find(
    (effect) =>
      !effect.newRelation &&
      effect.causes.some(({ operation }) =>
        operation === 'update' || operation === 'delete' ? choosesManyRows(statement) : ROW_CHANGES.has(operation),
      ),
  );
}
