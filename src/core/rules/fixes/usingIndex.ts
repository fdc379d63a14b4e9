import type { Constraint } from '@pgsql/types';
import { quoteIdentifier } from '../../sql/quote.ts';
import { nodeAs, stringValues } from '../../sql/tree.ts';
import type { Fix, StatementContext } from '../rule.ts';
import { alterTableText } from './alterTable.ts';
import type { AlterTablePart } from './alterTable.ts';
import { withoutIfExists } from './notValid.ts';

const KEYWORDS = { CONSTR_UNIQUE: 'UNIQUE', CONSTR_PRIMARY: 'PRIMARY KEY' } as const;

/**
 * A UNIQUE or PRIMARY KEY constraint from an index that is built concurrently just before. Only where the tool commits each
 * statement, and for constraints of plain columns: a deferrable one, or one with INCLUDE, is left to a person.
 */
export function usingIndexFixes(context: StatementContext, constraintName: string): readonly Fix[] {
  const { statement, migration } = context;
  if (migration.migration.transactionMode !== 'autocommit' || statement.transaction.id !== null) return [];
  const altered = alterTableText(statement.statement);
  const parts = altered?.parts.filter((part) => keywordOf(part) !== undefined) ?? [];
  const [part] = parts;
  const constraint = part && plainConstraint(part);
  if (!altered || !part || !constraint || parts.length !== 1) return [];
  const name = quoteIdentifier(constraintName);
  const columns = stringValues(constraint.keys).map(quoteIdentifier).join(', ');
  const table = withoutIfExists(altered.target);
  const newline = migration.migration.text.includes('\r\n') ? '\r\n' : '\n';
  const { start } = statement.statement;
  return [
    {
      title: `Build the index of ${name} concurrently first`,
      edits: [
        {
          start,
          end: start,
          newText: `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${table} (${columns});${newline}`,
        },
        {
          start: part.start,
          end: part.end,
          newText: `ADD CONSTRAINT ${name} ${keywordOf(part) ?? ''} USING INDEX ${name}`,
        },
      ],
    },
  ];
}

function constraintOf({ command }: AlterTablePart): Constraint | undefined {
  return command.subtype === 'AT_AddConstraint' ? nodeAs(command.def, 'Constraint') : undefined;
}

function keywordOf(part: AlterTablePart): string | undefined {
  const kind = constraintOf(part)?.contype;
  return kind === 'CONSTR_UNIQUE' || kind === 'CONSTR_PRIMARY' ? KEYWORDS[kind] : undefined;
}

function plainConstraint(part: AlterTablePart): Constraint | undefined {
  const constraint = constraintOf(part);
  if (!constraint || constraint.indexname !== undefined) return undefined;
  const special =
    constraint.deferrable === true ||
    constraint.nulls_not_distinct === true ||
    constraint.without_overlaps === true ||
    constraint.indexspace !== undefined ||
    (constraint.including ?? []).length > 0 ||
    (constraint.options ?? []).length > 0;
  return special ? undefined : constraint;
}
