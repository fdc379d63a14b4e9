import { strict as assert } from 'node:assert';
import { EXAMPLE_SCHEMA } from '../../support/exampleSchema.ts';
import { parseScript } from '../../../src/core/sql/script.ts';
import type { TransactionMode } from '../../../src/core/tools/tool.ts';
import { withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { FIX_CASES } from '../../support/fixCases.ts';
import { parser } from '../../support/parser.ts';
import { sharedServer } from '../../support/server.ts';

const ROWS = `
INSERT INTO customers SELECT n, 'c' || n || '@example.com' FROM generate_series(1, 100) n;
INSERT INTO orders SELECT n, n % 100 + 1, n, 'open', 1, 1, 'note', now() FROM generate_series(1, 1000) n;
`;

/** What the server says of constraints, indexes, NOT NULL and defaults after the scripts, run as the tool would. */
async function stateAfter(url: string, scripts: readonly { text: string; mode: TransactionMode }[]): Promise<unknown> {
  return withScratchDatabase(url, (scratch) =>
    withClient(scratch, {}, async (client) => {
      await client.query(EXAMPLE_SCHEMA + ROWS);
      for (const { text, mode } of scripts) {
        const up = text.split('-- migrate:down')[0] ?? '';
        if (mode === 'autocommit') {
          for (const statement of parseScript(up, { parser, dialect: 'postgresql' }).statements)
            await client.query(statement.text);
        } else {
          await client.query(mode === 'explicit' ? `BEGIN;${up};COMMIT` : up);
        }
      }
      const { rows } = await client.query<{ line: string }>(`
        SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS line FROM pg_constraint
          WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
        UNION ALL SELECT format('%s valid: %s', pg_get_indexdef(indexrelid), indisvalid) FROM pg_index
          JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT format('%s.%s %s', attrelid::regclass, attname, attnotnull) FROM pg_attribute
          JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace AND attnum > 0
        ORDER BY 1`);
      return rows.map(({ line }) => line);
    }),
  );
}

describe('a fix on a real server', function () {
  this.timeout(120_000);

  for (const { name, before, after, mode, modeAfter, newFiles = [] } of FIX_CASES) {
    it(`ends where the unsafe form ends: ${name}`, async () => {
      const { url } = await sharedServer();
      const unsafe = await stateAfter(url, [{ text: before, mode }]);
      const safe = await stateAfter(url, [{ text: after, mode: modeAfter ?? mode }, ...newFiles]);
      assert.deepEqual(safe, unsafe);
    });
  }
});
