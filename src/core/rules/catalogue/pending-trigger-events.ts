import type { Node } from '@pgsql/types';
import type { StatementAnalysis } from '../../analyze.ts';
import type { TableRelation } from '../../catalog/catalog.ts';
import { columnNames, foreignKeysTo, tableById } from '../../catalog/lookup.ts';
import type { Operation } from '../../effects/operation.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { nodeAs, stringValues } from '../../sql/tree.ts';
import { splitFixes } from '../fixes/split.ts';
import { defineMigrationRule } from '../rule.ts';
import { transactionsOf } from '../transactions.ts';
import { relationName } from '../wording.ts';

export const pendingTriggerEvents = defineMigrationRule({
  id: 'pending-trigger-events',
  wants: (statement) => deferredChecks(statement).length > 0,
  alsoReads: ({ statement: { tree } }) => nodeAs(tree, 'ConstraintsSetStmt') !== undefined || namesIn(tree).length > 0,
  meta: {
    title: 'Do not alter a table whose deferred checks are still to come',
    severity: 'error',
    cause: 'fails',
    why: 'A foreign key that is INITIALLY DEFERRED checks changed rows at COMMIT, and until then PostgreSQL refuses to alter the table (55006, pending trigger events). On a database without rows it goes well.',
    instead:
      'Change the rows in a migration (a transaction) of its own, or have the checks made before: SET CONSTRAINTS ALL IMMEDIATE; between the two.',
    more: `ALTER TABLE, CREATE INDEX, TRUNCATE and DROP TABLE are refused; RENAME and CREATE TRIGGER are not. Django makes all of its foreign keys DEFERRABLE INITIALLY
DEFERRED. An INSERT counts, an UPDATE of the key's own columns, and a DELETE in the table that the key refers to (test/postgres/pendingTriggerEvents.test.ts).`,
    references: ['https://www.postgresql.org/docs/current/sql-set-constraints.html'],
    alsoKnownAs: {},
  },
  examples: {
    bad: [
      {
        earlier:
          'ALTER TABLE orders ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers (id) DEFERRABLE INITIALLY DEFERRED NOT VALID;',
        mode: 'explicit',
        sql: 'UPDATE orders SET customer_id = 1 WHERE id = 7;\nALTER TABLE orders ADD COLUMN remark text;',
      },
    ],
    good: [
      {
        earlier:
          'ALTER TABLE orders ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers (id) DEFERRABLE INITIALLY DEFERRED NOT VALID;',
        mode: 'explicit',
        sql: 'UPDATE orders SET customer_id = 1 WHERE id = 7;\nSET CONSTRAINTS ALL IMMEDIATE;\nALTER TABLE orders ADD COLUMN remark text;',
      },
      {
        earlier:
          'ALTER TABLE orders ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers (id) DEFERRABLE INITIALLY DEFERRED NOT VALID;',
        sql: 'UPDATE orders SET customer_id = 1 WHERE id = 7;\nALTER TABLE orders ADD COLUMN remark text;',
      },
      {
        earlier:
          'ALTER TABLE orders ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers (id) DEFERRABLE INITIALLY DEFERRED NOT VALID;',
        mode: 'explicit',
        sql: "UPDATE orders SET note = '' WHERE id = 7;\nALTER TABLE orders ADD COLUMN remark text;",
      },
    ],
  },
  check({ migration, history, report }) {
    for (const statements of transactionsOf(migration)) {
      if (statements.length < 2) continue;
      const pending = new Map<number, Pending>();
      let immediate = false;
      for (const statement of statements) {
        const constraints = nodeAs(statement.statement.tree, 'ConstraintsSetStmt');
        if (constraints) immediate = constraints.deferred !== true;
        // From there to the end of the transaction, each statement's checks are made at its own end.
        if (immediate) pending.clear();
        for (const table of alteredTables(statement)) {
          const waiting = pending.get(table.id);
          if (!waiting) continue;
          pending.delete(table.id);
          const name = relationName(table);
          const line = String(waiting.by.statement.startLine);
          report(statement, {
            what: `${statement.statement.kind} of ${name} fails if ${waiting.by.statement.kind} in line ${line} changes a row: ${quoteIdentifier(waiting.key)} is only checked at COMMIT.`,
            fixes: () => splitFixes({ migration, history }, [statement], 'Alter the table in a transaction of its own'),
          });
        }
        if (immediate) continue;
        for (const [table, key] of deferredChecks(statement)) pending.set(table, { by: statement, key });
      }
    }
  },
});

interface Pending {
  readonly by: StatementAnalysis;
  /** The foreign key. */
  readonly key: string;
}

/** Tables that get deferred checks, each with a foreign key that makes them. */
function deferredChecks({ statement: { tree }, before, effects }: StatementAnalysis): readonly [number, string][] {
  const update = nodeAs(tree, 'UpdateStmt');
  const isInsert = nodeAs(tree, 'InsertStmt') !== undefined;
  const isDelete = nodeAs(tree, 'DeleteStmt') !== undefined;
  if (!update && !isInsert && !isDelete) return [];
  const set = new Set((update?.targetList ?? []).flatMap((node) => nodeAs(node, 'ResTarget')?.name ?? []));
  return effects.effects.flatMap(({ relation: { id }, causes }): [number, string][] => {
    const table = id === null ? undefined : tableById(before, id);
    if (!table || !causes.some(({ operation }) => CHANGES.has(operation))) return [];
    const keys = isDelete
      ? foreignKeysTo(before, table.id).flatMap(({ constraint }) =>
          constraint.onDelete === 'no action' ? [constraint] : [],
        )
      : table.constraints.filter((each) => each.kind === 'foreign key');
    const key = keys.find(
      ({ initiallyDeferred, enforced, columns }) =>
        initiallyDeferred && enforced && (!update || columnNames(table, columns).some((column) => set.has(column))),
    );
    return key ? [[table.id, key.name]] : [];
  });
}

const CHANGES: ReadonlySet<Operation> = new Set<Operation>([
  'insert',
  'update',
  'update all rows',
  'delete',
  'delete all rows',
]);

/** Tables that a statement alters by name: those it only locks (the other side of a foreign key) are not looked at by the server. */
function alteredTables({ statement: { tree }, before, effects }: StatementAnalysis): readonly TableRelation[] {
  const names = namesIn(tree);
  if (names.length === 0) return [];
  return effects.effects.flatMap(({ relation: { id } }) => {
    const table = id === null ? undefined : tableById(before, id);
    return table && names.includes(table.name) ? [table] : [];
  });
}

function namesIn(tree: Node | null): readonly string[] {
  const one = nodeAs(tree, 'AlterTableStmt')?.relation ?? nodeAs(tree, 'IndexStmt')?.relation;
  if (one) return [one.relname ?? ''];
  const truncated = nodeAs(tree, 'TruncateStmt')?.relations;
  if (truncated) return truncated.flatMap((node) => nodeAs(node, 'RangeVar')?.relname ?? []);
  const drop = nodeAs(tree, 'DropStmt');
  if (drop?.removeType !== 'OBJECT_TABLE') return [];
  return (drop.objects ?? []).flatMap((object) => stringValues(nodeAs(object, 'List')?.items).at(-1) ?? []);
}
