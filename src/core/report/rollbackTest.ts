import type { Evidence, EvidenceServer } from '../records/record.ts';
import type { JsonValue } from '../records/canonicalJson.ts';

/** What *Test Rollback* found: plain data, made in src/node/rollbackTest, kept inside evidence. Never holds row values, URLs or passwords. */
export interface RollbackTest {
  readonly version: 1;
  readonly history: string;
  readonly migration: string;
  readonly digest: string;
  readonly base: string;
  /** RFC 3339, UTC, from the server's clock. */
  readonly at: string;
  readonly server: EvidenceServer;
  readonly environment: string | null;
  readonly settings: Readonly<Record<string, string>>;
  readonly source: 'synthesized' | 'written';
  /** The synthesized script's own reason not to run; such a script is not tried. */
  readonly declined: string | null;
  /** The down script ran to its end. */
  readonly ran: boolean;
  /** What the server said, where it did not. */
  readonly failure: {
    readonly phase: 'up' | 'down' | 'up again';
    readonly message: string;
    readonly sqlState: string | null;
  } | null;
  readonly schema: 'restored' | 'columnOrder' | 'different';
  readonly data: {
    /** Rows from before the migration, compared table by table after the way back. */
    readonly before: 'kept' | 'lost' | 'not compared';
    /** Tables whose rows differ. */
    readonly lost: readonly string[];
    /** No rows are written between up and down yet, so nothing is said of them. */
    readonly since: 'not tested';
  };
  /** Up again, after down, gives the schema of the first up. */
  readonly again: 'same' | 'different' | 'not run';
  readonly differences: readonly SchemaDifference[];
  readonly milliseconds: number;
}

/** What differs, as the server prints it; null where the object, or the property, is not there. */
export interface SchemaDifference {
  /** `table public.orders`, `column public.orders.note`, `index public.orders_note_idx`. */
  readonly object: string;
  readonly property: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** The way back ran, the schema is as before (the order of columns apart), and up works again. */
export function rollbackTestPassed(test: RollbackTest): boolean {
  return test.ran && test.schema !== 'different' && test.again === 'same';
}

/** One sentence, for the tree. */
export function rollbackTestSummary(test: RollbackTest): string {
  if (test.declined !== null) return `can't be undone: ${test.declined}`;
  if (test.failure !== null) return `${test.failure.phase} failed: ${test.failure.message}`;
  const first = test.differences[0];
  const schema = {
    restored: 'schema restored',
    columnOrder: 'schema restored but for the order of columns',
    different: `schema not restored: ${first?.object ?? ''}${test.differences.length > 1 ? ` and ${test.differences.length - 1} more` : ''}`,
  }[test.schema];
  const rows = {
    kept: 'rows from before kept',
    lost: `rows from before lost in ${test.data.lost.join(', ')}`,
    'not compared': 'rows not compared',
  }[test.data.before];
  const again = test.again === 'different' ? ['up again gives another schema'] : [];
  return [schema, rows, ...again].join('; ');
}

/** The test as evidence. */
export function rollbackTestEvidence(test: RollbackTest, { saw }: { readonly saw: readonly string[] }): Evidence {
  return {
    type: 'evidence',
    version: 1,
    kind: 'rollback test',
    history: test.history,
    migration: test.migration,
    digest: test.digest,
    base: test.base,
    saw,
    at: test.at,
    outcome: rollbackTestPassed(test) ? 'passed' : 'failed',
    environment: test.environment,
    server: test.server,
    settings: test.settings,
    milliseconds: Math.round(test.milliseconds),
    summary: rollbackTestSummary(test),
    details: test as unknown as JsonValue,
  };
}
