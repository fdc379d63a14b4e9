import type { StatementAnalysis } from '../../analyze.ts';
import type { Fix } from '../rule.ts';
import { placed } from './place.ts';
import type { Place } from './place.ts';
import { closedStatement } from './tokens.ts';

const NOTHING = { names: [], tables: [], columns: [] } as const;

/** More pieces than that are no help: the statements themselves have better forms. */
const MOST_CUTS = 8;

/**
 * Some statements, each with what comes after it up to the next, in transactions of their own: in migrations of their own,
 * where the tool makes a file one.
 *
 * @param cuts in their order; none is the first of its transaction
 */
export function splitFixes(
  place: Omit<Place, 'statement'>,
  cuts: readonly StatementAnalysis[],
  title: string,
): readonly Fix[] {
  const { statements } = place.migration;
  const [first, ...further] = cuts;
  const before = first && statements[statements.indexOf(first) - 1];
  if (!before || before.transaction.id !== first.transaction.id || cuts.length > MOST_CUTS) return [];
  return placed(
    { ...place, statement: before },
    { title, here: [], pieces: [], rests: NOTHING, tailFollows: true, further },
  );
}

/** A statement that refuses a transaction, where the tool runs it without one. */
export function isolateFixes(place: Place): readonly Fix[] {
  const { statement } = place.statement;
  return placed(place, {
    title: `Run ${statement.kind} outside of a transaction`,
    here: null,
    pieces: [{ name: wordsFor(place.statement), sql: closedStatement(statement.text), runs: 'without a transaction' }],
    rests: NOTHING,
    tailFollows: true,
  });
}

function wordsFor({ statement, effects }: StatementAnalysis): string {
  const [first] = effects.effects;
  const object = first?.causes.find((cause) => cause.object !== undefined)?.object ?? first?.relation.name;
  const words = statement.kind.toLowerCase();
  return object === undefined ? words : `${words}_${object}`;
}
