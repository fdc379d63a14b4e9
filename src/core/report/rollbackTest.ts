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
  /** What a synthesized script says of itself before it is tried; null: a person's script, which says nothing. */
  readonly claim: 'restored' | 'columnOrder' | 'different' | null;
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
    /** Rows from before the migration, compared value by value after the way back. `fails`: it fails because of them. */
    readonly before: 'kept' | 'lost' | 'fails' | 'not compared';
    /** Rows and values written between up and down. `fails`: the way back fails because of some of them. */
    readonly since: 'kept' | 'lost' | 'fails' | 'not tested';
    /** Of what was there before: `rows of public.orders`, `values of public.orders.note`. */
    readonly lost: readonly string[];
    /** Of what was written since. */
    readonly lostSince: readonly string[];
    /** What makes the way back fail: `a number beyond integer in public.orders.total: integer out of range`. */
    readonly fails: readonly string[];
    /** What only the new version can write, and was written. */
    readonly written: readonly string[];
  };
  /** Statements of the migration that this server refused, or that concern the whole server: not part of the test. */
  readonly leftOut: readonly LeftOut[];
  /** What the test rests on that is not the real thing: `Supabase's schemas … (a stand-in made by Lockkeeper)`. */
  readonly standIns: readonly string[];
  /** `transaction`: all in one that was rolled back. `clone`: committed, in a copy of the database. */
  readonly ranIn: 'transaction' | 'clone';
  /** Up again, after down, gives the schema of the first up. */
  readonly again: 'same' | 'different' | 'not run';
  readonly differences: readonly SchemaDifference[];
  readonly milliseconds: number;
}

export interface LeftOut {
  /** From 1. */
  readonly line: number;
  readonly reason: string;
}

/** What differs, as the server prints it; null where the object, or the property, is not there. */
export interface SchemaDifference {
  /** `table public.orders`, `column public.orders.note`, `index public.orders_note_idx`. */
  readonly object: string;
  readonly property: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** All of it ran, the way back too, the schema is as before (the order of columns apart), and up works again. */
export function rollbackTestPassed(test: RollbackTest): boolean {
  return (
    test.ran &&
    test.schema !== 'different' &&
    test.again === 'same' &&
    test.data.before !== 'fails' &&
    test.leftOut.length === 0
  );
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
    lost: `lost from before: ${test.data.lost.join(', ')}`,
    fails: `fails on a table with rows: ${test.data.fails.join(', ')}`,
    'not compared': 'rows not compared',
  }[test.data.before];
  const since = {
    kept: ['what was written since kept'],
    lost: [`written since and lost: ${test.data.lostSince.join(', ')}`],
    fails: [`fails because of what was written since: ${test.data.fails.join(', ')}`],
    'not tested': [],
  }[test.data.since];
  const again = test.again === 'different' ? ['up again gives another schema'] : [];
  const out = test.leftOut.length === 0 ? [] : [`without line ${test.leftOut.map(({ line }) => line).join(', ')}`];
  const on = test.standIns.length === 0 ? [] : [`tested on stand-ins`];
  return [schema, rows, ...since, ...again, ...out, ...on].join('; ');
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
