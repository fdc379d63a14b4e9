import { rebuiltIndexFixes } from '../fixes/concurrentIndex.ts';
import { nodeAs } from '../../sql/tree.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { relationAt } from '../../catalog/lookup.ts';
import { defineMigrationRule } from '../rule.ts';

export const concurrentIndexIfNotExists = defineMigrationRule({
  id: 'concurrent-index-if-not-exists',
  wants: ({ statement }) => nodeAs(statement.tree, 'IndexStmt')?.if_not_exists === true,
  alsoReads: ({ statement }) => statement.kind === 'DROP INDEX',
  meta: {
    title: 'Drop what is left of a failed index before you build it again',
    severity: 'information',
    cause: 'hygiene',
    why: 'CREATE INDEX CONCURRENTLY that fails or is interrupted leaves an INVALID index behind, which no query uses and every write pays for. At the next attempt IF NOT EXISTS takes it for done: the migration passes, and the index never works.',
    instead:
      'Drop it first, in the same file if that runs without a transaction: DROP INDEX CONCURRENTLY IF EXISTS, then CREATE INDEX CONCURRENTLY without IF NOT EXISTS.',
    more: `Whether one is there already:

\`\`\`sql
SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid;
\`\`\``,
    references: ['https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY'],
    alsoKnownAs: { migrationpilot: 'MP070', strong_migrations: 'remove_invalid_indexes' },
  },
  examples: {
    bad: ['CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer_idx ON orders (customer_id);'],
    good: [
      'DROP INDEX CONCURRENTLY IF EXISTS orders_customer_idx;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer_idx ON orders (customer_id);',
      'CREATE INDEX CONCURRENTLY orders_customer_idx ON orders (customer_id);',
      'CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_placed_at_idx ON orders (placed_at);',
    ],
  },
  check({ migration, history, wanted, report }) {
    for (const statement of wanted) {
      const index = nodeAs(statement.statement.tree, 'IndexStmt');
      if (!index?.concurrent || !index.if_not_exists || index.idxname === undefined) continue;
      const name = index.idxname;
      const table = statement.effects.effects[0]?.relation;
      // Known to be there: an earlier migration has made it, and this one is about nothing.
      if (table && relationAt(statement.before, table.schema, name)) continue;
      const dropped = migration.statements.some(
        ({ statement: { index: place, tree } }) => place < statement.statement.index && dropsIndex(tree, name),
      );
      if (dropped) continue;
      const quoted = quoteIdentifier(name);
      report(statement, {
        fixes: () => rebuiltIndexFixes({ statement, migration, history }),
        what: `If an earlier attempt at ${quoted} failed, IF NOT EXISTS passes over the INVALID index that it left.`,
        instead: `DROP INDEX CONCURRENTLY IF EXISTS ${quoted};\nCREATE INDEX CONCURRENTLY ${quoted} ON …;`,
      });
    }
  },
});

function dropsIndex(tree: Parameters<typeof nodeAs>[0], name: string): boolean {
  const drop = nodeAs(tree, 'DropStmt');
  return (
    drop?.removeType === 'OBJECT_INDEX' &&
    (drop.objects ?? []).some((object) => nodeAs(nodeAs(object, 'List')?.items?.at(-1), 'String')?.sval === name)
  );
}
