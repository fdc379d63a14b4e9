import type { JsonValue } from './canonicalJson.ts';
import { decodeId, hashText, recordFolder } from './recordFile.ts';
import type { LockkeeperRecord, NamedRecord, RecordProblem } from './record.ts';
import { EVIDENCE_KINDS } from './record.ts';

/** One file below the records' folder; the path relative to it, with `/`. */
export interface RecordFile {
  readonly path: string;
  readonly text: string;
}

export interface ReadRecords {
  /** The sound ones, oldest first. */
  readonly records: readonly NamedRecord[];
  /** What was edited, removed or can't be read: said to people, and never counted. */
  readonly problems: readonly RecordProblem[];
}

/**
 * Reads record files and finds out which were tampered with: an edited one no longer has the name of its bytes, a
 * removed one is missed by a record that saw it. (Removing the newest, which nobody saw yet, can't be found out here.)
 */
export function readRecords(files: readonly RecordFile[]): ReadRecords {
  const records: NamedRecord[] = [];
  const problems: RecordProblem[] = [];
  for (const file of files) {
    const [history, migration, fileName, ...rest] = file.path.split('/');
    if (!history || !migration || !fileName || rest.length > 0 || !fileName.endsWith('.json')) continue;
    const about = {
      path: file.path,
      history: decodeId(history) ?? history,
      migration: decodeId(migration) ?? migration,
    };
    const name = fileName.slice(0, -'.json'.length);
    if (hashText(file.text) !== name) {
      const message = `${file.path} was changed after it was written: its content no longer has the hash that it is named by. It does not count.`;
      problems.push({ ...about, kind: 'edited', message });
      continue;
    }
    const record = parseRecord(file.text);
    if (record === null) {
      const message = `${file.path} is not a record that this version of Lockkeeper can read. It does not count.`;
      problems.push({ ...about, kind: 'unreadable', message });
    } else if (recordFolder(record.history, record.migration) !== `${history}/${migration}`) {
      const message = `${file.path} is about migration ${record.migration} of ${record.history}, and lies in another's folder. It does not count.`;
      problems.push({ ...about, kind: 'misplaced', message });
    } else {
      records.push({ name, record });
    }
  }
  records.sort((a, b) => compare(a.record.at, b.record.at) || compare(a.name, b.name));
  return { records, problems: [...problems, ...removed(records, problems)] };
}

/** Records that another one saw and that are not there any more. An edited one still has its place, so it is not missed twice. */
function removed(records: readonly NamedRecord[], problems: readonly RecordProblem[]): readonly RecordProblem[] {
  const present = new Set(records.map(({ name }) => name));
  for (const { path } of problems) present.add(path.slice(path.lastIndexOf('/') + 1, -'.json'.length));
  const missing = new Map<string, RecordProblem>();
  for (const { name, record } of records) {
    for (const seen of record.saw) {
      if (present.has(seen) || missing.has(seen)) continue;
      const path = `${recordFolder(record.history, record.migration)}/${seen}.json`;
      const message = `${path} was removed: the record ${name.slice(0, 12)} (${record.at}) names it. Get it back from the version control.`;
      missing.set(seen, { kind: 'removed', path, history: record.history, migration: record.migration, message });
    }
  }
  return [...missing.values()];
}

/** The record in a file's text; null if it is none, or of a version that is not known here. */
export function parseRecord(text: string): LockkeeperRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isRecord(value) ? value : null;
}

function isRecord(value: unknown): value is LockkeeperRecord {
  if (!isObject(value)) return false;
  const base =
    value['version'] === 1 &&
    isText(value['history']) &&
    isText(value['migration']) &&
    isText(value['digest']) &&
    (value['base'] === null || isText(value['base'])) &&
    isText(value['at']) &&
    Array.isArray(value['saw']) &&
    value['saw'].every(isText);
  if (!base) return false;
  return value['type'] === 'evidence' ? isEvidence(value) : value['type'] === 'approval' && isApproval(value);
}

function isEvidence(value: Readonly<Record<string, unknown>>): boolean {
  const server = value['server'];
  return (
    EVIDENCE_KINDS.some((kind) => kind === value['kind']) &&
    (value['outcome'] === 'passed' || value['outcome'] === 'failed') &&
    (value['environment'] === null || isText(value['environment'])) &&
    isObject(server) &&
    isText(server['version']) &&
    typeof server['major'] === 'number' &&
    (server['place'] === 'embedded' || server['place'] === 'environment') &&
    isObject(value['settings']) &&
    Object.values(value['settings']).every(isText) &&
    typeof value['milliseconds'] === 'number' &&
    isText(value['summary']) &&
    isJson(value['details'])
  );
}

function isApproval(value: Readonly<Record<string, unknown>>): boolean {
  const person = value['person'];
  return (
    isText(value['role']) &&
    isObject(person) &&
    isText(person['name']) &&
    isText(person['email']) &&
    (value['comment'] === null || isText(value['comment']))
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What came from JSON.parse is JSON, unless it is not there at all. */
function isJson(value: unknown): value is JsonValue {
  return value !== undefined;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
