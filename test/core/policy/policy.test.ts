import { strict as assert } from 'node:assert';
import {
  ENVIRONMENT_CLASSES,
  findEnvironment,
  mayApprove,
  policyFromSettings,
} from '../../../src/core/policy/policy.ts';

describe('the policy', () => {
  it('without settings has one environment of each class, and only production demands anything', () => {
    const { environments } = policyFromSettings({});
    assert.deepEqual(
      environments.map(({ name }) => name),
      [...ENVIRONMENT_CLASSES],
    );
    for (const { class: kind, requires } of environments) {
      const demanded = Object.values(requires).flatMap(({ evidence, approvals }) => [...evidence, ...approvals]);
      assert.equal(demanded.length > 0, kind === 'production', kind);
    }
  });

  it('fills by class what the settings leave open', () => {
    const policy = policyFromSettings({
      environments: {
        live: { class: 'production', require: { high: { approvals: { dba: 2 } }, low: { evidence: [] } } },
      },
    });
    const { requires } = findEnvironment(policy, 'live') ?? assert.fail();
    assert.deepEqual(requires.high, { evidence: ['staging run'], approvals: [{ role: 'dba', count: 2 }] });
    assert.deepEqual(requires.low, { evidence: [], approvals: [] });
    assert.deepEqual(requires.medium.approvals, [{ role: 'reviewer', count: 1 }]);
  });

  it('lets everybody approve in a role that names nobody, else those named, whatever the case', () => {
    const policy = policyFromSettings({ roles: { dba: ['Ann@Example.com'] } });
    assert.ok(mayApprove(policy, 'dba', 'ann@example.COM'));
    assert.ok(!mayApprove(policy, 'dba', 'bob@example.com'));
    assert.ok(mayApprove(policy, 'reviewer', 'bob@example.com'));
  });
});
