import type { HistoryAnalysis, MigrationAnalysis } from './analyze.ts';
import { catalogFingerprint } from './catalog/compare.ts';
import { migrationDigest } from './digest.ts';
import { fixesOf, lintHistory, ONCE_PER_PROJECT } from './lint.ts';
import type { FileLint, LintOptions } from './lint.ts';
import { gate } from './policy/gate.ts';
import type { Gate, GateQuestion } from './policy/gate.ts';
import type { Environment, Policy } from './policy/policy.ts';
import { assessRisk } from './policy/risk.ts';
import type { RiskAssessment } from './policy/risk.ts';
import type { ReadRecords } from './records/readRecords.ts';
import type { Evidence, EvidenceKind, NamedRecord, RecordSubject } from './records/record.ts';
import type { AppliedDigest, LintFacts } from './rules/facts.ts';
import type { Finding, Fix } from './rules/rule.ts';
import { synthesizeRollback } from './rollback/rollback.ts';
import { isGenerated } from './rollback/script.ts';
import { migrationStatus } from './status.ts';
import type { AppliedState, MigrationStatus, RollbackState } from './status.ts';
import type { Migration } from './tools/tool.ts';

/** What is known besides the texts: read by `src/node`, passed in as values. */
export interface Knowledge {
  /** The repository's records. */
  readonly records: ReadRecords;
  /** The user's own evidence. */
  readonly evidence: readonly NamedRecord<Evidence>[];
  /** By migration id; null: no environment was asked. */
  readonly applied: ReadonlyMap<string, readonly AppliedState[]> | null;
}

/** Nothing known: what a fresh clone starts with. */
export const NO_KNOWLEDGE: Knowledge = {
  records: { records: [], problems: [] },
  evidence: [],
  applied: null,
};

export interface OverviewInput {
  readonly analysis: HistoryAnalysis;
  readonly isNew: (migration: Migration) => boolean;
  readonly config: LintOptions['config'];
  readonly policy: Policy;
  readonly knowledge: Knowledge;
  /** What lint may know besides the texts; what is applied comes from `knowledge`. */
  readonly facts?: LintFacts;
  /** Rules that speak once in a project and have spoken in another history of it. */
  readonly said?: ReadonlySet<string>;
}

/**
 * One migration with everything that the tree, `status` and the gate need. Digest, base, risk and status are worked out
 * when they are first asked for: a tree shows a few of a thousand migrations.
 */
export class MigrationOverview {
  readonly migration: Migration;
  readonly analysis: MigrationAnalysis;
  /** Not on the default branch and not applied: only such migrations speak and are asked for evidence. */
  readonly isNew: boolean;
  /** Null where the migration does not speak. */
  readonly lint: FileLint | null;
  readonly #input: OverviewInput;
  readonly #options: LintOptions;
  #digest: string | undefined;
  #base: string | undefined;
  #risk: RiskAssessment | undefined;
  #status: MigrationStatus | undefined;

  /** @param options of the lint */
  constructor(input: OverviewInput, analysis: MigrationAnalysis, lint: FileLint | null, options: LintOptions) {
    this.migration = analysis.migration;
    this.analysis = analysis;
    this.isNew = input.isNew(analysis.migration);
    this.lint = lint;
    this.#input = input;
    this.#options = options;
  }

  /** The fixes of one of the findings: made now, since the lint made none. */
  fixesOf(finding: Finding): readonly Fix[] {
    return this.lint === null ? [] : fixesOf(finding, this.lint, this.#input.analysis, this.#options);
  }

  /** What records about this migration name. */
  get subject(): RecordSubject {
    return {
      history: this.#input.analysis.history.id,
      migration: this.migration.id,
      digest: this.digest,
      base: this.base,
    };
  }

  get digest(): string {
    return (this.#digest ??= migrationDigest(this.migration));
  }

  get base(): string {
    return (this.#base ??= catalogFingerprint(this.analysis.before));
  }

  get risk(): RiskAssessment {
    return (this.#risk ??= assessRisk(this.analysis, this.lint?.findings ?? []));
  }

  get status(): MigrationStatus {
    const { policy, knowledge } = this.#input;
    const { id } = this.migration;
    return (this.#status ??= migrationStatus({
      ...this.subject,
      isNew: this.isNew,
      findings: this.lint?.findings ?? null,
      rollback: this.#rollbackState(),
      risk: this.risk.risk,
      policy,
      environment: shownEnvironment(policy),
      records: knowledge.records.records,
      evidence: knowledge.evidence,
      problems: knowledge.records.problems,
      applied: knowledge.applied === null ? null : (knowledge.applied.get(id) ?? []),
    }));
  }

  #rollbackState(): RollbackState {
    const { rollback } = this.migration;
    const down = rollback === null ? null : rollback.text.slice(rollback.range.start, rollback.range.end);
    const synthesized = down !== null && isGenerated(down);
    return {
      written: down !== null && !synthesized,
      synthesizedFile: synthesized,
      // Only for what is new: working it out for a long history would cost more than anybody asks.
      declined: this.isNew ? synthesizeRollback(this.analysis, this.#input.analysis.history).declined : null,
    };
  }

  /** The gate of an environment. */
  gate(question: Pick<GateQuestion, 'environment' | 'purpose' | 'applyToProduction'>): Gate {
    const { policy, knowledge } = this.#input;
    return gate({
      ...question,
      ...this.subject,
      policy,
      risk: this.risk.risk,
      records: knowledge.records.records,
      evidence: knowledge.evidence,
      problems: knowledge.records.problems,
      unavailable: this.#input.analysis.history.dialect === 'mysql' ? NOT_FOR_MYSQL : NOTHING,
    });
  }
}

const NOTHING: ReadonlyMap<EvidenceKind, string> = new Map();
const NOT_FOR_MYSQL: ReadonlyMap<EvidenceKind, string> = new Map(
  (['staging run', 'rollback test', 'integrity check', 'apply'] as const).map((kind) => [
    kind,
    `A MySQL migration has no ${kind} here: Lockkeeper runs PostgreSQL only.`,
  ]),
);

/** Where every migration of a history stands, in the tool's order. The same for the editor's tree and the command line. */
export function historyOverview(input: OverviewInput): readonly MigrationOverview[] {
  const { analysis, isNew, config, knowledge } = input;
  const appliedAs = appliedDigests(knowledge, analysis.history.id);
  const facts: LintFacts = { ...input.facts, applied: knowledge.applied, appliedAs };
  const said = input.said === undefined ? {} : { said: input.said };
  const options = { speaks: isNew, mayEdit: isNew, fixes: false, config, facts, ...said };
  const { files } = lintHistory(analysis, options);
  const lintOf = new Map(files.map((file) => [file.migration.id, file]));
  return analysis.migrations.map(
    (each) => new MigrationOverview(input, each, lintOf.get(each.migration.id) ?? null, options),
  );
}

/** The rules that speak once in a project, and have spoken here or in the histories before. */
export function saidAfter(overviews: readonly MigrationOverview[], before: ReadonlySet<string>): ReadonlySet<string> {
  const here = overviews.flatMap(({ lint }) => (lint?.findings ?? []).map(({ rule }) => rule));
  return new Set([...before, ...here.filter((rule) => ONCE_PER_PROJECT.has(rule))]);
}

const keptDigests = new WeakMap<Knowledge, Map<string, AppliedDigests>>();
type AppliedDigests = ReadonlyMap<string, readonly AppliedDigest[]>;

/** What evidence and records tell of applies, by migration; the same map for as long as the knowledge is the same. */
function appliedDigests(knowledge: Knowledge, history: string): AppliedDigests {
  const byHistory = keptDigests.get(knowledge) ?? new Map<string, AppliedDigests>();
  keptDigests.set(knowledge, byHistory);
  let found = byHistory.get(history);
  if (found === undefined) {
    const digests = new Map<string, AppliedDigest[]>();
    for (const { record } of [...knowledge.evidence, ...knowledge.records.records]) {
      if (record.type !== 'evidence' || record.kind !== 'apply' || record.outcome !== 'passed') continue;
      if (record.history !== history) continue;
      const { migration, environment, digest } = record;
      digests.set(migration, [...(digests.get(migration) ?? []), { environment, digest }]);
    }
    found = digests;
    byHistory.set(history, found);
  }
  return found;
}

/** The environment whose demands people look at first: the first one of class production, else the last one named. */
export function shownEnvironment(policy: Policy): Environment {
  const shown =
    policy.environments.find((environment) => environment.class === 'production') ?? policy.environments.at(-1);
  if (shown === undefined) throw new TypeError('a policy has at least one environment');
  return shown;
}
