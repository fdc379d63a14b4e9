import type { Statement } from '../../sql/statement.ts';
import { alterTableText } from './alterTable.ts';
import { columnDefinition } from './columnDefinition.ts';

/** The default of ADD COLUMN as written; null where the statement is another. Cheaper than printing its tree. */
export function columnDefaultText(statement: Statement, column: string): string | null {
  for (const part of alterTableText(statement)?.parts ?? []) {
    const definition = columnDefinition(part);
    if (definition?.name !== column) continue;
    const clause = definition.clauses.find(({ constraint }) => constraint.contype === 'CONSTR_DEFAULT');
    if (!clause) return null;
    const first = part.tokens.find(({ start }) => statement.start + start > clause.bodyStart);
    return first ? statement.text.slice(first.start, clause.end - statement.start) : null;
  }
  return null;
}
