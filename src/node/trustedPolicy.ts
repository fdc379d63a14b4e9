import { CONFIG_FILE, parseConfig } from '../core/config.ts';
import type { Config } from '../core/config.ts';
import type { Policy } from '../core/policy/policy.ts';
import { commitOf, remoteDefaultBranch, textAt } from './git.ts';
import { RunError } from './runError.ts';

/** The policy that counts, and where it was read. */
export interface TrustedPolicy {
  readonly policy: Policy;
  /** The ref that it was read from, `origin/main`; null: the working tree. */
  readonly ref: string | null;
  /**
   * Environments that only the working tree's lockkeeper.jsonc names. They may be used, but nobody has agreed on what
   * they demand.
   */
  readonly onlyHere: ReadonlySet<string>;
}

/**
 * Reads what environments demand, and who may approve, where the migration's author can't change it: from the remote's
 * default branch. Environments that it does not know are taken from the working tree; those that it knows are not, so a
 * branch can't lower what its own gate demands. Without a remote there is nothing to trust, and the working tree counts.
 *
 * @param root the workspace folder
 * @param config what the working tree says
 * @param ref a ref that the user named instead of the remote's default branch
 * @throws RunError 'not possible' if there is no such ref
 */
export function trustedPolicy(root: string, config: Config, ref?: string): TrustedPolicy {
  if (ref !== undefined && commitOf(root, ref) === null) {
    throw new RunError(
      'not possible',
      `There is no git ref ${ref} here to read the policy from. In CI, fetch it first: git fetch origin <branch>.`,
    );
  }
  const source = ref ?? remoteDefaultBranch(root);
  if (source === null) return { policy: config.policy, ref: null, onlyHere: new Set() };
  const { policy } = parseConfig(textAt(root, source, CONFIG_FILE) ?? '').config;
  const agreed = new Set(policy.environments.map(({ name }) => name));
  const further = config.policy.environments.filter(({ name }) => !agreed.has(name));
  return {
    policy: {
      environments: [...policy.environments, ...further],
      roles: new Map([...config.policy.roles, ...policy.roles]),
    },
    ref: source,
    onlyHere: new Set(further.map(({ name }) => name)),
  };
}

/** Where the demands of an environment come from, as a sentence. */
export function policySourceText({ ref, onlyHere }: TrustedPolicy, environment: string): string {
  if (ref === null) {
    return 'The policy is that of the working tree, which whoever wrote the migration can change: there is no remote branch to read it from.';
  }
  if (onlyHere.has(environment)) {
    return `What ${environment} demands stands in the working tree's ${CONFIG_FILE} only, not yet in ${ref}.`;
  }
  return `The policy is that of ${ref}.`;
}
