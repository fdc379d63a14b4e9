import type { Constraint } from '@pgsql/types';
import type { StatementAnalysis } from '../../analyze.ts';
import { qualifiedName, quoteIdentifier } from '../../sql/quote.ts';
import { nodeAs } from '../../sql/tree.ts';
import type { Fix, TextEdit } from '../rule.ts';
import { withoutRange } from './alterTableEdits.ts';
import { alterTableText } from './alterTable.ts';
import type { AlterTablePart } from './alterTable.ts';
import { columnDefinition } from './columnDefinition.ts';
import { placed } from './place.ts';
import type { Place } from './place.ts';

/** Adds the named FOREIGN KEY or CHECK constraint NOT VALID and validates it in a later transaction. */
export function notValidFixes(place: Place, constraintName: string): readonly Fix[] {
  const altered = alterTableText(place.statement.statement);
  if (!altered) return [];
  const here = tableConstraintEdits(altered.parts, constraintName) ?? columnConstraintEdits(place, constraintName);
  if (!here) return [];
  const name = quoteIdentifier(constraintName);
  return placed(place, {
    title: `Add ${name} NOT VALID, and validate it`,
    here,
    pieces: [
      {
        name: `validate_${constraintName}`,
        sql: `ALTER TABLE ${withoutIfExists(altered.target)} VALIDATE CONSTRAINT ${name};`,
        runs: 'in a transaction',
      },
    ],
    rests: { names: [constraintName], tables: [tableName(place.statement)], columns: [] },
  });
}

/** VALIDATE CONSTRAINT for a constraint that is NOT VALID, in a later transaction than the one that adds it. */
export function validateFixes(
  place: Place,
  table: { readonly schema: string; readonly name: string },
  constraintName: string,
): readonly Fix[] {
  const target = qualifiedName(table.schema === 'public' ? null : table.schema, table.name);
  return placed(place, {
    title: `Validate ${quoteIdentifier(constraintName)}`,
    here: [],
    pieces: [
      {
        name: `validate_${constraintName}`,
        sql: `ALTER TABLE ${target} VALIDATE CONSTRAINT ${quoteIdentifier(constraintName)};`,
        runs: 'in a transaction',
      },
    ],
    rests: { names: [constraintName], tables: [table.name], columns: [] },
  });
}

/** `ADD CONSTRAINT c CHECK (…)` among the commands. */
function tableConstraintEdits(parts: readonly AlterTablePart[], constraintName: string): readonly TextEdit[] | null {
  const named = parts.filter(
    (part) => constraintOf(part)?.conname === constraintName && isCheckOrForeignKey(constraintOf(part)),
  );
  const nameless = parts.filter(
    (part) => constraintOf(part)?.conname === undefined && isCheckOrForeignKey(constraintOf(part)),
  );
  const [part] = named.length > 0 ? named : nameless;
  if (!part || (named.length === 0 && nameless.length !== 1)) return null;
  const edits: TextEdit[] = [{ start: part.end, end: part.end, newText: ' NOT VALID' }];
  // Without a name of its own PostgreSQL makes one up; VALIDATE CONSTRAINT has to know it.
  if (constraintOf(part)?.conname === undefined) {
    const start = afterAdd(part);
    edits.unshift({ start, end: start, newText: ` CONSTRAINT ${quoteIdentifier(constraintName)}` });
  }
  return edits;
}

/** `ADD COLUMN a text CHECK (…)`: the clause becomes a command of its own, since only a table's constraint can be NOT VALID. */
function columnConstraintEdits(
  { statement: { statement }, migration }: Place,
  constraintName: string,
): readonly TextEdit[] | null {
  const found = (alterTableText(statement)?.parts ?? []).flatMap((part) => {
    const definition = columnDefinition(part);
    const clauses = (definition?.clauses ?? []).filter(({ constraint }) => isCheckOrForeignKey(constraint));
    return definition ? clauses.map((clause) => ({ part, definition, clause })) : [];
  });
  const named = found.filter(({ clause }) => clause.constraint.conname === constraintName);
  const nameless = found.filter(({ clause }) => clause.constraint.conname === undefined);
  const [one] = named.length > 0 ? named : nameless;
  if (!one || (named.length === 0 && nameless.length !== 1)) return null;
  const { part, definition, clause } = one;
  const file = (start: number, end: number): string =>
    statement.text.slice(start - statement.start, end - statement.start);
  const body = file(clause.bodyStart, clause.end);
  const column = file(definition.nameRange.start, definition.nameRange.end);
  const keyed = clause.constraint.contype === 'CONSTR_FOREIGN' ? `FOREIGN KEY (${column}) ${body}` : body;
  const added = `, ADD CONSTRAINT ${quoteIdentifier(constraintName)} ${keyed} NOT VALID`;
  const removal = withoutRange(clause, migration.migration.text);
  return [removal, { start: part.end, end: part.end, newText: added }];
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

/** The bare name of the table of an ALTER TABLE. */
export function tableName({ statement }: StatementAnalysis): string {
  return nodeAs(statement.tree, 'AlterTableStmt')?.relation?.relname ?? '';
}

function constraintOf({ command }: AlterTablePart): Constraint | undefined {
  return command.subtype === 'AT_AddConstraint' ? nodeAs(command.def, 'Constraint') : undefined;
}

function isCheckOrForeignKey(constraint: Constraint | undefined): boolean {
  return constraint?.contype === 'CONSTR_FOREIGN' || constraint?.contype === 'CONSTR_CHECK';
}

function isThatConstraint(part: AlterTablePart, name: string): boolean {
  const constraint = constraintOf(part);
  return isCheckOrForeignKey(constraint) && (constraint?.conname === undefined || constraint.conname === name);
}

function afterAdd(part: AlterTablePart): number {
  const [add] = part.tokens;
  return part.start + (add ? add.end - add.start : 0);
}
