import { strict as assert } from 'node:assert';
import { findEnvironment, policyFromSettings } from '../../../src/core/policy/policy.ts';
import type { Approval, Evidence } from '../../../src/core/records/record.ts';
import { named } from '../../../src/core/records/recordFile.ts';
import type { StatusInput } from '../../../src/core/status.ts';
import { migrationStatus } from '../../../src/core/status.ts';
import type { Finding } from '../../../src/core/rules/rule.ts';

const subject = { history: 'migrations', migration: '0002.sql', digest: 'd1', base: 'b1' };
const common = { version: 1, ...subject, saw: [], at: '2026-03-01T12:00:00.000Z' } as const;
const run: Evidence = {
  type: 'evidence',
  ...common,
  kind: 'staging run',
  outcome: 'passed',
  environment: null,
  server: { version: '16.4', major: 16, place: 'embedded' },
  settings: {},
  milliseconds: 10,
  summary: 'orders was locked for 153 ms',
  details: {},
};
const approval: Approval = {
  type: 'approval',
  ...common,
  role: 'reviewer',
  person: { name: 'Ann', email: 'ann@example.com' },
  comment: null,
};
const finding = (severity: Finding['severity']): Finding => ({
  rule: 'some-rule',
  cause: 'blocks',
  severity,
  message: 'm',
  statement: 0,
  start: 0,
  end: 1,
  startLine: 1,
  fixes: [],
});

function status(change: Partial<StatusInput> = {}) {
  const policy = policyFromSettings({});
  const environment = findEnvironment(policy, 'production');
  assert.ok(environment);
  return migrationStatus({
    ...subject,
    isNew: true,
    findings: [],
    rollback: { written: false, synthesizedFile: false, declined: null },
    risk: 'medium',
    policy,
    environment,
    records: [],
    evidence: [],
    problems: [],
    applied: null,
    ...change,
  });
}

describe('the status of a migration', () => {
  it('of a new one without anything says what is missing', () => {
    assert.deepEqual(status(), {
      history: 'migrations',
      migration: '0002.sql',
      branch: 'this branch',
      lint: { state: 'ok', text: 'no findings' },
      rollback: { state: 'missing', text: 'no rollback yet' },
      staging: { state: 'missing', text: 'not profiled' },
      approvals: { state: 'missing', text: 'reviewer 0 of 1' },
      integrity: { state: 'none', text: 'not verified' },
      applied: { state: 'none', text: 'no environment was asked' },
    });
  });

  it('of an earlier one asks for nothing', () => {
    const { staging, approvals, rollback, lint } = status({ isNew: false, findings: null });
    assert.deepEqual(
      [staging, approvals, rollback, lint].map(({ state }) => state),
      ['none', 'none', 'none', 'none'],
    );
  });

  it('counts findings, the worst decides', () => {
    const { lint } = status({ findings: [finding('error'), finding('warning'), finding('warning'), finding('hint')] });
    assert.deepEqual(lint, { state: 'problem', text: '1 error, 2 warnings, 1 note' });
    assert.equal(status({ findings: [finding('warning')] }).lint.state, 'attention');
  });

  it('shows the staging run and the approvals', () => {
    const { staging, approvals } = status({ records: [named(approval)], evidence: [named(run)] });
    assert.deepEqual(staging, { state: 'ok', text: 'orders was locked for 153 ms' });
    assert.deepEqual(approvals, { state: 'ok', text: 'reviewer 1 of 1' });
  });

  it('says that they are stale once the migration was changed', () => {
    const { staging, approvals } = status({ digest: 'd2', records: [named(approval)], evidence: [named(run)] });
    assert.deepEqual(staging, { state: 'stale', text: 'stale: the migration was changed since.' });
    assert.deepEqual(approvals, {
      state: 'stale',
      text: 'reviewer 0 of 1; 1 approval stale: the migration was changed since.',
    });
  });

  it('of the way back: written, synthesized, declined, tested', () => {
    const rollback = (change: Partial<StatusInput['rollback']>, more: Partial<StatusInput> = {}) =>
      status({ rollback: { written: false, synthesizedFile: false, declined: null, ...change }, ...more }).rollback;
    assert.deepEqual(rollback({ written: true }), { state: 'ok', text: 'written, not tested' });
    assert.deepEqual(rollback({ synthesizedFile: true }), { state: 'ok', text: 'synthesized, not tested' });
    assert.deepEqual(rollback({ declined: 'line 1 is dynamic SQL' }), {
      state: 'attention',
      text: "can't be undone: line 1 is dynamic SQL",
    });
    const test = named<Evidence>({ ...run, kind: 'rollback test', summary: 'schema restored' });
    assert.deepEqual(rollback({ synthesizedFile: true }, { evidence: [test] }), {
      state: 'ok',
      text: 'synthesized and tested: schema restored',
    });
  });

  it('says where and when it was applied', () => {
    const applied = [
      { environment: 'staging', at: '2026-03-01T12:00:00.000Z', problem: null },
      { environment: 'production', at: null, problem: 'applied from other bytes' },
    ];
    assert.deepEqual(status({ applied }).applied, {
      state: 'problem',
      text: 'staging 2026-03-01 12:00, production: applied from other bytes',
    });
    assert.equal(status({ applied: [] }).applied.text, 'not applied');
  });
});
