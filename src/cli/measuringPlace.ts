import { describeUrl } from '../node/connection.ts';
import type { StagingTarget } from '../node/staging/scratchServer.ts';
import { chooseStagingTarget } from '../node/workflow/stagingTarget.ts';
import { knownAddresses } from './addresses.ts';
import type { Invocation } from './command.ts';
import type { OpenWorkspace } from './workspace.ts';
import { serverCache } from './workspace.ts';

/**
 * Where `profile` and `test-rollback` run, from `--environment` and `--fetch`, and what to call it to people.
 *
 * @throws RunError 'not possible' for an environment that is not named in the configuration or has no URL here
 */
export async function measuringPlace(
  call: Invocation,
  workspace: OpenWorkspace,
): Promise<{ readonly target: StagingTarget; readonly place: string }> {
  const target = await chooseStagingTarget({
    policy: workspace.policy,
    addresses: await knownAddresses(call, workspace.policy),
    wanted: call.value('environment'),
    major: workspace.settings.major,
    cacheDirectory: serverCache(call),
    mayFetch: () => call.flag('fetch'),
  });
  const place = target.kind === 'embedded' ? 'an embedded server' : describeUrl(target.environment.url);
  return { target, place };
}
