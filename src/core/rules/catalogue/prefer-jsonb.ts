import { DEFINES_COLUMNS, columnsOfTypes } from '../columnDefinitions.ts';
import { defineRule } from '../rule.ts';

const TYPES: ReadonlySet<string> = new Set(['json']);

export const preferJsonb = defineRule({
  id: 'prefer-jsonb',
  statements: DEFINES_COLUMNS,
  meta: {
    title: 'Prefer jsonb to json',
    severity: 'information',
    cause: 'preference',
    off: true,
    why: 'json has no equality operator, so SELECT DISTINCT, GROUP BY and UNION over the column fail, and it is parsed anew at each read.',
    instead: 'jsonb.',
    references: ['https://www.postgresql.org/docs/current/datatype-json.html'],
    alsoKnownAs: { eugene: 'E3', strong_migrations: 'add_column_json', pgfence: 'add-column-json' },
  },
  examples: {
    bad: ['ALTER TABLE orders ADD COLUMN details json;'],
    good: ['ALTER TABLE orders ADD COLUMN details jsonb;'],
  },
  check({ statement, report }) {
    const columns = columnsOfTypes(statement.statement, TYPES);
    if (columns !== null) report({ what: `${columns}: json, where jsonb would do.` });
  },
});
