import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { JsonValue } from './canonicalJson.ts';
import { canonicalJson } from './canonicalJson.ts';
import type { LockkeeperRecord, NamedRecord } from './record.ts';

/** Where records lie, relative to the workspace root. */
export const RECORDS_FOLDER = '.lockkeeper/records';

/** The bytes of a record's file: canonical JSON with a closing newline, so that editors and `git diff` are content. */
export function recordText(record: LockkeeperRecord): string {
  return `${canonicalJson(record as unknown as JsonValue)}\n`;
}

/** A record's name: SHA-256 of its file's bytes, 64 hexadecimal digits. */
export function recordName(record: LockkeeperRecord): string {
  return hashText(recordText(record));
}

/** `<sha256>.json` */
export function recordFileName(record: LockkeeperRecord): string {
  return `${recordName(record)}.json`;
}

/** `<history>/<migration>`, percent-encoded, relative to the records' folder. */
export function recordFolder(history: string, migration: string): string {
  return `${encodeId(history)}/${encodeId(migration)}`;
}

/** The path of a record's file, relative to the records' folder, with `/`. */
export function recordPath(record: LockkeeperRecord): string {
  return `${recordFolder(record.history, record.migration)}/${recordFileName(record)}`;
}

/** SHA-256 of a text's UTF-8 bytes, 64 hexadecimal digits. */
export function hashText(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** The record together with its name. */
export function named<T extends LockkeeperRecord>(record: T): NamedRecord<T> {
  return { name: recordName(record), record };
}

/**
 * An id as a folder name that is the same on every file system: everything but `A-Z a-z 0-9 _ -` and inner dots is
 * percent-encoded. A leading or closing dot is encoded as well (`..`, and Windows drops closing ones), and so are the
 * letters' cases left alone: two ids that differ by case only share a folder on Windows and macOS, which is harmless,
 * since every record names its migration itself.
 */
export function encodeId(id: string): string {
  const encoded = encodeURIComponent(id).replace(/[!'()*~]/g, percent);
  return encoded.replace(/^\.|\.$/g, percent) || '%';
}

/** The id that `encodeId` encoded; null if that is no such name. */
export function decodeId(folder: string): string | null {
  if (folder === '%') return '';
  try {
    return decodeURIComponent(folder);
  } catch {
    return null;
  }
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
