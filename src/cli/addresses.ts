import type { Policy } from '../core/policy/policy.ts';
import { environmentAddresses } from '../node/environments.ts';
import type { EnvironmentTarget } from '../node/environments.ts';
import type { Addresses } from '../node/workflow/stagingTarget.ts';
import { environmentTarget, namedEnvironment } from '../node/workflow/stagingTarget.ts';
import type { Invocation } from './command.ts';
import { UsageError } from './command.ts';

/** The URLs that this machine knows: `LOCKKEEPER_URL_<NAME>` and environments.jsonc. Says what is wrong with that file. */
export async function knownAddresses(call: Invocation, policy: Policy): Promise<Addresses> {
  const names = policy.environments.map(({ name }) => name);
  const { byName, problems } = await environmentAddresses(names, { environment: call.terminal.environment });
  for (const problem of problems) call.terminal.error(`lockkeeper: ${problem}\n`);
  return byName;
}

/** The environment that `--environment` names, with its URL. @throws UsageError, RunError 'not possible' */
export async function demandedEnvironment(call: Invocation, policy: Policy): Promise<EnvironmentTarget> {
  const name = call.value('environment');
  if (name === undefined) {
    const known = policy.environments.map((environment) => environment.name).join(', ');
    throw new UsageError(`which environment? --environment NAME, one of: ${known}.`);
  }
  return environmentTarget(namedEnvironment(policy, name), await knownAddresses(call, policy));
}
