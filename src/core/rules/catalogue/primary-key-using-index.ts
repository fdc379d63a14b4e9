import { quoteIdentifier } from '../../sql/quote.ts';
import { usingIndexFixes } from '../fixes/usingIndex.ts';
import { blockingMatches, sentence } from '../hazard.ts';
import { newConstraintName, newKeyColumns, partitionedKey } from '../newConstraint.ts';
import { defineRule } from '../rule.ts';
import { relationName } from '../wording.ts';

export const primaryKeyUsingIndex = defineRule({
  id: 'primary-key-using-index',
  operations: ['add primary key', 'add primary key using index', 'set not null'],
  meta: {
    title: 'Make a primary key from an index built concurrently',
    severity: 'error',
    cause: 'blocks',
    why: 'Reads and writes wait while the index is built, and while every row is looked at if the columns are not NOT NULL yet. It fails if two rows are alike or one holds NULL.',
    instead:
      'Make the columns NOT NULL first (see set-not-null), CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … PRIMARY KEY USING INDEX, which is brief then.',
    references: [
      'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX',
    ],
    alsoKnownAs: { squawk: 'adding-serial-primary-key-field', eugene: 'W14', atlas: 'PG104' },
  },
  examples: {
    bad: [
      { earlier: 'CREATE TABLE visits (id bigint NOT NULL);', sql: 'ALTER TABLE visits ADD PRIMARY KEY (id);' },
      {
        earlier: 'CREATE TABLE visits (id bigint);\nCREATE UNIQUE INDEX visits_id_idx ON visits (id);',
        sql: 'ALTER TABLE visits ADD CONSTRAINT visits_pkey PRIMARY KEY USING INDEX visits_id_idx;',
      },
    ],
    good: [
      {
        earlier: 'CREATE TABLE visits (id bigint NOT NULL);',
        sql: 'CREATE UNIQUE INDEX CONCURRENTLY visits_id_idx ON visits (id);\nALTER TABLE visits ADD CONSTRAINT visits_pkey PRIMARY KEY USING INDEX visits_id_idx;',
      },
    ],
  },
  check(context) {
    const matches = context.matches.filter(
      ({ cause }) => cause.operation !== 'set not null' || cause.what.includes('PRIMARY KEY'),
    );
    const blocking = blockingMatches({ ...context, matches });
    const [first] = blocking;
    if (!first) return;
    const report = { what: sentence(first.cause.what, blocking, blocking), claims: blocking.map(({ cause }) => cause) };
    if (matches.some(({ cause }) => cause.operation === 'add primary key using index')) {
      context.report({
        ...report,
        instead: 'Make its columns NOT NULL first, by way of a validated CHECK: see set-not-null.',
      });
      return;
    }
    const key = partitionedKey(context.statement, 'primary key');
    if (key !== null) {
      context.report({ ...report, what: key.what, instead: key.instead });
      return;
    }
    const name = newConstraintName(context.statement, first, 'primary key');
    if (name === undefined) {
      context.report(report);
      return;
    }
    const table = relationName(first.effect.relation);
    const constraint = quoteIdentifier(name);
    const columns = newKeyColumns(context.statement, first, name);
    context.report({
      ...report,
      fixes: () =>
        first.effect.relation.kind === 'table' ? usingIndexFixes(context, name, first.effect.relation.id) : [],
      instead: `CREATE UNIQUE INDEX CONCURRENTLY ${constraint} ON ${table} (${columns});  -- outside a transaction; its columns NOT NULL already
ALTER TABLE ${table} ADD CONSTRAINT ${constraint} PRIMARY KEY USING INDEX ${constraint};`,
    });
  },
});
