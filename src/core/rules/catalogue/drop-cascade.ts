import type { StatementAnalysis } from '../../analyze.ts';
import { nodeAs, stringValues } from '../../sql/tree.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { listed, relationName } from '../wording.ts';
import { defineRule } from '../rule.ts';

export const dropCascade = defineRule({
  id: 'drop-cascade',
  statements: ['DropStmt'],
  meta: {
    title: 'Name what goes, instead of CASCADE',
    severity: 'warning',
    cause: 'breaks code',
    why: 'CASCADE takes along whatever depends on the object in the database where it runs, which may be more there than here, and nobody is asked.',
    instead:
      'Drop what depends on it by name, in statements of their own, then the object without CASCADE: then the server says what was forgotten.',
    references: ['https://www.postgresql.org/docs/current/ddl-depend.html'],
    alsoKnownAs: { migrationpilot: 'MP022', bytebase: 'STATEMENT_DISALLOW_RM_TBL_CASCADE' },
  },
  examples: {
    bad: [
      {
        earlier:
          'CREATE VIEW recent AS SELECT id FROM orders;\nCREATE TABLE refunds (order_id bigint REFERENCES orders (id));',
        sql: 'DROP TABLE orders CASCADE;',
      },
    ],
    good: ['DROP TABLE customers;', 'DROP TABLE customers CASCADE;'],
  },
  check({ statement, migration, report }) {
    const drop = nodeAs(statement.statement.tree, 'DropStmt');
    if (drop?.behavior !== 'DROP_CASCADE') return;
    const named = new Set(
      (drop.objects ?? []).map(
        (object) => stringValues(nodeAs(object, 'List')?.items).at(-1) ?? stringValues([object]).at(-1),
      ),
    );
    const gone = alongWith(statement, migration.before, named, drop.removeType === 'OBJECT_SCHEMA');
    if (gone.length > 0) report({ what: `CASCADE takes ${listed(gone)} along.` });
  },
});

/** What the statement takes away without naming it: relations, and foreign keys of tables that stay. */
function alongWith(
  { before, after, effects }: StatementAnalysis,
  start: StatementAnalysis['before'],
  named: ReadonlySet<string | undefined>,
  isSchema: boolean,
): readonly string[] {
  const gone: string[] = [];
  for (const { relation } of effects.effects) {
    const old = relation.id === null ? undefined : before.relations.get(relation.id);
    if (!old || !start.relations.has(old.id)) continue;
    const now = after.relations.get(old.id);
    if (!now) {
      const isPart = 'partitionOf' in old && old.partitionOf !== null;
      if (!named.has(old.name) && !(isSchema && named.has(old.schema)) && old.kind !== 'sequence' && !isPart)
        gone.push(`the ${old.kind} ${relationName(old)}`);
    } else if ('constraints' in old && 'constraints' in now) {
      for (const constraint of old.constraints)
        if (constraint.kind === 'foreign key' && !now.constraints.some(({ id }) => id === constraint.id))
          gone.push(`the foreign key ${quoteIdentifier(constraint.name)} of ${relationName(old)}`);
    }
  }
  return gone;
}
