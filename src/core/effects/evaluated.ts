import type { TableRelation, UserFunction } from '../catalog/catalog.ts';
import { usesOfIndexes } from './indexUses.ts';
import type { EffectRecorder } from './recorder.ts';
import { queryWalker } from './statements/modify.ts';

/**
 * An expression that the server evaluates for the rows of some tables (a new CHECK, USING, an index's expression): the
 * functions of the user's own that it calls, and what they do.
 */
export function evaluate(recorder: EffectRecorder, tables: readonly TableRelation[], expression: unknown): void {
  if (expression === undefined) return;
  const first = recorder.called.length;
  queryWalker(recorder, 'execute').walk([expression]);
  forgetUncalled(recorder, tables, first);
}

/** The same of an expression that the catalog holds, by the ids that it uses. */
export function evaluateStored(
  recorder: EffectRecorder,
  tables: readonly TableRelation[],
  uses: readonly number[] | undefined,
): void {
  if (uses === undefined) return;
  const first = recorder.called.length;
  for (const id of uses) {
    const called = recorder.before.functions.get(id);
    if (called !== undefined) recorder.call(called, null);
  }
  forgetUncalled(recorder, tables, first);
}

/** The functions in a table's indexes, which are asked for each row that is indexed anew. */
export function evaluateIndexes(recorder: EffectRecorder, table: TableRelation): void {
  for (const uses of usesOfIndexes(recorder.before, table)) evaluateStored(recorder, [table], uses);
}

/** Without rows no function is called; but the planner looks into those that it might inline, and locks what they read. */
function forgetUncalled(recorder: EffectRecorder, tables: readonly TableRelation[], first: number): void {
  if (recorder.called.length === first || tables.some(({ id }) => !recorder.isEmpty(id))) return;
  const kept = recorder.called.splice(first).filter(({ called }) => isInlinable(called));
  recorder.called.push(...kept);
}

/** What inline_function() in src/backend/optimizer/util/clauses.c parses to see whether it can. */
function isInlinable({ language, kind, returnsSet, securityDefiner, settings }: UserFunction): boolean {
  return language === 'sql' && kind === 'function' && !returnsSet && !securityDefiner && settings.length === 0;
}
