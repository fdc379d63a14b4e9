import type { Policy } from '../../core/policy/policy.ts';
import type { AppliedState } from '../../core/status.ts';
import type { History } from '../../core/tools/tool.ts';
import { appliedMigrations } from '../apply/appliedMigrations.ts';
import { withClient } from '../connection.ts';
import type { Addresses } from './stagingTarget.ts';
import { environmentTarget, namedEnvironment } from './stagingTarget.ts';

/** By history id, then by migration id. */
export type AppliedEverywhere = ReadonlyMap<string, ReadonlyMap<string, readonly AppliedState[]>>;

export interface AppliedQuestion {
  readonly histories: readonly History[];
  readonly policy: Policy;
  readonly addresses: Addresses;
  /** Names of the environments to ask. */
  readonly environments: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks each environment which migrations its tool's own history table names. Reads only.
 *
 * @throws RunError 'environment' for an unknown one, 'not possible' without a URL; ConnectionError
 */
export async function appliedStates(question: AppliedQuestion): Promise<AppliedEverywhere> {
  const result = new Map(question.histories.map(({ id }) => [id, new Map<string, AppliedState[]>()]));
  for (const name of question.environments) {
    const { url } = environmentTarget(namedEnvironment(question.policy, name), question.addresses);
    const session = {
      applicationName: 'lockkeeper status',
      settings: { default_transaction_read_only: 'on' },
      signal: question.signal,
    };
    await withClient(url, session, async (client) => {
      for (const history of question.histories) {
        const { migrations } = await appliedMigrations(client, history);
        for (const { id, state, at, changed } of migrations) {
          const problem = state === 'failed' ? 'failed half-way' : changed === true ? 'applied from other bytes' : null;
          const states = result.get(history.id);
          states?.set(id, [...(states.get(id) ?? []), { environment: name, at, problem }]);
        }
      }
    });
  }
  return result;
}
