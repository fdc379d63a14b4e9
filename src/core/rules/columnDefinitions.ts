import type { ColumnDef } from '@pgsql/types';
import type { Statement } from '../sql/statement.ts';
import { nameParts, nodeAs } from '../sql/tree.ts';
import type { NodeKind } from '../sql/tree.ts';
import { quoteIdentifier } from '../sql/quote.ts';
import { listed } from './wording.ts';

/** Statements that define columns. */
export const DEFINES_COLUMNS: readonly NodeKind[] = ['CreateStmt', 'AlterTableStmt'];

/** The columns that CREATE TABLE or ADD COLUMN define. */
export function columnDefinitions({ tree }: Statement): readonly ColumnDef[] {
  const created = (nodeAs(tree, 'CreateStmt')?.tableElts ?? []).map((node) => nodeAs(node, 'ColumnDef'));
  const added = (nodeAs(tree, 'AlterTableStmt')?.cmds ?? []).map((node) => {
    const command = nodeAs(node, 'AlterTableCmd');
    return command?.subtype === 'AT_AddColumn' ? nodeAs(command.def, 'ColumnDef') : undefined;
  });
  return [...created, ...added].filter((column) => column !== undefined);
}

/** The type's name as PostgreSQL has it: `int4`, `varchar`, `bpchar`. */
export function typeNameOf({ typeName }: ColumnDef): string {
  return nameParts(typeName?.names).name;
}

/** The columns of these types, for a message: "number and status"; null where there is none. */
export function columnsOfTypes(statement: Statement, types: ReadonlySet<string>): string | null {
  const names = columnDefinitions(statement)
    .filter((column) => types.has(typeNameOf(column)))
    .map(({ colname = '' }) => quoteIdentifier(colname));
  return names.length === 0 ? null : listed(names);
}
