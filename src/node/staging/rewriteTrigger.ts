import type { Client } from 'pg';
import type { RewriteReason } from '../../core/report/stagingRun.ts';

/** In pg_catalog, so that no migration's search_path or schema comparison meets it; the database is ours and is dropped. */
const FUNCTION = 'pg_catalog.lockkeeper_table_rewrite';
const MARK = 'lockkeeper rewrite:';

/**
 * Lets the server say why it rewrites a table: an event trigger that sends each reason as an INFO message, which reaches
 * the client whatever `client_min_messages` is, and writes and locks nothing. Event triggers need a superuser.
 * https://www.postgresql.org/docs/current/functions-event-triggers.html#PG-EVENT-TRIGGER-TABLE-REWRITE-FUNCTIONS
 *
 * @returns false where none could be made
 */
export async function installRewriteTrigger(client: Client): Promise<boolean> {
  try {
    await client.query(`
      CREATE OR REPLACE FUNCTION ${FUNCTION}() RETURNS event_trigger LANGUAGE plpgsql SET search_path = '' AS $lockkeeper$
      BEGIN
        RAISE INFO '${MARK}%:%', pg_catalog.pg_event_trigger_table_rewrite_oid()::int8,
                                 pg_catalog.pg_event_trigger_table_rewrite_reason();
      END $lockkeeper$;
      DROP EVENT TRIGGER IF EXISTS lockkeeper_table_rewrite;
      CREATE EVENT TRIGGER lockkeeper_table_rewrite ON table_rewrite EXECUTE FUNCTION ${FUNCTION}();
      ALTER EVENT TRIGGER lockkeeper_table_rewrite ENABLE ALWAYS;`);
    return true;
  } catch {
    // No superuser, no plpgsql: the files on disk still tell that a table was rewritten, only not why.
    await client.query('ROLLBACK');
    return false;
  }
}

/** Gathers what the trigger says on a session. */
export class RewriteListener {
  readonly #seen = new Map<number, number>();

  constructor(client: Client) {
    client.on('notice', ({ message }: { message?: string | undefined }) => {
      const match = new RegExp(`^${MARK}(\\d+):(\\d+)$`).exec(message ?? '');
      if (match) this.#seen.set(Number(match[1]), (this.#seen.get(Number(match[1])) ?? 0) | Number(match[2]));
    });
  }

  /** What was said since the last call. */
  take(name: (oid: number) => string): RewriteReason[] {
    const reasons = [...this.#seen].map(([oid, bits]) => ({ relation: name(oid), reasons: reasonsOf(bits) }));
    this.#seen.clear();
    return reasons.filter(({ relation }) => relation !== '');
  }
}

/** AT_REWRITE_… in PostgreSQL's src/include/commands/event_trigger.h. */
const REASONS: readonly (readonly [number, string])[] = [
  [1, 'another persistence (LOGGED, UNLOGGED)'],
  [2, 'a value for every row of a new column'],
  [4, 'another column type'],
  [8, 'another access method'],
];

function reasonsOf(bits: number): string[] {
  return REASONS.flatMap(([bit, words]) => ((bits & bit) === 0 ? [] : [words]));
}
