import { strict as assert } from 'node:assert';
import type { GateQuestion } from '../../../src/core/policy/gate.ts';
import { Gate, gate, isGate } from '../../../src/core/policy/gate.ts';
import { findEnvironment, policyFromSettings } from '../../../src/core/policy/policy.ts';
import type { PolicySettings } from '../../../src/core/policy/policy.ts';
import type { Approval, Evidence } from '../../../src/core/records/record.ts';
import { named } from '../../../src/core/records/recordFile.ts';

const subject = { history: 'migrations', migration: '0002.sql', digest: 'd1', base: 'b1' };
const common = { version: 1, ...subject, saw: [], at: '2026-03-01T12:00:00.000Z' } as const;

function approval(change: Partial<Approval> = {}): Approval {
  const person = { name: 'Ann', email: 'ann@example.com' };
  return { type: 'approval', ...common, role: 'reviewer', person, comment: null, ...change };
}

function stagingRun(change: Partial<Evidence> = {}): Evidence {
  return {
    type: 'evidence',
    ...common,
    kind: 'staging run',
    outcome: 'passed',
    environment: null,
    server: { version: '16.4', major: 16, place: 'embedded' },
    settings: {},
    milliseconds: 10,
    summary: 'nothing waited',
    details: {},
    ...change,
  };
}

function ask(change: Partial<GateQuestion> & { settings?: PolicySettings } = {}): Gate {
  const policy = policyFromSettings(change.settings ?? {});
  const environment = findEnvironment(policy, 'production');
  assert.ok(environment);
  return gate({
    ...subject,
    environment,
    policy,
    risk: 'medium',
    records: [],
    evidence: [],
    problems: [],
    purpose: 'check',
    applyToProduction: false,
    ...change,
  });
}

const complete = { records: [named(approval()), named(stagingRun())] };

describe('the gate', () => {
  it('lists what is missing, and what to do about each', () => {
    const { open, missing } = ask();
    assert.equal(open, false);
    assert.deepEqual(
      missing.map(({ kind, reason, toDo }) => ({ kind, reason, toDo })),
      [
        { kind: 'evidence', reason: 'absent', toDo: 'lockkeeper profile 0002.sql' },
        { kind: 'approval', reason: 'absent', toDo: 'lockkeeper approve --role reviewer 0002.sql' },
      ],
    );
  });

  it('opens when everything is there', () => {
    assert.deepEqual(ask(complete).missing, []);
    assert.equal(ask(complete).open, true);
  });

  it('counts local evidence, but only records as approvals', () => {
    assert.equal(ask({ records: [named(approval())], evidence: [named(stagingRun())] }).open, true);
  });

  it('asks for nothing more in development', () => {
    const environment = findEnvironment(policyFromSettings({}), 'development');
    assert.ok(environment);
    assert.equal(ask({ environment, risk: 'high' }).open, true);
  });

  for (const [what, change, word] of [
    ['another digest', { digest: 'd0' }, 'the migration was changed since'],
    ['another base', { base: 'b0' }, 'the schema before the migration was changed since'],
  ] as const) {
    it(`holds an approval and evidence of ${what} for stale, and says why`, () => {
      const { missing } = ask({ records: [named(approval(change)), named(stagingRun(change))] });
      assert.deepEqual(
        missing.map(({ reason }) => reason),
        ['stale', 'stale'],
      );
      for (const { text } of missing) assert.ok(text.includes(word), text);
    });
  }

  it('goes by the latest run: one that failed after one that passed keeps it shut', () => {
    const failed = stagingRun({ outcome: 'failed', summary: 'line 2 failed', at: '2026-03-02T12:00:00.000Z' });
    const { missing } = ask({ records: [...complete.records, named(failed)] });
    assert.deepEqual(
      missing.map(({ reason, text }) => ({ reason, text })),
      [{ reason: 'failed', text: 'The last staging run failed: line 2 failed' }],
    );
  });

  it('counts a person once in a role, however often they approve', () => {
    const require = { medium: { evidence: [], approvals: { reviewer: 2 } } };
    const settings: PolicySettings = { environments: { production: { class: 'production', require } } };
    const again = approval({ at: '2026-03-02T12:00:00.000Z', person: { name: 'Ann', email: 'ANN@example.com' } });
    const twice = ask({ settings, records: [named(approval()), named(again)] });
    assert.equal(twice.missing[0]?.text, '1 of 2 approvals as reviewer');
    const other = approval({ person: { name: 'Bob', email: 'bob@example.com' } });
    assert.equal(ask({ settings, records: [named(approval()), named(other)] }).open, true);
  });

  it('counts only those who may approve in the role', () => {
    const settings: PolicySettings = { roles: { reviewer: ['bob@example.com'] } };
    const { missing } = ask({ settings, ...complete });
    assert.match(missing[0]?.text ?? '', /ann@example.com is not among those who may approve as reviewer/);
  });

  it('stays shut while a record about the migration is damaged', () => {
    const problem = {
      kind: 'edited',
      path: 'p',
      history: 'migrations',
      migration: '0002.sql',
      message: 'edited',
    } as const;
    assert.equal(ask({ ...complete, problems: [problem] }).missing[0]?.reason, 'damaged');
    assert.equal(ask({ ...complete, problems: [{ ...problem, migration: '0001.sql' }] }).open, true);
  });

  it('does not count an apply to the environment itself as proof that it went well elsewhere', () => {
    const require = { medium: { evidence: ['apply'], approvals: {} } } as const;
    const settings: PolicySettings = { environments: { production: { class: 'production', require } } };
    const applied = (environment: string) => [named(stagingRun({ kind: 'apply', environment }))];
    assert.equal(ask({ settings, records: applied('production') }).open, false);
    assert.equal(ask({ settings, records: applied('staging') }).open, true);
  });

  it('lets Lockkeeper apply to production only when that is switched on', () => {
    const off = ask({ ...complete, purpose: 'apply' });
    assert.deepEqual(
      off.missing.map(({ kind }) => kind),
      ['switch'],
    );
    assert.equal(ask({ ...complete, purpose: 'apply', applyToProduction: true }).open, true);
  });

  it('admits exactly what it was asked about', () => {
    const open = ask({ ...complete, purpose: 'apply', applyToProduction: true });
    const to = { history: 'migrations', migration: '0002.sql', digest: 'd1', environment: 'production' };
    assert.equal(open.admits(to), true);
    assert.equal(open.admits({ ...to, digest: 'd2' }), false);
    assert.equal(open.admits({ ...to, environment: 'staging' }), false);
    assert.equal(ask(complete).admits(to), false, 'a check is not an apply');
    assert.equal(ask({ purpose: 'apply', applyToProduction: true }).admits(to), false, 'shut');
  });

  it('can only be made by gate()', () => {
    const constructor = Gate as unknown as new (...values: unknown[]) => Gate;
    assert.throws(() => new constructor(Symbol('gate'), {}, { missing: [], records: [] }), TypeError);
    assert.equal(isGate({ open: true, missing: [] }), false);
    assert.equal(isGate(Object.freeze(Object.create(Gate.prototype))), false);
    const shut = ask();
    assert.equal(isGate(shut), true);
    assert.throws(() => Object.assign(shut, { missing: [] }), TypeError);
  });

  it('names the records that opened it', () => {
    assert.deepEqual(ask(complete).records, complete.records.map(({ name }) => name).sort());
  });

  it('says why evidence cannot be had, and the setting that does without it opens it', () => {
    const unavailable = new Map([['staging run', 'Nobody can run this.']] as const);
    const { missing } = ask({ risk: 'low', unavailable });
    assert.deepEqual(
      missing.map(({ text }) => text),
      ['Nobody can run this.'],
    );
    const setting = /"environments": \{.*\}(?= in lockkeeper)/.exec(missing[0]?.toDo ?? '')?.[0] ?? assert.fail();
    const settings = JSON.parse(`{${setting}}`) as PolicySettings;
    assert.equal(ask({ risk: 'low', unavailable, settings }).open, true);
  });
});
