import { strict as assert } from 'node:assert';
import pg from 'pg';
import { emptyCatalog } from '../../src/core/catalog/emptyCatalog.ts';
import { replayStatement } from '../../src/core/catalog/replay.ts';
import { parseScript } from '../../src/core/sql/script.ts';
import { withClient, withScratchDatabase } from '../../src/node/connection.ts';
import { parser } from '../support/parser.ts';
import { REFUSAL_CASES } from '../support/refusalCases.ts';
import { sharedServer } from '../support/server.ts';

/** SQLSTATE of the last statement, as the replay sees it; null: it runs. */
function replayed(before: string, statement: string): string | null {
  let catalog = emptyCatalog(18);
  let code: string | null = null;
  for (const each of parseScript(`${before};${statement}`, { parser, dialect: 'postgresql' }).statements) {
    assert.equal(code, null, `refused before its turn: ${before}`);
    const outcome = replayStatement(catalog, each);
    ({ catalog } = outcome);
    code = outcome.error?.code ?? null;
  }
  return code;
}

describe('what the replay takes to be refused', () => {
  it('is refused by a server for the same reason, and the rest is not', async function () {
    this.timeout(120_000);
    const { url } = await sharedServer();
    await withScratchDatabase(url, (scratch) =>
      withClient(scratch, {}, async (client) => {
        for (const [before, statement] of REFUSAL_CASES) {
          await client.query('BEGIN');
          await client.query(before);
          let code: string | null = null;
          try {
            await client.query(statement);
          } catch (error) {
            if (!(error instanceof pg.DatabaseError)) throw error;
            code = error.code ?? '';
          }
          await client.query('ROLLBACK');
          assert.equal(replayed(before, statement), code, `${before}\n${statement}`);
        }
      }),
    );
  });
});
