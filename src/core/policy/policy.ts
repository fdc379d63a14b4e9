import type { EvidenceKind } from '../records/record.ts';

/**
 * What an environment demands of a migration before it may be applied there. Settings come from `lockkeeper.jsonc`
 * (`environments`, `roles`); what they leave open is filled by class (`DEFAULT_REQUIREMENTS`).
 */

export const ENVIRONMENT_CLASSES = ['development', 'staging', 'production'] as const;
export type EnvironmentClass = (typeof ENVIRONMENT_CLASSES)[number];

/** How much can go wrong; see `risk.ts`. */
export const RISKS = ['low', 'medium', 'high'] as const;
export type Risk = (typeof RISKS)[number];

/** So many different persons in a role. */
export interface ApprovalRequirement {
  readonly role: string;
  readonly count: number;
}

/** What must be there. Evidence must have passed, and be about this digest and base. */
export interface Requirement {
  readonly evidence: readonly EvidenceKind[];
  readonly approvals: readonly ApprovalRequirement[];
}

export interface Environment {
  readonly name: string;
  readonly class: EnvironmentClass;
  readonly requires: Readonly<Record<Risk, Requirement>>;
}

export interface Policy {
  /** In the order of the configuration. Never empty. */
  readonly environments: readonly Environment[];
  /** Who may approve in a role, as e-mail addresses (compared without regard to case). A role that is not named here is open to everybody. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
}

/**
 * The part of `lockkeeper.jsonc` that is about policy, as typed there:
 * `{"environments": {"production": {"class": "production", "require": {"high": {"evidence": ["staging run"], "approvals": {"dba": 1}}}}}, "roles": {"dba": ["ann@example.com"]}}`
 */
export interface PolicySettings {
  readonly environments?: Readonly<Record<string, EnvironmentSettings>>;
  readonly roles?: Readonly<Record<string, readonly string[]>>;
}

export interface EnvironmentSettings {
  readonly class: EnvironmentClass;
  /** By risk; a risk that is left out has the class's default. */
  readonly require?: Readonly<Partial<Record<Risk, RequirementSettings>>>;
}

export interface RequirementSettings {
  readonly evidence?: readonly EvidenceKind[];
  /** Role and number of persons. */
  readonly approvals?: Readonly<Record<string, number>>;
}

const NOTHING: Requirement = { evidence: [], approvals: [] };
const REVIEWER: ApprovalRequirement = { role: 'reviewer', count: 1 };
const DBA: ApprovalRequirement = { role: 'dba', count: 1 };

/** Without configuration: only production demands anything, and only what Lockkeeper itself can produce. */
export const DEFAULT_REQUIREMENTS: Readonly<Record<EnvironmentClass, Readonly<Record<Risk, Requirement>>>> = {
  development: { low: NOTHING, medium: NOTHING, high: NOTHING },
  staging: { low: NOTHING, medium: NOTHING, high: NOTHING },
  production: {
    low: { evidence: ['staging run'], approvals: [] },
    medium: { evidence: ['staging run'], approvals: [REVIEWER] },
    high: { evidence: ['staging run'], approvals: [REVIEWER, DBA] },
  },
};

/** The policy that the settings ask for; without `environments`, one environment of each class, named like it. */
export function policyFromSettings(settings: PolicySettings): Policy {
  const named = Object.entries(settings.environments ?? {});
  const entries: (readonly [string, EnvironmentSettings])[] =
    named.length > 0 ? named : ENVIRONMENT_CLASSES.map((name) => [name, { class: name }] as const);
  return {
    environments: entries.map(([name, environment]) => ({
      name,
      class: environment.class,
      requires: {
        low: requirement(environment, 'low'),
        medium: requirement(environment, 'medium'),
        high: requirement(environment, 'high'),
      },
    })),
    roles: new Map(Object.entries(settings.roles ?? {})),
  };
}

/** The environment of that name, if the policy has it. */
export function findEnvironment(policy: Policy, name: string): Environment | undefined {
  return policy.environments.find((environment) => environment.name === name);
}

/** May this e-mail address approve in this role? */
export function mayApprove(policy: Policy, role: string, email: string): boolean {
  const allowed = policy.roles.get(role);
  return allowed === undefined || allowed.some((one) => one.toLowerCase() === email.toLowerCase());
}

/** The roles that the policy speaks of: those that an environment demands first, then those whose members it names. */
export function knownRoles(policy: Policy): readonly string[] {
  const demanded = policy.environments.flatMap(({ requires }) =>
    Object.values(requires).flatMap(({ approvals }) => approvals.map(({ role }) => role)),
  );
  return [...new Set([...demanded, ...policy.roles.keys()])];
}

function requirement(environment: EnvironmentSettings, risk: Risk): Requirement {
  const settings = environment.require?.[risk];
  const defaults = DEFAULT_REQUIREMENTS[environment.class][risk];
  if (settings === undefined) return defaults;
  return {
    evidence: settings.evidence ?? defaults.evidence,
    approvals: settings.approvals
      ? Object.entries(settings.approvals).map(([role, count]) => ({ role, count }))
      : defaults.approvals,
  };
}
