import type { LockkeeperRecord, RecordSubject } from '../records/record.ts';

/**
 * Why a record is stale for what it is asked about; null: it is not. Stale = about other bytes, or about the same bytes
 * on another schema: an earlier migration was changed, added or removed, so the same statement may do another thing.
 */
export function staleBecause(record: LockkeeperRecord, now: Pick<RecordSubject, 'digest' | 'base'>): string | null {
  if (record.digest !== now.digest) return 'the migration was changed since.';
  if (record.base !== null && now.base !== null && record.base !== now.base) {
    return 'the schema before the migration was changed since (an earlier migration was edited, added or removed).';
  }
  return null;
}
