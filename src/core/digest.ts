import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalJson } from './records/canonicalJson.ts';
import type { Migration, TextRange } from './tools/tool.ts';

/**
 * What a check or an approval is about: SHA-256 of `lockkeeper-1\n` and the canonical JSON of
 * `{id, tool, transactionMode, up, down}`, in hexadecimal. CRLF is read as LF and a BOM dropped, so that a checkout on
 * Windows is the same migration; everything else counts, comments too.
 */
export function migrationDigest(migration: Migration): string {
  const { id, tool, transactionMode, rollback } = migration;
  const up = digestedText(migration.text, migration.range);
  const down = rollback ? digestedText(rollback.text, rollback.range) : null;
  return bytesToHex(
    sha256(utf8ToBytes(`lockkeeper-1\n${canonicalJson({ id: wellFormed(id), tool, transactionMode, up, down })}`)),
  );
}

/** A part of a file as it is digested, and therefore as it is run. */
export function digestedText(text: string, range: TextRange): string {
  return wellFormed(
    text
      .slice(range.start, range.end)
      .replace(/^\ufeff/, '')
      .replaceAll('\r\n', '\n'),
  );
}

/** Half a surrogate pair, which an editor may hold but no file, becomes U+FFFD, as in every encoder of UTF-8. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
