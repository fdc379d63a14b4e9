import { nodeAs } from '../../sql/tree.ts';
import { defineRule } from '../rule.ts';

export const wideIndex = defineRule({
  id: 'wide-index',
  statements: ['IndexStmt'],
  meta: {
    title: 'Keep indexes narrow',
    severity: 'information',
    cause: 'preference',
    off: true,
    why: 'Each further column makes every write dearer, and from the fourth on it seldom chooses fewer rows.',
    instead: 'Index the columns that choose the rows; INCLUDE what is only read.',
    references: ['https://www.postgresql.org/docs/current/indexes-multicolumn.html'],
    alsoKnownAs: {
      strong_migrations: 'add_index_columns',
      'diesel-guard': 'wide-index',
      bytebase: 'INDEX_KEY_NUMBER_LIMIT',
    },
  },
  examples: {
    bad: ['CREATE INDEX CONCURRENTLY orders_all_idx ON orders (customer_id, number, status, total);'],
    good: ['CREATE INDEX CONCURRENTLY orders_all_idx ON orders (customer_id, number, status) INCLUDE (total);'],
  },
  check({ statement: { statement }, report }) {
    const index = nodeAs(statement.tree, 'IndexStmt');
    const count = index?.unique ? 0 : (index?.indexParams?.length ?? 0);
    if (count > MOST) report({ what: `The index has ${String(count)} columns.` });
  },
});

const MOST = 3;
