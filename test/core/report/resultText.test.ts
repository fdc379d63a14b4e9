import { strict as assert } from 'node:assert';
import { applyEvidence, integrityEvidence } from '../../../src/core/report/evidence.ts';
import type { ApplyRun } from '../../../src/core/report/applyRun.ts';
import type { IntegrityResult } from '../../../src/core/report/integrityResult.ts';
import { applyHeadline, integrityHeadline, integrityText } from '../../../src/core/report/resultText.ts';

const run: ApplyRun = {
  version: 1,
  history: 'db',
  migration: '2.sql',
  digest: 'd',
  environment: 'production',
  startedAt: '2026-01-01T00:00:00.000Z',
  server: { version: '16.4', major: 16 },
  settings: { lock_timeout: '2s' },
  outcome: 'applied',
  steps: [{ statements: [0], transactional: true, attempts: 3, milliseconds: 12, outcome: 'done', error: null }],
  state: 'Applied.',
  milliseconds: 1234,
};

const result: IntegrityResult = {
  version: 1,
  history: 'db',
  migration: { id: '2.sql', digest: 'd' },
  environment: 'production',
  at: '2026-01-01T00:00:00.000Z',
  server: { version: '16.4', major: 16 },
  outcome: 'failed',
  checks: [
    { kind: 'applied', state: 'passed', summary: '2 migrations applied', findings: [] },
    { kind: 'row counts', state: 'not run', summary: 'nothing was counted', findings: [] },
    {
      kind: 'invalid indexes',
      state: 'failed',
      summary: '1 invalid index',
      findings: [{ severity: 'problem', object: 'public.x', message: 'on public.t is invalid' }],
    },
  ],
  milliseconds: 5,
};

describe('results in words', () => {
  it('of an apply', () => {
    assert.equal(applyHeadline(run), 'Applied to production in 1.2 s, 2 retries for a lock');
    const failed: ApplyRun = { ...run, outcome: 'failed', state: 'Statement 1 of 1 failed: no.' };
    assert.equal(applyHeadline(failed), 'Failed on production, 2 retries for a lock. Statement 1 of 1 failed: no.');
  });
  it('of a verify: what failed, and never a check that was not run as passed', () => {
    assert.equal(integrityHeadline(result), '1 invalid index');
    const well: IntegrityResult = { ...result, outcome: 'passed', checks: result.checks.slice(0, 2) };
    assert.equal(integrityHeadline(well), 'applied: in order (1 check not run)');
    assert.deepEqual(integrityText(result).split('\n'), [
      'ok      applied: 2 migrations applied',
      'not run row counts: nothing was counted',
      'FAILED  invalid indexes: 1 invalid index',
      '          public.x: on public.t is invalid',
    ]);
  });
  it('as evidence: about the digest, failed if anything failed', () => {
    assert.equal(applyEvidence(run, { saw: [], base: 'b' }).outcome, 'passed');
    assert.equal(applyEvidence({ ...run, outcome: 'cancelled' }, { saw: [], base: 'b' }).outcome, 'failed');
    assert.deepEqual(
      [
        integrityEvidence(result, { saw: [], base: 'b' })?.outcome,
        integrityEvidence(result, { saw: [], base: 'b' })?.digest,
      ],
      ['failed', 'd'],
    );
    assert.equal(integrityEvidence({ ...result, migration: null }, { saw: [], base: null }), null);
  });
});
