import type { Client } from 'pg';
import { parseScript } from '../../core/sql/script.ts';
import type { Parser } from '../../core/sql/parser.ts';
import type { TransactionMode } from '../../core/tools/tool.ts';

/**
 * Runs a down script as its tool would.
 * @throws what the server says; the session is out of any transaction block afterwards
 */
export async function runDown(
  client: Client,
  script: { readonly text: string; readonly mode: TransactionMode },
  parser: Parser,
): Promise<void> {
  try {
    if (script.mode === 'implicit') {
      await client.query(script.text);
      return;
    }
    if (script.mode === 'explicit') await client.query('BEGIN');
    for (const { text } of parseScript(script.text, { parser, dialect: 'postgresql' }).statements) {
      await client.query(text);
    }
    if (script.mode === 'explicit') await client.query('COMMIT');
  } finally {
    // Harmless, but for a warning, where no block is open.
    await client.query('ROLLBACK');
  }
}
