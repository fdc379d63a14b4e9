import pg from 'pg';
import { RunError } from '../runError.ts';

/** What replays a history: a hint says what can be done there. */
export type ReplayPurpose = 'rollback test' | 'staging run';

/** The server refused a statement, and neither a cancel nor its own shutdown (SQLSTATE class 57) lies behind it. */
export function isRefused(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && error.code?.startsWith('57') !== true;
}

/** An earlier migration, or the baseline, that does not run: what usually lies behind it, and what can be done. */
export function replayError(
  path: string,
  error: pg.DatabaseError,
  { purpose, phase }: { readonly purpose: ReplayPurpose; readonly phase: string },
): RunError {
  return new RunError(
    'replay failed',
    `${path}, which comes before, does not run on an empty database: ${error.message}.${hintFor(error.code, purpose)}`,
    { sqlState: error.code ?? null, phase, cause: error },
  );
}

function hintFor(sqlState: string | undefined, purpose: ReplayPurpose): string {
  switch (sqlState) {
    case '42P01': // undefined_table
    case '42704': // undefined_object
    case '3F000': // invalid_schema_name
      return ` If the history does not start from nothing, name a schema dump as "baseline" in lockkeeper.jsonc.${purpose === 'rollback test' ? ' With --all, what the server refuses is left out and named.' : ''}`;
    case '0A000': // feature_not_supported: extension is not available
    case '58P01': // undefined_file
      return purpose === 'rollback test'
        ? ' The server may lack an extension: test on a server that has it (--environment).'
        : ' The server may lack an extension: profile on a staging server that has it.';
    default:
      return '';
  }
}
