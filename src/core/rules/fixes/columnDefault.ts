import type { Statement } from '../../sql/statement.ts';
import { nodeAs } from '../../sql/tree.ts';
import { alterTableText } from './alterTable.ts';

/** Words that begin the next part of a column's definition. */
const NEXT_PART = new Set([
  'not',
  'null',
  'constraint',
  'check',
  'unique',
  'primary',
  'references',
  'generated',
  'collate',
]);

/** The default of ADD COLUMN as written; null where the statement is another. Cheaper than printing its tree. */
export function columnDefaultText(statement: Statement, column: string): string | null {
  const part = alterTableText(statement)?.parts.find(
    ({ command }) => command.subtype === 'AT_AddColumn' && nodeAs(command.def, 'ColumnDef')?.colname === column,
  );
  const from =
    part?.tokens.findIndex(({ kind, text, depth }) => kind === 'word' && text === 'default' && depth === 0) ?? -1;
  if (!part || from < 0) return null;
  const rest = part.tokens.slice(from + 1);
  const end = rest.findIndex(({ kind, text, depth }) => kind === 'word' && depth === 0 && NEXT_PART.has(text));
  const expression = end < 0 ? rest : rest.slice(0, end);
  return statement.text.slice(expression[0]?.start, expression.at(-1)?.end);
}
