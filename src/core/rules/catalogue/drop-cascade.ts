import type { AlterTableCmd, Node } from '@pgsql/types';
import type { StatementAnalysis } from '../../analyze.ts';
import type { TableRelation } from '../../catalog/catalog.ts';
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
        earlier: 'CREATE TABLE nodes (id bigint PRIMARY KEY, parent bigint REFERENCES nodes (id));',
        sql: 'ALTER TABLE nodes DROP COLUMN id CASCADE;',
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
      // A table's own foreign key goes with its column anyway.
      {
        earlier: 'CREATE TABLE refunds (order_id bigint REFERENCES orders (id));',
        sql: 'ALTER TABLE refunds DROP COLUMN order_id CASCADE;',
      },
      {
        earlier: 'CREATE TABLE refunds (order_id bigint CONSTRAINT of_order REFERENCES orders (id), note text);',
        sql: 'ALTER TABLE refunds DROP COLUMN note CASCADE, DROP CONSTRAINT of_order;',
      },
    ],
  },
  check({ statement, migration, report }) {
    const { tree } = statement.statement;
    const drop = nodeAs(tree, 'DropStmt');
    const commands = commandsOf(tree);
    if (![drop, ...commands].some((each) => each?.behavior === 'DROP_CASCADE')) return;
    const objects = drop?.objects ?? [];
    const named = new Set([
      ...objects.map((object) => stringValues(nodeAs(object, 'List')?.items).at(-1) ?? stringValues([object]).at(-1)),
      // A foreign key that is dropped by name is not taken along.
      ...commands.map((command) => command.name),
    ]);
    const gone = alongWith(statement, migration.before, named, drop?.removeType === 'OBJECT_SCHEMA');
    if (gone.length > 0) report({ what: `CASCADE takes ${listed(gone)} along.` });
  },
});

/** Those of an ALTER TABLE. */
function commandsOf(tree: Node | null): readonly AlterTableCmd[] {
  return (nodeAs(tree, 'AlterTableStmt')?.cmds ?? []).flatMap((command) => nodeAs(command, 'AlterTableCmd') ?? []);
}

/** What the statement takes away without naming it: relations, and foreign keys of tables that stay. */
function alongWith(
  { statement, before, after, effects }: StatementAnalysis,
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
          !now.constraints.some(({ id }) => id === constraint.id) &&
          !(statement.kind === 'ALTER TABLE' && losesColumnOf(now, constraint.columns))
        )
          gone.push(`the foreign key ${quoteIdentifier(constraint.name)} of ${relationName(old)}`);
    }
  }
  return gone;
}

/** A column of its own goes, and the constraint with it: no CASCADE is needed for that. */
function losesColumnOf({ columns }: TableRelation, numbers: readonly number[]): boolean {
  return numbers.some((number) => !columns.some((column) => column.number === number));
}
