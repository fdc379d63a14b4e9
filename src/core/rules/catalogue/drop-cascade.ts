import type { AlterTableCmd, Node } from '@pgsql/types';
import type { StatementAnalysis } from '../../analyze.ts';
import { nodeAs, stringValues } from '../../sql/tree.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { listed, relationName } from '../wording.ts';
import { defineRule } from '../rule.ts';

export const dropCascade = defineRule({
  id: 'drop-cascade',
  statements: ['DropStmt', 'AlterTableStmt'],
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
      {
        earlier: 'CREATE TABLE refunds (order_id bigint REFERENCES orders (id));',
        sql: 'ALTER TABLE orders DROP CONSTRAINT orders_pkey CASCADE;',
      },
      {
        earlier: 'CREATE VIEW notes AS SELECT note FROM orders;',
        sql: 'ALTER TABLE orders DROP COLUMN note CASCADE;',
      },
    ],
    good: [
      'DROP TABLE customers;',
      'DROP TABLE customers CASCADE;',
      'ALTER TABLE orders DROP CONSTRAINT orders_pkey CASCADE;',
    ],
  },
  check({ statement, migration, report }) {
    const { tree } = statement.statement;
    const drop = nodeAs(tree, 'DropStmt');
    const command = cascadingCommand(tree);
    if (drop?.behavior !== 'DROP_CASCADE' && !command) return;
    const objects = drop?.objects ?? [];
    const named = new Set([
      ...objects.map((object) => stringValues(nodeAs(object, 'List')?.items).at(-1) ?? stringValues([object]).at(-1)),
      // A foreign key that is dropped by name is not taken along.
      command?.name,
    ]);
    const gone = alongWith(statement, migration.before, named, drop?.removeType === 'OBJECT_SCHEMA');
    if (gone.length > 0) report({ what: `CASCADE takes ${listed(gone)} along.` });
  },
});

/** DROP COLUMN or DROP CONSTRAINT … CASCADE. */
function cascadingCommand(tree: Node | null): AlterTableCmd | undefined {
  return nodeAs(tree, 'AlterTableStmt')
    ?.cmds?.map((command) => nodeAs(command, 'AlterTableCmd'))
    .find((command) => command?.behavior === 'DROP_CASCADE');
}

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
        if (
          constraint.kind === 'foreign key' &&
          !named.has(constraint.name) &&
          !now.constraints.some(({ id }) => id === constraint.id)
        )
          gone.push(`the foreign key ${quoteIdentifier(constraint.name)} of ${relationName(old)}`);
    }
  }
  return gone;
}
