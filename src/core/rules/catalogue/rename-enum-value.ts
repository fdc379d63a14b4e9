import { nameParts, nodeAs } from '../../sql/tree.ts';
import { quoteIdentifier, quoteLiteral } from '../../sql/quote.ts';
import { defineRule } from '../rule.ts';

export const renameEnumValue = defineRule({
  id: 'rename-enum-value',
  statements: ['AlterEnumStmt'],
  meta: {
    title: 'Do not rename an enum value that running code uses',
    severity: 'warning',
    cause: 'breaks code',
    why: 'Code that reads or writes the old value fails from this moment on (22P02), or meets one that it does not know.',
    instead:
      'Add the new value, deploy code that knows both, change the rows in batches; a value that nobody uses any more does no harm.',
    references: ['https://www.postgresql.org/docs/current/sql-altertype.html'],
    alsoKnownAs: { strong_migrations: 'rename_enum_value', migrationpilot: 'MP060' },
  },
  examples: {
    bad: ["ALTER TYPE order_status RENAME VALUE 'open' TO 'new';"],
    good: ["ALTER TYPE order_status ADD VALUE 'refunded';"],
  },
  check({ statement, migration, report }) {
    const alter = nodeAs(statement.statement.tree, 'AlterEnumStmt');
    if (alter?.oldVal === undefined || alter.newVal === undefined) return;
    const { name } = nameParts(alter.typeName);
    const type = statement.before.types.find((each) => each.kind === 'enum' && each.name === name);
    if (type && !migration.before.types.has(type.id)) return;
    report({
      what: `${quoteLiteral(alter.oldVal)} of the enum ${quoteIdentifier(name)} is called ${quoteLiteral(alter.newVal)} from now on.`,
    });
  },
});
