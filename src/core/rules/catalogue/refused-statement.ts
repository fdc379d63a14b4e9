import type { HistoryAnalysis, MigrationAnalysis, StatementAnalysis } from '../../analyze.ts';
import type { StatementEffects } from '../../effects/effect.ts';
import { replayStatement } from '../../catalog/replay.ts';
import type { ReplayError } from '../../catalog/replay.ts';
import { relationAt } from '../../catalog/lookup.ts';
import { standsIn } from '../../tools/supabaseSchema.ts';
import { defineHistoryRule } from '../rule.ts';

/** More files than this: the files are hardly run one after the other as they are read here. */
const MOST_FILES = 2;

export const refusedStatement = defineHistoryRule({
  id: 'refused-statement',
  alsoReads: (statement) => refusalOf(statement) !== null || !isRead(statement),
  meta: {
    title: 'Do not ship a statement that PostgreSQL refuses',
    severity: 'error',
    cause: 'fails',
    why: 'On a database that has this history and nothing else, the server answers with an error, and the deploy stops here.',
    instead:
      'Change the statement so that it fits what the migrations before it made, or put a migration before it that makes room.',
    more: `Worked out from the migrations before it: a name that is taken or was never made, a column that a view or a policy uses, a type that does not fit
a foreign key, a function whose result changes. Only the first such statement of a history is told, since what comes after it rests on it. Silent where the
history can't tell: after dynamic SQL that could not be followed, after a file that could not be read, and where migrations that are applied or merged
would be refused as well, since then the files are not all that made the database. On Supabase's own tables only a name that is taken is told: they have
more than Lockkeeper knows of.`,
    references: [
      'https://www.postgresql.org/docs/current/ddl-depend.html',
      'https://www.postgresql.org/docs/current/errcodes-appendix.html',
    ],
    alsoKnownAs: { migrationpilot: ['MP052', 'MP097'] },
  },
  examples: {
    bad: [
      'CREATE TABLE orders (id bigint);',
      {
        earlier: 'CREATE VIEW paid AS SELECT id, total FROM orders;',
        sql: 'ALTER TABLE orders ALTER COLUMN total TYPE numeric(14, 4);',
      },
      'ALTER TABLE orders DROP COLUMN discount;',
      'DROP TYPE order_status;',
    ],
    good: [
      'CREATE TABLE IF NOT EXISTS orders (id bigint);',
      'ALTER TABLE orders DROP COLUMN IF EXISTS discount;',
      'DROP TABLE legacy_orders;',
      {
        earlier: "DO $$ BEGIN EXECUTE 'ALTER TABLE orders ADD COLUMN ' || current_user || ' text'; END $$;",
        sql: 'ALTER TABLE orders DROP COLUMN postgres;',
      },
      {
        earlier: 'ALTER TABLE orders DROP COLUMN discount;',
        sql: 'ALTER TABLE customers DROP COLUMN discount;',
      },
    ],
  },
  check({ analysis, speaking, report }) {
    const refused = refusedBy(analysis);
    const spoken = new Set(speaking);
    if (refused.length > MOST_FILES || refused.some(({ migration }) => !spoken.has(migration))) return;
    const [first] = refused;
    if (!first || !isKnownWholly(analysis, first.statement, first.migration)) return;
    const { migration, statement, error } = first;
    if (!THERE_ALREADY.test(error.code) && namesStandIn(analysis, statement)) return;
    report(migration, statement, { what: `PostgreSQL refuses this: ${error.message} (${error.code}).` });
  },
});

/** duplicate_column, _object, _function, _schema, _table: true of a stand-in, true of the platform. */
const THERE_ALREADY = /^42(?:701|710|723|P06|P07)$/;

/** Whether the statement names a relation of a stand-in: the platform's own has more columns, constraints and triggers. */
function namesStandIn({ history, baseline }: HistoryAnalysis, { statement: { text } }: StatementAnalysis): boolean {
  if (baseline === null || !standsIn(history)) return false;
  const names = [...text.toLowerCase().matchAll(/(\w+)"?\s*\.\s*"?(\w+)/g)];
  return names.some(([, schema = '', name = '']) => relationAt(baseline.after, schema, name) !== undefined);
}

/** What is refused leaves the catalog as it was, and most of what does so changes rows or nothing. */
function mayBeRefused({ before, after, statement: { tree } }: StatementAnalysis): boolean {
  return before === after && tree !== null && !('InsertStmt' in tree) && !('UpdateStmt' in tree);
}

interface Refused {
  readonly migration: MigrationAnalysis;
  readonly statement: StatementAnalysis;
  readonly error: ReplayError;
}

const known = new WeakMap<MigrationAnalysis, Refused | null>();

/** The first refused statement of each migration that has one; kept, since the rule is asked again and again. */
function refusedBy({ migrations }: HistoryAnalysis): readonly Refused[] {
  return migrations.flatMap((migration) => {
    let found = known.get(migration);
    if (found === undefined) {
      found = firstRefused(migration);
      known.set(migration, found);
    }
    return found ?? [];
  });
}

function firstRefused(migration: MigrationAnalysis): Refused | null {
  for (const statement of migration.statements) {
    const error = refusalOf(statement);
    if (error) return { migration, statement, error };
  }
  return null;
}

const refusals = new WeakMap<
  StatementEffects,
  { readonly inTransaction: boolean; readonly error: ReplayError | null }
>();

/** Kept by the effects, which stay for as long as the text and the catalog before it: a keystroke changes one statement of many. */
function refusalOf(analysis: StatementAnalysis): ReplayError | null {
  if (!mayBeRefused(analysis)) return null;
  const { before, statement, effects, transaction } = analysis;
  const inTransaction = transaction.id !== null;
  let kept = refusals.get(effects);
  if (kept?.inTransaction !== inTransaction) {
    kept = { inTransaction, error: replayStatement(before, statement, { inTransaction }).error };
    refusals.set(effects, kept);
  }
  return kept.error;
}

/** Whether all that ran before the statement was read and followed. */
function isKnownWholly(
  { migrations }: HistoryAnalysis,
  { before }: StatementAnalysis,
  last: MigrationAnalysis,
): boolean {
  if (before.gaps.some(({ kind }) => kind !== 'missing baseline')) return false;
  return migrations.slice(0, migrations.indexOf(last) + 1).every(({ statements }) => statements.every(isRead));
}

function isRead({ statement, effects }: StatementAnalysis): boolean {
  return statement.error === null && effects.opaque.length === 0;
}
