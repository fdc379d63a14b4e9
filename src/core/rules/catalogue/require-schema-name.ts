import { nodeAs } from '../../sql/tree.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { defineRule } from '../rule.ts';

export const requireSchemaName = defineRule({
  id: 'require-schema-name',
  statements: ['CreateStmt'],
  meta: {
    title: 'Name the schema of what you make',
    severity: 'information',
    cause: 'preference',
    off: true,
    why: 'Without it the object lands in the first schema of the search_path of whoever runs the migration.',
    instead: 'CREATE TABLE public.…',
    references: ['https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATH'],
    alsoKnownAs: { squawk: 'require-table-schema', bytebase: 'STATEMENT_CREATE_SPECIFY_SCHEMA' },
  },
  examples: {
    bad: ['CREATE TABLE refunds (id bigint);'],
    good: ['CREATE TABLE public.refunds (id bigint);', 'CREATE TEMP TABLE refunds (id bigint);'],
  },
  check({ statement: { statement }, report }) {
    const { relation } = nodeAs(statement.tree, 'CreateStmt') ?? {};
    if (!relation || relation.schemaname !== undefined || relation.relpersistence === 't') return;
    report({ what: `The schema of ${quoteIdentifier(relation.relname ?? '')} is not named.` });
  },
});
