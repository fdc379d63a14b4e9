import type { IntegrityCheck, IntegrityFinding } from '../../core/report/integrityResult.ts';
import { counted } from '../../core/report/figures.ts';
import type { History } from '../../core/tools/tool.ts';
import type { AppliedHistory } from '../apply/appliedMigrations.ts';

/**
 * Does the tool's own table agree with the folder?
 * @param migration the one that must be applied; null: whatever is applied
 */
export function appliedCheck(history: History, applied: AppliedHistory, migration: string | null): IntegrityCheck {
  const { table, present } = applied;
  if (!present) {
    return {
      kind: 'applied',
      state: migration === null || history.tool === 'plain' ? 'not run' : 'failed',
      summary: `there is no table ${table}, so nothing says what is applied`,
      findings: [],
    };
  }
  const findings: IntegrityFinding[] = [];
  const wanted = applied.migrations.find(({ id }) => id === migration);
  if (migration !== null && wanted === undefined)
    findings.push({ severity: 'problem', object: migration, message: `is not applied, says ${table}` });
  for (const { id, state, changed } of applied.migrations) {
    if (state === 'failed')
      findings.push({ severity: 'problem', object: id, message: `was begun and not finished, says ${table}` });
    else if (changed === true)
      findings.push({
        severity: 'problem',
        object: id,
        message: 'was applied from other bytes than those in the folder now',
      });
  }
  for (const id of applied.unknown)
    findings.push({ severity: 'problem', object: id, message: `is in ${table}, but not in the folder` });
  const problems = findings.length;
  const pending = history.migrations.length - applied.migrations.length;
  return {
    kind: 'applied',
    state: problems > 0 ? 'failed' : 'passed',
    summary:
      problems > 0
        ? `${table} and the folder disagree about ${counted(problems, 'migration')}`
        : `${counted(applied.migrations.length, 'migration')} applied${pending > 0 ? `, ${pending} pending` : ''}`,
    findings,
  };
}
