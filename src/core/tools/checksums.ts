import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * Prisma's checksum of a script, as it stands in `_prisma_migrations.checksum`: SHA-256 of the file's bytes.
 * https://github.com/prisma/prisma-engines/blob/main/schema-engine/connectors/schema-connector/src/checksum.rs
 *
 * @param text the whole file; one decoded from UTF-8 without loss
 */
export function prismaChecksum(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/**
 * Flyway's checksum, as it stands in `flyway_schema_history.checksum`: CRC-32 over the lines without their ends, and
 * without a BOM, as a signed integer.
 * https://github.com/flyway/flyway/blob/main/flyway-core/src/main/java/org/flywaydb/core/internal/resolver/ChecksumCalculator.java
 */
export function flywayChecksum(text: string): number {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
  let checksum = -1;
  for (const byte of utf8ToBytes(lines.join(''))) checksum = (checksum >>> 8) ^ (TABLE[(checksum ^ byte) & 255] ?? 0);
  return ~checksum;
}

/** CRC-32 of ISO 3309 by bytes, as java.util.zip.CRC32 computes it. */
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});
