import type { Missing } from './policy/gate.ts';
import type { ApprovalRequirement, Environment, Policy, Risk } from './policy/policy.ts';
import { mayApprove } from './policy/policy.ts';
import { staleBecause } from './policy/staleness.ts';
import type { Approval, Evidence, EvidenceKind, NamedRecord, RecordProblem, RecordSubject } from './records/record.ts';
import type { Finding } from './rules/rule.ts';

/** `missing`: demanded and not there. `none`: not there, and nobody asks for it. */
export type StatusState = 'ok' | 'attention' | 'problem' | 'missing' | 'stale' | 'none';

/** One cell: what the tree and `lockkeeper status` show. */
export interface StatusItem {
  readonly state: StatusState;
  readonly text: string;
}

/** One migration's row. */
export interface MigrationStatus {
  readonly history: string;
  readonly migration: string;
  /** New on this branch: not on the default branch, and not applied. */
  readonly branch: 'this branch' | 'earlier';
  readonly lint: StatusItem;
  readonly rollback: StatusItem;
  readonly staging: StatusItem;
  readonly approvals: StatusItem;
  readonly integrity: StatusItem;
  readonly applied: StatusItem;
}

/** What is known of the way back. */
export interface RollbackState {
  /** A person's script, in the tool's own form. */
  readonly written: boolean;
  /** Lockkeeper's script lies in its place. */
  readonly synthesizedFile: boolean;
  /** Why no script can undo the migration wholly; null: it can, or was not looked into. */
  readonly declined: string | null;
}

/** From the tool's own history table in one environment. */
export interface AppliedState {
  readonly environment: string;
  /** RFC 3339; null where the tool keeps no time. */
  readonly at: string | null;
  /** Applied, but from other bytes, or it failed half-way: what the tool's table says. */
  readonly problem: string | null;
}

export interface StatusInput extends RecordSubject {
  readonly isNew: boolean;
  /** Null: not linted, because only new migrations speak. */
  readonly findings: readonly Finding[] | null;
  readonly rollback: RollbackState;
  readonly risk: Risk;
  readonly policy: Policy;
  /** The environment whose demands are shown; usually the one of class production. */
  readonly environment: Environment;
  readonly records: readonly NamedRecord[];
  readonly evidence: readonly NamedRecord<Evidence>[];
  readonly problems: readonly RecordProblem[];
  /** Null: no environment was asked. Empty: asked, and applied nowhere. */
  readonly applied: readonly AppliedState[] | null;
}

/** All that the tree and `status` say of one migration. Pure: values in, words out. */
export function migrationStatus(input: StatusInput): MigrationStatus {
  const demanded = input.isNew ? input.environment.requires[input.risk] : { evidence: [], approvals: [] };
  return {
    history: input.history,
    migration: input.migration,
    branch: input.isNew ? 'this branch' : 'earlier',
    lint: lintStatus(input.findings),
    rollback: rollbackStatus(input, demanded.evidence.includes('rollback test')),
    staging: evidenceStatus(input, 'staging run', demanded.evidence.includes('staging run'), 'not profiled'),
    approvals: approvalStatus(input, demanded.approvals),
    integrity: evidenceStatus(input, 'integrity check', demanded.evidence.includes('integrity check'), 'not verified'),
    applied: appliedStatus(input.applied),
  };
}

/** One line for what keeps a gate shut: "No staging run yet. lockkeeper profile 0012". */
export function missingLine(missing: Missing): string {
  return `${missing.text} ${missing.toDo}`;
}

function lintStatus(findings: readonly Finding[] | null): StatusItem {
  if (findings === null) return { state: 'none', text: 'not linted: applied, or on the default branch' };
  const count = (severity: Finding['severity']) => findings.filter((one) => one.severity === severity).length;
  const errors = count('error');
  const warnings = count('warning');
  const notes = findings.length - errors - warnings;
  if (findings.length === 0) return { state: 'ok', text: 'no findings' };
  const parts = [plural(errors, 'error'), plural(warnings, 'warning'), plural(notes, 'note')].filter(Boolean);
  return { state: errors > 0 ? 'problem' : warnings > 0 ? 'attention' : 'ok', text: parts.join(', ') };
}

function rollbackStatus(input: StatusInput, demanded: boolean): StatusItem {
  const { written, synthesizedFile, declined } = input.rollback;
  const test = newestFirst(input, 'rollback test')[0];
  const script = written ? 'written' : synthesizedFile ? 'synthesized' : null;
  if (test) {
    const stale = staleBecause(test.record, input);
    const what = script ?? 'synthesized';
    if (stale !== null) return { state: 'stale', text: `${what}; its test is stale: ${stale}` };
    return test.record.outcome === 'passed'
      ? { state: 'ok', text: `${what} and tested: ${test.record.summary}` }
      : { state: 'problem', text: `${what}, but its test failed: ${test.record.summary}` };
  }
  if (declined !== null && !written) return { state: 'attention', text: `can't be undone: ${declined}` };
  if (script !== null) return { state: demanded ? 'missing' : 'ok', text: `${script}, not tested` };
  return input.isNew ? { state: 'missing', text: 'no rollback yet' } : { state: 'none', text: 'no rollback' };
}

function evidenceStatus(input: StatusInput, kind: EvidenceKind, demanded: boolean, absent: string): StatusItem {
  const newest = newestFirst(input, kind);
  const current = newest.find(({ record }) => staleBecause(record, input) === null);
  if (current) {
    return { state: current.record.outcome === 'passed' ? 'ok' : 'problem', text: current.record.summary };
  }
  const last = newest[0];
  if (last) return { state: 'stale', text: `stale: ${staleBecause(last.record, input) ?? ''}` };
  return { state: demanded ? 'missing' : 'none', text: absent };
}

function newestFirst(input: StatusInput, kind: EvidenceKind): readonly NamedRecord<Evidence>[] {
  return [...input.records, ...input.evidence]
    .filter(
      (one): one is NamedRecord<Evidence> =>
        one.record.type === 'evidence' && one.record.kind === kind && isAbout(one, input),
    )
    .sort((a, b) => (a.record.at < b.record.at ? 1 : a.record.at > b.record.at ? -1 : 0));
}

function approvalStatus(input: StatusInput, demanded: readonly ApprovalRequirement[]): StatusItem {
  const damaged = input.problems.find((one) => one.history === input.history && one.migration === input.migration);
  if (damaged) return { state: 'problem', text: damaged.message };
  const approvals = input.records.filter(
    (one): one is NamedRecord<Approval> => one.record.type === 'approval' && isAbout(one, input),
  );
  const stale = approvals.filter(({ record }) => staleBecause(record, input) !== null);
  const valid = approvals.filter(({ record }) => staleBecause(record, input) === null);
  const given = demanded.map(({ role, count }) => ({ role, count, given: personsIn(input.policy, valid, role) }));
  const lacks = given.some((one) => one.given < one.count);
  const staleNote =
    stale.length === 0 ? '' : `; ${plural(stale.length, 'approval')} stale: ${staleReason(stale[0], input)}`;
  if (given.length === 0) {
    if (valid.length > 0)
      return { state: 'ok', text: `${plural(valid.length, 'approval')}, none demanded${staleNote}` };
    return { state: stale.length > 0 ? 'stale' : 'none', text: `none demanded${staleNote}` };
  }
  const counts = given.map((one) => `${one.role} ${one.given} of ${one.count}`).join(', ');
  if (!lacks) return { state: 'ok', text: counts + staleNote };
  return { state: stale.length > 0 ? 'stale' : 'missing', text: counts + staleNote };
}

function staleReason(record: NamedRecord | undefined, input: StatusInput): string {
  return record === undefined ? '' : (staleBecause(record.record, input) ?? '');
}

/** Different persons who approved in that role and may do so; the same person counts once. */
function personsIn(policy: Policy, approvals: readonly NamedRecord<Approval>[], role: string): number {
  const persons = approvals
    .filter(({ record }) => record.role === role && mayApprove(policy, role, record.person.email))
    .map(({ record }) => record.person.email.toLowerCase());
  return new Set(persons).size;
}

function appliedStatus(applied: readonly AppliedState[] | null): StatusItem {
  if (applied === null) return { state: 'none', text: 'no environment was asked' };
  if (applied.length === 0) return { state: 'none', text: 'not applied' };
  const text = applied
    .map(({ environment, at, problem }) => {
      const when = at === null ? environment : `${environment} ${at.slice(0, 16).replace('T', ' ')}`;
      return problem === null ? when : `${when}: ${problem}`;
    })
    .join(', ');
  return { state: applied.some(({ problem }) => problem !== null) ? 'problem' : 'ok', text };
}

function isAbout(one: NamedRecord, subject: RecordSubject): boolean {
  return one.record.history === subject.history && one.record.migration === subject.migration;
}

function plural(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`;
}
