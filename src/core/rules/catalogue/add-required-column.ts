import { requiredColumnFixes } from '../fixes/addColumn.ts';
import { defineRule } from '../rule.ts';
import { listed, relationName } from '../wording.ts';

export const addRequiredColumn = defineRule({
  id: 'add-required-column',
  operations: ['add column not null'],
  meta: {
    title: 'Give a required column a default',
    severity: 'error',
    cause: 'fails',
    why: 'Rows that are there already would have no value, so the statement fails as soon as the table holds one row. The running version of the application does not write the column either.',
    instead:
      'Give the column a constant default, or add it as nullable, fill it in batches, and set NOT NULL in a later migration.',
    references: ['https://www.postgresql.org/docs/current/ddl-alter.html#DDL-ALTER-ADDING-A-COLUMN'],
    alsoKnownAs: { squawk: 'adding-required-field', 'django-migration-linter': 'NOT_NULL', atlas: 'MF103' },
  },
  examples: {
    bad: [
      'ALTER TABLE orders ADD COLUMN channel text NOT NULL;',
      'ALTER TABLE orders ADD COLUMN width integer NOT NULL, ADD COLUMN height integer NOT NULL;',
    ],
    good: [
      "ALTER TABLE orders ADD COLUMN channel text NOT NULL DEFAULT 'web';",
      'ALTER TABLE orders ADD COLUMN channel text;',
      'CREATE TABLE refunds (id bigint);\nALTER TABLE refunds ADD COLUMN reason text NOT NULL;',
    ],
  },
  check(context) {
    const { matches, report } = context;
    const failing = matches.filter(({ cause }) => cause.failsOnRows !== undefined);
    const [first] = failing;
    if (!first) return;
    const { effect, cause } = first;
    const commands = [...new Set(failing.map((match) => match.cause.what))];
    report({
      what: `${listed(commands)} ${commands.length === 1 ? 'fails' : 'fail'} if ${relationName(effect.relation)} holds a row.`,
      claims: failing.map((match) => match.cause),
      // One column after the other: the finding stays for the rest.
      fixes: () => (cause.object === undefined ? [] : requiredColumnFixes(context, cause.object, effect.relation.id)),
    });
  },
});
