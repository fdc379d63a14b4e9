/** Where Drizzle lists a folder's migrations; in the newer layout each has a snapshot beside it instead. */
export const DRIZZLE_JOURNAL = 'meta/_journal.json';

/** The database for which Drizzle wrote a journal or a snapshot: `postgresql`, `mysql`, `sqlite` …; null if it says nothing. */
export function drizzleDialect(json: string): string | null {
  const dialect = /"dialect"\s*:\s*"(\w+)"/.exec(json)?.[1]?.toLowerCase() ?? null;
  return dialect === 'pg' || dialect === 'postgres' ? 'postgresql' : dialect;
}
