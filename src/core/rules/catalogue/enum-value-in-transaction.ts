import { splitFixes } from '../fixes/split.ts';
import type { StatementAnalysis } from '../../analyze.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { quoteLiteral } from '../../sql/quote.ts';
import { nameParts, nodeAs } from '../../sql/tree.ts';
import { usesEnumValue } from '../enumUses.ts';
import type { EnumValue } from '../enumUses.ts';
import { defineMigrationRule } from '../rule.ts';

interface NewValue extends EnumValue {
  readonly transaction: number;
}

export const enumValueInTransaction = defineMigrationRule({
  id: 'enum-value-in-transaction',
  wants: ({ statement }) => nodeAs(statement.tree, 'AlterEnumStmt') !== undefined,
  meta: {
    title: 'Use a new enum value only after its transaction',
    severity: 'error',
    cause: 'fails',
    why: 'PostgreSQL refuses a value of an enum in the transaction that adds it (55P04, unsafe use of new value), so the migration stops.',
    instead: 'Add the value in a migration of its own, and use it in the next one.',
    references: ['https://www.postgresql.org/docs/current/sql-altertype.html#SQL-ALTERTYPE-NOTES'],
    alsoKnownAs: { 'safe-migrate': 'alter-type-add-value-txn', pgfence: 'alter-enum-add-value' },
  },
  examples: {
    bad: [
      {
        mode: 'explicit',
        sql: "ALTER TYPE order_status ADD VALUE 'refunded';\nALTER TABLE orders ALTER COLUMN status SET DEFAULT 'refunded';",
      },
      {
        mode: 'explicit',
        sql: "ALTER TYPE order_status ADD VALUE 'refunded';\nUPDATE orders SET status = 'refunded' WHERE id = 1;",
      },
      {
        mode: 'explicit',
        sql: "ALTER TYPE order_status ADD VALUE 'refunded';\nINSERT INTO orders (id, status) VALUES (1, 'refunded');",
      },
      {
        mode: 'explicit',
        sql: "ALTER TYPE order_status ADD VALUE 'refunded';\nDELETE FROM orders o WHERE o.status IN ('open', 'refunded') AND id = 1;",
      },
      {
        mode: 'explicit',
        sql: "ALTER TYPE order_status ADD VALUE 'refunded';\nALTER TABLE orders ADD COLUMN before order_status DEFAULT 'refunded';",
      },
      {
        mode: 'explicit',
        sql: "ALTER TYPE order_status ADD VALUE 'refunded';\nINSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET status = 'refunded';",
      },
      {
        mode: 'explicit',
        sql: "ALTER TYPE order_status ADD VALUE 'refunded';\nSELECT count(*) FROM orders WHERE status = 'refunded'::public.order_status;",
      },
    ],
    good: [
      "ALTER TYPE order_status ADD VALUE 'refunded';\nALTER TABLE orders ALTER COLUMN status SET DEFAULT 'refunded';",
      {
        mode: 'explicit',
        sql: "CREATE TYPE mood AS ENUM ('sad');\nALTER TYPE mood ADD VALUE 'glad';\nCREATE TABLE diary (mood mood DEFAULT 'glad');",
      },
      {
        mode: 'explicit',
        sql: "ALTER TYPE order_status ADD VALUE 'refunded';\nUPDATE orders SET note = 'refunded' WHERE id = 1;",
      },
      {
        mode: 'explicit',
        sql: "ALTER TYPE order_status ADD VALUE 'refunded';\nUPDATE orders SET note = 'x' WHERE note = 'refunded' AND status = 'open' AND id = 1;",
      },
      {
        mode: 'explicit',
        sql: "ALTER TYPE order_status ADD VALUE 'refunded';\nCREATE VIEW states AS SELECT id, 'refunded' AS status FROM orders;",
      },
      {
        mode: 'explicit',
        sql: "ALTER TYPE order_status ADD VALUE 'refunded';\nINSERT INTO customers (id, email) SELECT id, 'refunded' AS status FROM orders WHERE id = 1;",
      },
      {
        mode: 'explicit',
        sql: "ALTER TYPE order_status ADD VALUE 'refunded';\nUPDATE orders SET note = 'x' WHERE id = 1 RETURNING 'refunded' AS status;",
      },
      {
        mode: 'explicit',
        earlier: "CREATE SCHEMA old;\nCREATE TYPE old.order_status AS ENUM ('refunded');",
        sql: "ALTER TYPE order_status ADD VALUE 'refunded';\nCREATE TABLE old.states (status old.order_status DEFAULT 'refunded');",
      },
      {
        mode: 'explicit',
        earlier: "CREATE SCHEMA old;\nCREATE TYPE old.order_status AS ENUM ('refunded');",
        sql: "ALTER TYPE order_status ADD VALUE 'refunded';\nSELECT 'refunded'::old.order_status;",
      },
    ],
  },
  check({ migration, history, report }) {
    let fresh: NewValue[] = [];
    for (const statement of migration.statements) {
      const { id } = statement.transaction;
      fresh = id === null ? [] : fresh.filter(({ transaction }) => transaction === id);
      const used = fresh.find((value) => usesEnumValue(statement, value));
      if (used) {
        report(statement, {
          what: `${quoteLiteral(used.label)} of the enum ${used.type.name} is used in the transaction that adds it.`,
          fixes: () => splitFixes({ migration, history }, [statement], 'Use the value in a transaction of its own'),
        });
      }
      const added = id === null ? undefined : addedValue(statement, migration.before, id);
      if (added) fresh = [...fresh, added];
    }
  },
});

/** A value added to an enum that is older than the migration: values of an enum made in the same transaction may be used. */
function addedValue(
  { statement, before }: StatementAnalysis,
  start: Catalog,
  transaction: number,
): NewValue | undefined {
  const alter = nodeAs(statement.tree, 'AlterEnumStmt');
  if (alter?.newVal === undefined || alter.oldVal !== undefined) return undefined;
  const { schema, name } = nameParts(alter.typeName);
  const type = before.types.find(
    (candidate) =>
      candidate.name === name && (schema === undefined || candidate.schema === schema) && candidate.kind === 'enum',
  );
  if (!type || type.id >= start.nextId || (type.kind === 'enum' && type.labels.includes(alter.newVal)))
    return undefined;
  return { type, label: alter.newVal, transaction };
}
