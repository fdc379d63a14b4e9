import type { JsonValue } from './canonicalJson.ts';

/**
 * Records: what was found out about one migration (evidence) and who accepted it (approvals), kept as immutable files.
 * How they become bytes and names: `recordFile.ts`.
 */

/** For people: *checks*. `rollback test` = up, down, compared; `apply` = was applied to an environment, and how that went. */
export const EVIDENCE_KINDS = ['rollback test', 'staging run', 'integrity check', 'apply'] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

/** What every record is about: exactly these bytes of this migration. */
export interface RecordSubject {
  /** `History.id` */
  readonly history: string;
  /** `Migration.id` */
  readonly migration: string;
  /** `migrationDigest(migration)` of the text that was checked or accepted. */
  readonly digest: string;
  /** `catalogFingerprint` of the replayed catalog before the migration; null where the history could not be replayed. */
  readonly base: string | null;
}

interface RecordBase extends RecordSubject {
  /** Of this format; a reader refuses what it does not know. */
  readonly version: 1;
  /** Names (hashes) of the records about this migration that its maker saw, so that a removal shows. Sorted. */
  readonly saw: readonly string[];
  /** RFC 3339 in UTC: `2026-03-01T12:00:00.000Z`. From the server's clock where a server took part. */
  readonly at: string;
}

export type Outcome = 'passed' | 'failed';

/** The server that was asked. */
export interface EvidenceServer {
  /** `SHOW server_version`: "16.4 (Debian …)". */
  readonly version: string;
  readonly major: number;
  /** A throw-away server that Lockkeeper started, or one of the user's environments. */
  readonly place: 'embedded' | 'environment';
}

/** The result of one check. Never holds row values, URLs or passwords. */
export interface Evidence extends RecordBase {
  readonly type: 'evidence';
  readonly kind: EvidenceKind;
  readonly outcome: Outcome;
  /** The environment's name, where one was asked; null for a throw-away server. */
  readonly environment: string | null;
  readonly server: EvidenceServer;
  /** Session settings that decide what statements do, read back from the server: lock_timeout, TimeZone, search_path … */
  readonly settings: Readonly<Record<string, string>>;
  readonly milliseconds: number;
  /** One sentence for the tree: "longest lock ACCESS EXCLUSIVE on orders, 153 ms; 1 table rewritten". */
  readonly summary: string;
  /** The whole result, as its maker documents it. */
  readonly details: JsonValue;
}

/** Who approves, as `git config` names them. Not signed yet: a record says who claims it, no more. */
export interface Person {
  readonly name: string;
  readonly email: string;
}

/** A person in a role accepts exactly one digest. */
export interface Approval extends RecordBase {
  readonly type: 'approval';
  readonly role: string;
  readonly person: Person;
  readonly comment: string | null;
}

export type LockkeeperRecord = Evidence | Approval;

/** A record with the name that its bytes have. */
export interface NamedRecord<T extends LockkeeperRecord = LockkeeperRecord> {
  /** SHA-256 of the file's bytes, 64 hexadecimal digits: the file's name without `.json`. */
  readonly name: string;
  readonly record: T;
}

/** What is wrong with a record file. */
export interface RecordProblem {
  readonly kind: 'edited' | 'removed' | 'unreadable' | 'misplaced';
  /** The file's path, or for a removed one where it would lie; relative to `.lockkeeper/records`, with `/`. */
  readonly path: string;
  readonly history: string;
  readonly migration: string;
  readonly message: string;
}
