import type { Constraint } from '@pgsql/types';
import type { StatementAnalysis } from '../../analyze.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { nodeAs } from '../../sql/tree.ts';
import type { Fix, StatementContext, TextEdit } from '../rule.ts';
import { alterTableText } from './alterTable.ts';
import type { AlterTablePart } from './alterTable.ts';
import { joinEdits } from './joinEdits.ts';
import { placeLater } from './later.ts';

/** Adds the named FOREIGN KEY or CHECK constraint NOT VALID and validates it in a later transaction. */
export function notValidFixes(context: StatementContext, constraintName: string): readonly Fix[] {
  const altered = alterTableText(context.statement.statement);
  const found = altered?.parts.filter((part) => isThatConstraint(part, constraintName)) ?? [];
  const [part] = found;
  if (!altered || !part || found.length !== 1) return [];
  const name = quoteIdentifier(constraintName);
  const later = placeLater(
    context,
    `ALTER TABLE ${withoutIfExists(altered.target)} VALIDATE CONSTRAINT ${name};`,
    `validate_${constraintName}`,
  );
  if (!later) return [];
  const edits: TextEdit[] = [{ start: part.end, end: part.end, newText: ' NOT VALID' }];
  // Without a name of its own PostgreSQL makes one up; VALIDATE CONSTRAINT has to know it.
  if (constraintOf(part)?.conname === undefined)
    edits.unshift({ start: afterAdd(part), end: afterAdd(part), newText: ` CONSTRAINT ${name}` });
  return [
    {
      title: `Add ${name} NOT VALID, and validate it ${later.where}`,
      edits: joinEdits([...edits, ...later.edits]),
      ...(later.newFiles.length > 0 ? { newFiles: later.newFiles } : {}),
    },
  ];
}

/** The constraint's safe form to show in a message; null where it does not stand in an ADD CONSTRAINT of its own. */
export function notValidSql({ statement }: StatementAnalysis, constraintName: string): string | null {
  const altered = alterTableText(statement);
  const part = altered?.parts.find((each) => isThatConstraint(each, constraintName));
  if (!altered || !part) return null;
  const name = quoteIdentifier(constraintName);
  const written = statement.text.slice(part.start - statement.start, part.end - statement.start);
  const named =
    constraintOf(part)?.conname === undefined
      ? written.replace(/^add\b/i, (add) => `${add} CONSTRAINT ${name}`)
      : written;
  return `ALTER TABLE ${altered.target} ${named} NOT VALID;
-- in a later transaction:
ALTER TABLE ${withoutIfExists(altered.target)} VALIDATE CONSTRAINT ${name};`;
}

/** The table of an ALTER TABLE as written; a later statement may count on it. */
export function withoutIfExists(target: string): string {
  return target.replace(/^if\s+exists\s+/i, '');
}

function constraintOf({ command }: AlterTablePart): Constraint | undefined {
  return command.subtype === 'AT_AddConstraint' ? nodeAs(command.def, 'Constraint') : undefined;
}

function isThatConstraint(part: AlterTablePart, name: string): boolean {
  const constraint = constraintOf(part);
  if (!constraint || (constraint.contype !== 'CONSTR_FOREIGN' && constraint.contype !== 'CONSTR_CHECK')) return false;
  return constraint.conname === undefined || constraint.conname === name;
}

function afterAdd(part: AlterTablePart): number {
  const [add] = part.tokens;
  return part.start + (add ? add.end - add.start : 0);
}
