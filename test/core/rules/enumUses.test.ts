import { strict as assert } from 'node:assert';
import { lintExample } from '../../support/lint.ts';

/** What PostgreSQL 14 does not know is no example of the rule. */
const USES: readonly { readonly sql: string; readonly uses: boolean }[] = [
  {
    sql: "MERGE INTO orders o USING customers c ON c.id = o.customer_id AND o.id = 1 WHEN MATCHED THEN UPDATE SET status = 'refunded';",
    uses: true,
  },
  {
    sql: "MERGE INTO orders o USING customers c ON c.id = o.customer_id AND o.id = 1 WHEN MATCHED THEN UPDATE SET note = 'refunded';",
    uses: false,
  },
  {
    sql: "MERGE INTO orders o USING (SELECT 1 AS id, 'refunded' AS status) s ON s.id = o.id WHEN MATCHED THEN DO NOTHING;",
    uses: false,
  },
];

describe('the use of a new enum value', () => {
  for (const { sql, uses } of USES) {
    it(`${uses ? 'is' : 'is not'} seen: ${sql}`, () => {
      const { findings } = lintExample({
        mode: 'explicit',
        sql: `ALTER TYPE order_status ADD VALUE 'refunded';\n${sql}`,
      });
      assert.equal(
        findings.some(({ rule }) => rule === 'enum-value-in-transaction'),
        uses,
      );
    });
  }
});
