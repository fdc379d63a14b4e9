import { quoteIdentifier } from '../../sql/quote.ts';
import type { Fix, StatementContext } from '../rule.ts';
import { alterTableText } from './alterTable.ts';
import { placeLater } from './later.ts';
import { withoutIfExists } from './notValid.ts';

/** NAMEDATALEN - 1 of PostgreSQL. */
const LONGEST_NAME = 63;

/** The name of the CHECK that proves a column NOT NULL for a while. */
export function proofName(column: string): string {
  return `${column.slice(0, LONGEST_NAME - '_not_null_check'.length)}_not_null_check`;
}

/** SET NOT NULL by way of a CHECK: added NOT VALID in its place, then, in a later transaction, validated, used and dropped. */
export function setNotNullFixes(context: StatementContext, column: string): readonly Fix[] {
  const altered = alterTableText(context.statement.statement);
  const parts =
    altered?.parts.filter(({ command }) => command.subtype === 'AT_SetNotNull' && command.name === column) ?? [];
  const [part] = parts;
  if (!altered || !part || parts.length !== 1) return [];
  const table = withoutIfExists(altered.target);
  const proof = quoteIdentifier(proofName(column));
  const later = placeLater(context, useProof(table, column), `${column}_not_null`);
  if (!later) return [];
  const check = `ADD CONSTRAINT ${proof} CHECK (${quoteIdentifier(column)} IS NOT NULL) NOT VALID`;
  return [
    {
      title: `Prove ${quoteIdentifier(column)} NOT NULL with a CHECK, and set it ${later.where}`,
      edits: [{ start: part.start, end: part.end, newText: check }, ...later.edits],
      ...(later.newFiles.length > 0 ? { newFiles: later.newFiles } : {}),
    },
  ];
}

function useProof(table: string, column: string): string {
  const proof = quoteIdentifier(proofName(column));
  return [
    `ALTER TABLE ${table} VALIDATE CONSTRAINT ${proof};`,
    `ALTER TABLE ${table} ALTER COLUMN ${quoteIdentifier(column)} SET NOT NULL;`,
    `ALTER TABLE ${table} DROP CONSTRAINT ${proof};`,
  ].join('\n');
}
