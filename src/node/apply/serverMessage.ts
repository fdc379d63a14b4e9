import pg from 'pg';

/**
 * A server's words without row values: DETAIL, which quotes rows, is never looked at, and data errors (class 22, "invalid
 * input syntax for type integer: …") lose the quoted value.
 */
export function serverMessage(error: unknown): string {
  if (!(error instanceof pg.DatabaseError)) return error instanceof Error ? error.message : String(error);
  return error.code?.startsWith('22') === true ? error.message.replace(/: ".*"$/s, '') : error.message;
}
