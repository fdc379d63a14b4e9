import type { JsonValue } from '../records/canonicalJson.ts';
import type { Evidence } from '../records/record.ts';
import type { ApplyRun } from './applyRun.ts';
import { stagingHeadline } from './headline.ts';
import type { IntegrityResult } from './integrityResult.ts';
import { applyHeadline, integrityHeadline } from './resultText.ts';
import { slimRun } from './slimRun.ts';
import { NO_BUDGET, overBudget, type StagingBudget } from './stagingBudget.ts';
import type { StagingRun } from './stagingRun.ts';

/** What a result can't know: the names of the records that its maker saw. */
export interface EvidenceContext {
  readonly saw: readonly string[];
}

/**
 * A staging run as evidence. It failed if the migration failed, if the server did not do what was predicted (of the way
 * back too), if its major is not production's, or if it is over the project's budget.
 */
export function stagingEvidence(
  run: StagingRun,
  { saw, budget = NO_BUDGET }: EvidenceContext & { readonly budget?: StagingBudget },
): Evidence {
  const differs = run.differences.length > 0;
  const backDiffers = (run.rollback?.differences.length ?? 0) > 0;
  const over = overBudget(run, budget);
  const passed =
    run.outcome === 'completed' && !differs && !backDiffers && run.notComparable === null && over.length === 0;
  return {
    version: 1,
    type: 'evidence',
    kind: 'staging run',
    history: run.history,
    migration: run.migration,
    digest: run.digest,
    base: run.base,
    saw,
    at: run.at,
    outcome: passed ? 'passed' : 'failed',
    environment: run.server.environment,
    server: {
      version: run.server.version,
      major: run.server.major,
      place: run.server.place === 'embedded' || run.server.environment === null ? 'embedded' : 'environment',
    },
    settings: run.settings,
    milliseconds: run.milliseconds,
    summary: [
      ...(run.notComparable === null ? [] : [`Not comparable: ${run.notComparable}`]),
      ...(over.length === 0 ? [] : [`Over budget: ${over.join(', ')}`]),
      stagingHeadline(run),
      ...(differs ? ['the server did not do what was predicted'] : []),
      ...(backDiffers ? ['on the way back the server did not do what was predicted'] : []),
    ].join('; '),
    details: details(slimRun(run)),
  };
}

/** An integrity check of one migration as evidence; null for a check of a whole database, which is about no digest. */
export function integrityEvidence(
  result: IntegrityResult,
  { saw, base }: EvidenceContext & { readonly base: string | null },
): Evidence | null {
  if (result.migration === null) return null;
  return {
    version: 1,
    type: 'evidence',
    kind: 'integrity check',
    history: result.history,
    migration: result.migration.id,
    digest: result.migration.digest,
    base,
    saw,
    at: result.at,
    outcome: result.outcome,
    environment: result.environment,
    server: { ...result.server, place: 'environment' },
    settings: {},
    milliseconds: result.milliseconds,
    summary: integrityHeadline(result),
    details: details(result),
  };
}

export function applyEvidence(
  run: ApplyRun,
  { saw, base }: EvidenceContext & { readonly base: string | null },
): Evidence {
  return {
    version: 1,
    type: 'evidence',
    kind: 'apply',
    history: run.history,
    migration: run.migration,
    digest: run.digest,
    base,
    saw,
    at: run.startedAt,
    outcome: run.outcome === 'applied' ? 'passed' : 'failed',
    environment: run.environment,
    server: { ...run.server, place: 'environment' },
    settings: run.settings,
    milliseconds: run.milliseconds,
    summary: applyHeadline(run),
    details: details(run),
  };
}

/** Results are plain data; interfaces just have no index signature to prove it. */
function details(result: StagingRun | IntegrityResult | ApplyRun): JsonValue {
  return result as unknown as JsonValue;
}
