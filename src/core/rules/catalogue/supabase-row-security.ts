import { tableById } from '../../catalog/lookup.ts';
import { relationName } from '../wording.ts';
import { NOTHING_ELSE, defineMigrationRule } from '../rule.ts';

export const supabaseRowSecurity = defineMigrationRule({
  id: 'supabase-row-security',
  wants: ({ before, after }) => before.nextId < after.nextId,
  alsoReads: NOTHING_ELSE,
  meta: {
    title: 'Supabase: enable row level security on tables of the API',
    severity: 'warning',
    cause: 'hygiene',
    why: "Supabase serves the schema public over HTTP with the project's anonymous key, which every browser has: without row level security anyone reads and writes all rows.",
    instead:
      'ALTER TABLE … ENABLE ROW LEVEL SECURITY in the same migration, and policies for what shall be allowed; or another schema.',
    references: ['https://supabase.com/docs/guides/database/postgres/row-level-security'],
    alsoKnownAs: { 'postgres-language-server': 'rlsDisabledInPublic' },
  },
  examples: {
    bad: [{ tool: 'supabase', sql: 'CREATE TABLE refunds (id bigint PRIMARY KEY);' }],
    good: [
      {
        tool: 'supabase',
        sql: 'CREATE TABLE refunds (id bigint PRIMARY KEY);\nALTER TABLE refunds ENABLE ROW LEVEL SECURITY;',
      },
      'CREATE TABLE refunds (id bigint PRIMARY KEY);',
    ],
  },
  check({ migration, wanted, history, report }) {
    if (history.tool !== 'supabase') return;
    for (const statement of wanted) {
      const { before, after } = statement;
      for (let id = before.nextId; id < after.nextId; id++) {
        const table = tableById(migration.after, id);
        if (!table || table.schema !== 'public' || table.rowSecurity === 'on' || table.extension !== null) continue;
        if (table.kind !== 'table' && table.kind !== 'partitioned table') continue;
        const name = relationName(table);
        report(statement, {
          what: `Row level security of ${name} is off.`,
          instead: `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY;`,
        });
      }
    }
  },
});
