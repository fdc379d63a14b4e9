import type pg from 'pg';
import type { Catalog, ServerMajor } from '../../src/core/catalog/catalog.ts';
import { compareCatalogs } from '../../src/core/catalog/compare.ts';
import type { CatalogDifference } from '../../src/core/catalog/compare.ts';
import { emptyCatalog } from '../../src/core/catalog/emptyCatalog.ts';
import { replayNext, rollbackTransaction, startReplay } from '../../src/core/catalog/transactions.ts';
import type { Replay } from '../../src/core/catalog/transactions.ts';
import { runStatement } from '../../src/core/effects/run.ts';
import { parseScript } from '../../src/core/sql/script.ts';
import type { Statement } from '../../src/core/sql/statement.ts';
import { introspect } from '../../src/node/introspect/introspect.ts';
import { parser } from './parser.ts';

/** A statement after which the replayed catalog and the server's are not the same. */
export interface Disagreement {
  readonly statement: string;
  /** What the server said of the statement, if it refused it. */
  readonly serverError: string | null;
  readonly replayError: string | null;
  readonly differences: readonly CatalogDifference[];
}

export interface AgreementResult {
  readonly statements: number;
  /** Statements that the server refused and the replay took: its catalog was put back. */
  readonly overlooked: readonly { readonly statement: string; readonly code: string; readonly message: string }[];
  readonly disagreements: readonly Disagreement[];
}

const COMPARISON = { columnOrder: true } as const;

/**
 * Runs a script statement by statement on a server and in the replay and compares the two catalogs after each
 * (`every`: only after every so many, and at the end). A difference is reported once, where it comes in.
 */
export async function agree(
  client: pg.Client,
  major: ServerMajor,
  scripts: readonly string[],
  { every = 1 }: { readonly every?: number } = {},
): Promise<AgreementResult> {
  let replay: Replay = startReplay(emptyCatalog(major));
  const known = new Set<string>();
  const disagreements: Disagreement[] = [];
  const overlooked: { statement: string; code: string; message: string }[] = [];
  let statements = 0;
  const compare = async (text: string, serverError: string | null, replayError: string | null): Promise<void> => {
    const live = await introspect(client, { ownTransaction: replay.transaction === null });
    const differences = compareCatalogs(replay.catalog, live, COMPARISON).filter(isToBeCompared(replay.catalog));
    const fresh = differences.filter((one) => !known.has(JSON.stringify(one)));
    for (const one of fresh) known.add(JSON.stringify(one));
    if (fresh.length > 0) disagreements.push({ statement: text, serverError, replayError, differences: fresh });
  };
  for (const script of scripts) {
    for (const statement of parseScript(script, { parser, dialect: 'postgresql' }).statements) {
      statements++;
      const refusal = await run(client, statement.text);
      const outcome = next(replay, statement);
      // Without a baseline the server refuses what refers to nothing; the replay says a gap and goes on.
      const gap = outcome.replay.catalog.gaps.length > replay.catalog.gaps.length;
      const changed = outcome.replay.catalog !== replay.catalog;
      if (refusal === null) replay = outcome.replay;
      else {
        if (changed && !gap) overlooked.push({ statement: statement.text, ...refusal });
        replay = { ...replay, transaction: failedTransaction(replay) };
      }
      const serverError = refusal?.message ?? null;
      if (statements % every === 0 && replay.transaction?.failed !== true) {
        await compare(statement.text, serverError, outcome.error?.message ?? null);
      }
    }
  }
  if (replay.transaction !== null) {
    await client.query('ROLLBACK');
    replay = rollbackTransaction(replay);
  }
  await compare('(end)', null, null);
  return { statements, disagreements, overlooked };
}

/** As `replayNext`; DO blocks and functions that a statement calls run as the effects run them. */
function next(replay: Replay, statement: Statement): ReturnType<typeof replayNext> {
  const { tree } = statement;
  if (tree === null || !('DoStmt' in tree || 'SelectStmt' in tree || 'CallStmt' in tree))
    return replayNext(replay, statement);
  if (replay.transaction?.failed === true) return replayNext(replay, statement);
  const inTransaction = replay.transaction !== null;
  const { after } = runStatement({
    ...{ statement, before: replay.catalog, parser, inTransaction, timeZone: null, filled: new Set() },
    firstNewId: replay.catalog.nextId,
  });
  return { replay: { ...replay, catalog: after }, error: null };
}

function failedTransaction({ transaction }: Replay): Replay['transaction'] {
  return transaction === null ? null : { ...transaction, failed: true };
}

/** Null when the server took the statement. */
async function run(
  client: pg.Client,
  text: string,
): Promise<{ readonly code: string; readonly message: string } | null> {
  try {
    await client.query(text);
    return null;
  } catch (error) {
    const { code = '', message } = error as Error & { code?: string };
    return { code, message };
  }
}

/**
 * The reviewed exceptions: what a replay can't know and does not claim to. Each with its reason; at most 20.
 */
const EXCEPTIONS: readonly {
  readonly reason: string;
  readonly matches: (one: CatalogDifference, catalog: Catalog) => boolean;
}[] = [
  {
    reason: 'The type of a column of a view or CREATE TABLE AS, where only the server can tell: the replay says null.',
    matches: (one) => one.property === 'type' && one.before === 'unknown',
  },
];

function isToBeCompared(catalog: Catalog): (one: CatalogDifference) => boolean {
  return (one) => !EXCEPTIONS.some(({ matches }) => matches(one, catalog));
}

export function describeDisagreement({ statement, serverError, replayError, differences }: Disagreement): string {
  const errors = `${serverError === null ? '' : `\n  server: ${serverError}`}${replayError === null ? '' : `\n  replay: ${replayError}`}`;
  const lines = differences.map(
    ({ object, property, before, after }) =>
      `  ${object}${property === '' ? '' : ` · ${property}`}: replayed ${before ?? 'absent'}, server ${after ?? 'absent'}`,
  );
  return `${statement}${errors}\n${lines.join('\n')}`;
}
