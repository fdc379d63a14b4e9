import type { Evidence, EvidenceKind, NamedRecord, RecordProblem, RecordSubject } from '../records/record.ts';
import type { ApprovalRequirement, Environment, EnvironmentClass, Policy, Risk } from './policy.ts';
import { mayApprove } from './policy.ts';
import { staleBecause } from './staleness.ts';

/** What the gate is asked. */
export interface GateQuestion extends RecordSubject {
  readonly environment: Environment;
  readonly policy: Policy;
  readonly risk: Risk;
  /** The repository's records, of this migration or of all. */
  readonly records: readonly NamedRecord[];
  /** The user's local evidence, which counts as well. */
  readonly evidence: readonly NamedRecord<Evidence>[];
  /** From `readRecords`. */
  readonly problems: readonly RecordProblem[];
  /**
   * `check`: may the team's tool apply it? `apply`: may Lockkeeper itself, which for class `production` the user must
   * have switched on. An open gate of purpose `check` does not let `apply` through.
   */
  readonly purpose: 'check' | 'apply';
  /** Evidence that can't be had for this history, with the reason: said instead of a command that would refuse. */
  readonly unavailable?: ReadonlyMap<EvidenceKind, string>;
  /** The user's setting: Lockkeeper may apply to environments of class `production`. Off by default; never read from the repository. */
  readonly applyToProduction: boolean;
}

/** One thing that keeps the gate shut. */
export interface Missing {
  readonly kind: 'evidence' | 'approval' | 'record' | 'switch';
  /** Not there at all; there, but about other bytes or another schema; there, but it failed; tampered with; switched off. */
  readonly reason: 'absent' | 'stale' | 'failed' | 'damaged' | 'off';
  /** What is missing, for people. */
  readonly text: string;
  /** What to do about it: a command to run, or a setting to change. */
  readonly toDo: string;
}

/** Held by this module only, so that no other can make a Gate. */
const key: unique symbol = Symbol('gate');

/**
 * The verdict on one migration for one environment: open, or the list of what is missing. Only `gate()` makes one, so
 * whoever demands a Gate (apply) can't be talked round by a front end. Good for exactly the digest that it names.
 */
export class Gate {
  readonly history: string;
  readonly migration: string;
  readonly digest: string;
  readonly environment: { readonly name: string; readonly class: EnvironmentClass };
  readonly risk: Risk;
  readonly purpose: 'check' | 'apply';
  readonly missing: readonly Missing[];
  /** Names of the records that opened it, for the record of the apply. Sorted. */
  readonly records: readonly string[];
  readonly #key: symbol;

  /** Not for others: throws without this module's own key. */
  constructor(
    caller: typeof key,
    question: GateQuestion,
    verdict: { readonly missing: readonly Missing[]; readonly records: readonly string[] },
  ) {
    if ((caller as symbol) !== key) throw new TypeError('only gate() makes a Gate');
    this.#key = caller;
    this.history = question.history;
    this.migration = question.migration;
    this.digest = question.digest;
    this.environment = Object.freeze({ name: question.environment.name, class: question.environment.class });
    this.risk = question.risk;
    this.purpose = question.purpose;
    this.missing = Object.freeze([...verdict.missing]);
    this.records = Object.freeze([...verdict.records]);
    Object.freeze(this);
  }

  /** The private field can't be forged, not even by an object with this prototype. */
  static made(value: unknown): value is Gate {
    return typeof value === 'object' && value !== null && #key in value && value.#key === key;
  }

  /** Nothing is missing. */
  get open(): boolean {
    return this.missing.length === 0;
  }

  /** May Lockkeeper apply exactly these bytes of this migration there? */
  admits(to: {
    readonly history: string;
    readonly migration: string;
    readonly digest: string;
    readonly environment: string;
  }): boolean {
    return (
      this.open &&
      this.purpose === 'apply' &&
      this.history === to.history &&
      this.migration === to.migration &&
      this.digest === to.digest &&
      this.environment.name === to.environment
    );
  }
}

/** Is this a verdict that `gate()` gave, and not something that merely looks like one? */
export function isGate(value: unknown): value is Gate {
  return Gate.made(value);
}

/** Weighs evidence and approvals against what the environment demands at this risk. Pure: the same question has the same answer. */
export function gate(question: GateQuestion): Gate {
  const requirement = question.environment.requires[question.risk];
  const used: string[] = [];
  const missing = [
    ...damaged(question),
    ...requirement.evidence.flatMap((kind) => weighEvidence(question, kind, used)),
    ...requirement.approvals.flatMap((approval) => weighApprovals(question, approval, used)),
    ...productionSwitch(question),
  ];
  return new Gate(key, question, { missing, records: [...new Set(used)].sort() });
}

function damaged({ problems, history, migration }: GateQuestion): readonly Missing[] {
  return problems
    .filter((problem) => problem.history === history && problem.migration === migration)
    .map(({ kind, path, message }) => ({
      kind: 'record',
      reason: 'damaged',
      text: message,
      toDo:
        kind === 'removed' || kind === 'edited'
          ? `git checkout -- .lockkeeper/records/${path}`
          : `Remove .lockkeeper/records/${path}, or update Lockkeeper.`,
    }));
}

function productionSwitch({ environment, purpose, applyToProduction }: GateQuestion): readonly Missing[] {
  if (purpose !== 'apply' || environment.class !== 'production' || applyToProduction) return [];
  return [
    {
      kind: 'switch',
      reason: 'off',
      text: `Lockkeeper does not apply to ${environment.name}, which is of class production, until you switch that on.`,
      toDo: 'Let your migration tool apply it, or switch on lockkeeper.apply.allowProduction in your user settings (on the command line: --apply-to-production).',
    },
  ];
}

function weighEvidence(question: GateQuestion, kind: EvidenceKind, used: string[]): readonly Missing[] {
  const candidates = evidenceOf(question, kind);
  const toDo = evidenceCommand(kind, question);
  const latest = candidates.find(({ record }) => staleBecause(record, question) === null);
  if (latest?.record.outcome === 'passed') {
    used.push(latest.name);
    return [];
  }
  if (latest !== undefined) {
    return [{ kind: 'evidence', reason: 'failed', text: `The last ${kind} failed: ${latest.record.summary}`, toDo }];
  }
  const stale = candidates[0];
  if (stale !== undefined) {
    const text = `The ${kind} of ${stale.record.at} is stale: ${staleBecause(stale.record, question) ?? ''}`;
    return [{ kind: 'evidence', reason: 'stale', text, toDo }];
  }
  const unavailable = question.unavailable?.get(kind);
  if (unavailable !== undefined) {
    const { name } = question.environment;
    const setting = `"environments": {"${name}": {"class": "${question.environment.class}", "require": {"${question.risk}": {"evidence": []}}}}`;
    const toDo = `Don't demand it where it can't be had: ${setting} in lockkeeper.jsonc. Approvals are demanded as before.`;
    return [{ kind: 'evidence', reason: 'absent', text: unavailable, toDo }];
  }
  return [{ kind: 'evidence', reason: 'absent', text: `No ${kind} yet.`, toDo }];
}

/**
 * Newest first. An apply or an integrity check asked of an environment before this one is let in means "it went well
 * elsewhere", so what comes from the environment itself does not count.
 */
function evidenceOf(question: GateQuestion, kind: EvidenceKind): readonly NamedRecord<Evidence>[] {
  const all = [...question.records, ...question.evidence].filter(
    (one): one is NamedRecord<Evidence> =>
      one.record.type === 'evidence' &&
      one.record.kind === kind &&
      one.record.history === question.history &&
      one.record.migration === question.migration &&
      !((kind === 'apply' || kind === 'integrity check') && one.record.environment === question.environment.name),
  );
  return all.sort((a, b) => (a.record.at < b.record.at ? 1 : a.record.at > b.record.at ? -1 : 0));
}

function weighApprovals(question: GateQuestion, demanded: ApprovalRequirement, used: string[]): readonly Missing[] {
  const persons = new Set<string>();
  const notes: string[] = [];
  let stale = false;
  for (const { name, record } of question.records) {
    if (record.type !== 'approval' || record.role !== demanded.role) continue;
    if (record.history !== question.history || record.migration !== question.migration) continue;
    const person = record.person.email.toLowerCase();
    const reason = staleBecause(record, question);
    if (reason !== null) {
      stale = true;
      notes.push(`that of ${record.person.name} is stale: ${reason.replace(/\.$/, '')}`);
    } else if (!mayApprove(question.policy, demanded.role, person)) {
      notes.push(`${record.person.email} is not among those who may approve as ${demanded.role}`);
    } else {
      persons.add(person);
      used.push(name);
    }
  }
  if (persons.size >= demanded.count) return [];
  const given = `${persons.size} of ${demanded.count} ${demanded.count === 1 ? 'approval' : 'approvals'} as ${demanded.role}`;
  return [
    {
      kind: 'approval',
      reason: stale ? 'stale' : 'absent',
      text: [given, ...new Set(notes)].join('; '),
      toDo: `lockkeeper approve --role ${demanded.role} ${shellWord(question.migration)}`,
    },
  ];
}

function evidenceCommand(kind: EvidenceKind, { migration, environment }: GateQuestion): string {
  const id = shellWord(migration);
  switch (kind) {
    case 'rollback test':
      return `lockkeeper test-rollback ${id}`;
    case 'staging run':
      return `lockkeeper profile ${id}`;
    case 'integrity check':
      return `Apply it to another environment before ${environment.name}, then: lockkeeper verify ${id}`;
    case 'apply':
      return `Apply it to another environment before ${environment.name}: lockkeeper apply ${id}`;
  }
}

function shellWord(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
