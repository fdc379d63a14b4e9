import type { StatementAnalysis } from '../../analyze.ts';
import type { Fix } from '../rule.ts';
import { placed } from './place.ts';
import type { Place } from './place.ts';
import { closedStatement } from './tokens.ts';

const NOTHING = { names: [], tables: [], columns: [] } as const;

/** The statement and all that comes after it in a transaction of their own: a migration of their own, where the tool makes a file one. */
export function splitFixes(place: Place, title: string): readonly Fix[] {
  const { statements } = place.migration;
  const before = statements[statements.indexOf(place.statement) - 1];
  if (before?.transaction.id !== place.statement.transaction.id) return [];
  return placed({ ...place, statement: before }, { title, here: [], pieces: [], rests: NOTHING, tailFollows: true });
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
