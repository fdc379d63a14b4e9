import { nodeAs } from '../../sql/tree.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { defineRule } from '../rule.ts';

export const renameSchema = defineRule({
  id: 'rename-schema',
  statements: ['RenameStmt'],
  meta: {
    title: 'Do not rename a schema that running code uses',
    severity: 'warning',
    cause: 'breaks code',
    why: 'Every query, search_path and function body that names the schema fails from that moment on.',
    instead:
      'Make the new schema, move table by table with a view left in the old place, and drop the old schema when nothing asks for it.',
    references: ['https://www.postgresql.org/docs/current/sql-alterschema.html'],
    alsoKnownAs: { strong_migrations: 'rename_schema', pgfence: 'rename-schema' },
  },
  examples: {
    bad: [{ earlier: 'CREATE SCHEMA billing;', sql: 'ALTER SCHEMA billing RENAME TO invoicing;' }],
    good: ['CREATE SCHEMA billing;\nALTER SCHEMA billing RENAME TO invoicing;', 'CREATE SCHEMA invoicing;'],
  },
  check({ statement, migration, report }) {
    const rename = nodeAs(statement.statement.tree, 'RenameStmt');
    if (rename?.renameType !== 'OBJECT_SCHEMA' || rename.subname === undefined) return;
    const madeHere = !migration.before.schemas.has(rename.subname) && statement.before.schemas.has(rename.subname);
    if (madeHere) return;
    report({
      what: `ALTER SCHEMA ${quoteIdentifier(rename.subname)} RENAME TO ${quoteIdentifier(rename.newname ?? '')}: whatever names ${quoteIdentifier(rename.subname)} fails from now on.`,
    });
  },
});
