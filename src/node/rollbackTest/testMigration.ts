import { performance } from 'node:perf_hooks';
import { catalogFingerprint } from '../../core/catalog/compare.ts';
import { migrationDigest } from '../../core/digest.ts';
import type { RollbackTest } from '../../core/report/rollbackTest.ts';
import { synthesizeRollback } from '../../core/rollback/rollback.ts';
import { parseScript } from '../../core/sql/script.ts';
import type { Parser } from '../../core/sql/parser.ts';
import { rollbackPlace } from '../../core/tools/history.ts';
import type { History } from '../../core/tools/tool.ts';
import { touchedTables } from '../staging/touchedTables.ts';
import { fitsTransaction, runCycle, type CycleOutcome, type CycleRequest, type DownScript } from './cycle.ts';
import type { HistoryWalk, Place } from './lab.ts';
import { COLUMN_ORDER, type SchemaSnapshot } from './schemaSnapshot.ts';
import type { TestSession } from './session.ts';
import { standInsOf } from './standIns.ts';
import { tablesOfWiderEnums } from './widerEnums.ts';

/** `written`: what a person wrote, where there is something; else the synthesized one. */
export type Sources = 'written' | 'synthesized' | 'both';

export interface MigrationTestRequest {
  readonly walk: HistoryWalk;
  readonly history: History;
  readonly parser: Parser;
  readonly index: number;
  readonly sources: Sources;
  readonly rows: number;
  /** What is the same for all tests of a server. */
  readonly frame: Pick<RollbackTest, 'at' | 'server' | 'environment' | 'settings'>;
  readonly onPhase: (phase: string) => void;
}

export interface MigrationTested {
  /** One for each script. */
  readonly tests: readonly RollbackTest[];
  /** The schema after up, where it is known. */
  readonly up: SchemaSnapshot | null;
}

/** Tests the way back from one migration, in the walk's place. The database is left as it was before. */
export async function testMigration(request: MigrationTestRequest): Promise<MigrationTested> {
  const { walk, index, history, parser, sources } = request;
  let place = await walk.goTo(index, (at) => {
    request.onPhase(`replaying ${history.migrations[at]?.id ?? ''}`);
  });
  const tests: RollbackTest[] = [];
  let up: SchemaSnapshot | null = null;
  for (const source of sourcesOf(place, sources)) {
    const begin = performance.now();
    let result = await testScript(request, place, source);
    const { failure, declined: reason } = result.test;
    if ((failure?.phase === 'up' || reason !== null) && place.leftOut.length === 0) {
      place = await walk.leaveOut();
      if (place.leftOut.length > 0 && !place.nothingLeft) result = await testScript(request, place, source);
    }
    const declined = source === 'synthesized' ? notReadable(place, history, parser) : null;
    const test = declined === null ? result.test : { ...result.test, ...NOT_TRIED, declined };
    tests.push({ ...test, milliseconds: performance.now() - begin });
    up = result.up;
  }
  return { tests, up };
}

const NOT_TRIED = {
  claim: null,
  ran: false,
  failure: null,
  schema: 'different',
  data: { before: 'not compared', since: 'not tested', lost: [], lostSince: [], fails: [], written: [] },
  again: 'not run',
  differences: [],
} as const;

function sourcesOf({ original }: Place, sources: Sources): readonly ('written' | 'synthesized')[] {
  if (original.rollback === null || sources === 'synthesized') return ['synthesized'];
  return sources === 'both' ? ['written', 'synthesized'] : ['written'];
}

/** Where the text itself can't be read, Lockkeeper would decline, whatever was left out for the test. */
function notReadable({ original, leftOut }: Place, history: History, parser: Parser): string | null {
  if (leftOut.length === 0) return null;
  const { text, range } = original;
  const { statements } = parseScript(text, { parser, dialect: history.dialect, range });
  const bad = statements.find(({ error, notAnalysed }) => error !== null || notAnalysed !== null);
  if (bad === undefined) return null;
  return `line ${bad.startLine} ${bad.error === null ? `was not analysed (${bad.notAnalysed ?? ''})` : `does not parse (${bad.error.message})`}`;
}

interface Tested {
  readonly test: RollbackTest;
  readonly up: SchemaSnapshot | null;
}

async function testScript(
  request: MigrationTestRequest,
  place: Place,
  source: 'written' | 'synthesized',
): Promise<Tested> {
  const { walk, history, parser, rows } = request;
  const { migration, before, original } = place;
  const down = downScript(place, source, history, parser);
  const frame: RollbackTest = {
    version: 1,
    history: history.id,
    migration: original.id,
    digest: migrationDigest(original),
    base: catalogFingerprint(migration.before),
    ...request.frame,
    source,
    ...NOT_TRIED,
    claim: typeof down === 'string' ? null : down.claim,
    declined: null,
    leftOut: place.leftOut,
    standIns: standInsOf(history, original),
    ranIn: 'transaction',
    milliseconds: 0,
  };
  if (typeof down === 'string') return { test: { ...frame, declined: down }, up: null };
  const tables = [...new Set([...touchedTables(migration), ...tablesOfWiderEnums(migration)])];
  const cycles = (inTransaction: boolean): Promise<Verdict> =>
    allCycles((plan) => {
      const run = (session: TestSession): Promise<CycleOutcome> =>
        runCycle({
          session,
          migration,
          down,
          parser,
          before,
          tables,
          rows,
          inTransaction,
          onPhase: (phase) => {
            request.onPhase(`${phase}: ${original.id}`);
          },
          ...plan,
        });
      return inTransaction ? rolledBack(walk.session(), run) : walk.inClone(run);
    });
  const statements = [...migration.statements.map(({ statement }) => statement), ...down.statements];
  let ranIn: RollbackTest['ranIn'] = fitsTransaction(statements) ? 'transaction' : 'clone';
  let verdict = await cycles(ranIn === 'transaction');
  if (ranIn === 'transaction' && verdict.part.failure !== null && mayBeTheTransaction(verdict.part.failure.sqlState)) {
    // Only a run as the tool's own says that such a script fails.
    ranIn = 'clone';
    verdict = await cycles(false);
  }
  return { test: { ...frame, ranIn, ...verdict.part }, up: verdict.up };
}

/**
 * What is refused in one transaction, and may be fine in several: no transaction block (25…), COMMIT in a procedure, pending
 * trigger events, new enum values, prepared transactions, LOCK … and what the server can't do there.
 */
function mayBeTheTransaction(sqlState: string | null): boolean {
  return sqlState === null || /^(?:25|2D|3B|40|0A|55006|55P04|XX)/.test(sqlState);
}

/** The script to test; a text: why there is none. */
function downScript(
  { migration, original }: Place,
  source: 'written' | 'synthesized',
  history: History,
  parser: Parser,
): DownScript | string {
  const { transactionMode: mode } = rollbackPlace(history, original);
  const written = original.rollback;
  if (source === 'written' && written !== null) {
    const script = parseScript(written.text, { parser, dialect: 'postgresql', range: written.range });
    return {
      text: written.text.slice(written.range.start, written.range.end),
      statements: script.statements,
      mode,
      source,
      claim: null,
    };
  }
  const { text, declined, grade } = synthesizeRollback(migration, history);
  if (declined !== null) return declined;
  const claim = grade.schema.state;
  return { text, statements: parseScript(text, { parser, dialect: 'postgresql' }).statements, mode, source, claim };
}

async function rolledBack<T>(session: TestSession, work: (session: TestSession) => Promise<T>): Promise<T> {
  const { client } = session;
  await client.query('BEGIN');
  try {
    return await work(session);
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

type CyclePlan = Pick<CycleRequest, 'seed' | 'traffic' | 'quick'>;

interface Verdict {
  readonly part: Pick<RollbackTest, 'ran' | 'failure' | 'schema' | 'data' | 'again' | 'differences'>;
  readonly up: SchemaSnapshot | null;
}

/** Items tried one by one, at most; each costs a cycle. */
const MOST_ITEMS = 12;

/**
 * One cycle with all traffic where nothing fails. Else further ones tell what it fails because of: of what only the new
 * version writes, of any row written since, of the rows from before.
 */
async function allCycles(cycle: (plan: CyclePlan) => Promise<CycleOutcome>): Promise<Verdict> {
  const fails: string[] = [];
  let seed = true;
  let oldFail = false;
  let outcome = await cycle({ seed, traffic: 'all' });
  if (outcome.failure?.phase === 'up') {
    // Made-up rows may be what it refuses: then they prove nothing.
    const bare = await cycle({ seed: false, traffic: 'all' });
    if (bare.failure?.phase !== 'up') {
      seed = false;
      outcome = bare;
    }
  }
  const { written } = outcome;
  if (outcome.failure?.phase === 'down' && written.length > 0) {
    const fine: number[] = [];
    for (const { index, what } of written.slice(0, MOST_ITEMS)) {
      const alone = await cycle({ seed, traffic: [index], quick: true });
      if (alone.failure?.phase === 'down') fails.push(`${what}: ${alone.failure.message}`);
      else fine.push(index);
    }
    outcome = await cycle({ seed, traffic: fine });
    // What fails with none of them is not their doing.
    if (outcome.failure?.phase === 'down') fails.length = 0;
  }
  if (outcome.failure?.phase === 'down') {
    const without = await cycle({ seed, traffic: 'none' });
    if (without.failure?.phase !== 'down') {
      fails.push(`rows written since: ${outcome.failure.message}`);
      outcome = without;
    } else if (seed) {
      // What the script does to the schema is one question, what rows do to the script another.
      const bare = await cycle({ seed: false, traffic: 'none' });
      if (bare.failure?.phase !== 'down') {
        fails.push(`rows from before: ${without.failure.message}`);
        outcome = bare;
        oldFail = true;
      }
    }
  }
  if (outcome.failure?.phase === 'up again') {
    // Rows that came since may be what it refuses, as the first up never met them.
    const without = await cycle({ seed, traffic: 'none' });
    const bare = without.failure === null || !seed ? without : await cycle({ seed: false, traffic: 'none' });
    if (bare.failure === null) outcome = { ...outcome, failure: null, again: bare.again };
  }
  return verdictOf(outcome, { oldFail, fails, written: written.map(({ what }) => what) });
}

function verdictOf(
  outcome: CycleOutcome,
  data: { readonly oldFail: boolean; readonly fails: readonly string[]; readonly written: readonly string[] },
): Verdict {
  const { failure, differences, old, fresh, again, up } = outcome;
  const schema =
    differences === null || differences.some(({ property }) => property !== COLUMN_ORDER)
      ? 'different'
      : differences.length > 0
        ? 'columnOrder'
        : 'restored';
  const ran = differences !== null;
  return {
    up,
    part: {
      ran,
      failure,
      schema,
      data: {
        before: data.oldFail ? 'fails' : old === null ? 'not compared' : old.kept ? 'kept' : 'lost',
        lost: old?.lost ?? [],
        since: data.fails.length > 0 ? 'fails' : fresh === null ? 'not tested' : fresh.kept ? 'kept' : 'lost',
        lostSince: fresh?.lost ?? [],
        fails: data.fails,
        written: data.written,
      },
      again,
      differences: differences ?? [],
    },
  };
}
