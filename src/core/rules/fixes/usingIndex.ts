import type { Constraint } from '@pgsql/types';
import { chooseRelationName } from '../../catalog/generatedNames.ts';
import { columnNamed, primaryKeyOf, relationAt, tableById } from '../../catalog/lookup.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { nodeAs, stringValues } from '../../sql/tree.ts';
import type { Fix, TextEdit } from '../rule.ts';
import { withoutPart, withoutRange } from './alterTableEdits.ts';
import { alterTableText } from './alterTable.ts';
import type { AlterTablePart, AlterTableText } from './alterTable.ts';
import { columnDefinition } from './columnDefinition.ts';
import { proofPieces } from './notNullProof.ts';
import { tableName, withoutIfExists } from './notValid.ts';
import type { Piece } from './piece.ts';
import { placed } from './place.ts';
import { closedStatement } from './tokens.ts';
import type { Place } from './place.ts';

const KEYWORDS = { CONSTR_UNIQUE: 'UNIQUE', CONSTR_PRIMARY: 'PRIMARY KEY' } as const;

interface Found {
  readonly constraint: Constraint;
  readonly keyword: string;
  readonly columns: readonly string[];
  /** Takes it out of the statement; null: the statement is nothing else. */
  readonly removal: readonly TextEdit[] | null;
  /** The statement with another ADD CONSTRAINT in its place, where that is all that it is, or replaces another constraint. */
  readonly rewritten: ((command: string) => string) | null;
  /** The columns are made by this very statement: none has a value to be looked at. */
  readonly isNewColumn: boolean;
}

/**
 * A UNIQUE or PRIMARY KEY constraint from an index that is built concurrently: the index, then the constraint, which is brief.
 * For a primary key, NOT NULL is proven first where a column is not yet. What the constraint can't have from an index
 * (WITHOUT OVERLAPS) is left to a person.
 *
 * @param table id of the table, null where the history never made it
 */
export function usingIndexFixes(place: Place, constraintName: string, table: number | null): readonly Fix[] {
  const altered = alterTableText(place.statement.statement);
  const found = altered
    ? constraintsOf(place, altered).filter(({ constraint }) => nameFits(constraint, constraintName))
    : [];
  const [one] = found;
  if (!altered || !one || found.length !== 1 || !canUseIndex(one.constraint)) return [];
  const { constraint, keyword, columns } = one;
  const name = quoteIdentifier(constraintName);
  const indexName = quoteIdentifier(freeIndexName(place, constraintName, table));
  const target = withoutIfExists(altered.target);
  const list = columns.map(quoteIdentifier).join(', ');
  const include = stringValues(constraint.including).map(quoteIdentifier).join(', ');
  const index = [
    `CREATE UNIQUE INDEX CONCURRENTLY ${indexName} ON ${target} (${list})`,
    include === '' ? '' : ` INCLUDE (${include})`,
    constraint.nulls_not_distinct === true ? ' NULLS NOT DISTINCT' : '',
  ].join('');
  const deferral = `${constraint.deferrable === true ? ' DEFERRABLE' : ''}${constraint.initdeferred === true ? ' INITIALLY DEFERRED' : ''}`;
  const command = `ADD CONSTRAINT ${name} ${keyword} USING INDEX ${indexName}${deferral}`;
  const proofs = keyword === 'PRIMARY KEY' ? proofsFor(place, target, table, one) : [];
  if (!proofs) return [];
  const pieces: Piece[] = [
    ...proofs,
    { name: constraintName, sql: `${index};`, runs: 'without a transaction' },
    {
      name: `${constraintName}_constraint`,
      sql: closedStatement(one.rewritten?.(command) ?? `ALTER TABLE ${target} ${command}`),
      runs: 'in a transaction',
    },
  ];
  return placed(place, {
    title: `Build the index of ${name} concurrently first`,
    here: one.removal,
    pieces,
    rests: { names: [constraintName], tables: [tableName(place.statement)], columns },
    // Foreign keys and ON CONFLICT need the constraint, and may name the table alone.
    tailFollows: mentionsLater(place, tableName(place.statement)),
  });
}

/** The constraint's own name, which its index gets in the end; while another constraint has that, one that is free. */
function freeIndexName({ statement }: Place, name: string, id: number | null): string {
  const table = id === null ? undefined : tableById(statement.before, id);
  if (!table || !relationAt(statement.before, table.schema, name)) return name;
  return chooseRelationName(statement.before, table.schema, { name1: name, name2: null, label: 'new' });
}

function constraintsOf({ statement, migration }: Place, altered: AlterTableText): readonly Found[] {
  const { text } = migration.migration;
  return altered.parts.flatMap((part): readonly Found[] => {
    const own = part.command.subtype === 'AT_AddConstraint' ? nodeAs(part.command.def, 'Constraint') : undefined;
    const keyword = own && keywordOf(own);
    if (own && keyword !== undefined) {
      const columns = stringValues(own.keys);
      const { start, text: written } = statement.statement;
      const rewritten = (command: string): string =>
        `${written.slice(0, part.start - start)}${command}${written.slice(part.end - start)}`;
      // One constraint for another: the two belong into one statement.
      const replaces = altered.parts.some(({ command }) => command.subtype === 'AT_DropConstraint');
      const removal = replaces ? null : withoutPart(altered, part, text);
      return [
        { constraint: own, keyword, columns, removal, rewritten: removal ? null : rewritten, isNewColumn: false },
      ];
    }
    return inlineConstraints(part, text);
  });
}

function inlineConstraints(part: AlterTablePart, text: string): readonly Found[] {
  const definition = columnDefinition(part);
  return (definition?.clauses ?? []).flatMap((clause): readonly Found[] => {
    const keyword = keywordOf(clause.constraint);
    if (!definition || keyword === undefined) return [];
    const removal = [withoutRange(clause, text)];
    return [
      {
        constraint: clause.constraint,
        keyword,
        columns: [definition.name],
        removal,
        rewritten: null,
        isNewColumn: true,
      },
    ];
  });
}

/** Proofs of NOT NULL for the columns of a primary key that may be NULL; null where they can't be told. */
function proofsFor(
  { statement, migration }: Place,
  target: string,
  id: number | null,
  { columns, isNewColumn }: Found,
): readonly Piece[] | null {
  const table = id === null ? undefined : tableById(statement.before, id);
  if (!table || isNewColumn) return null;
  // The key that it had is gone: meanwhile it would have none.
  const old = tableById(migration.before, table.id);
  if (old && primaryKeyOf(old) && !primaryKeyOf(table)) return null;
  const nullable = columns.filter((name) => columnNamed(table, name)?.notNull !== true);
  return proofPieces(target, table, nullable);
}

function keywordOf({ contype }: Constraint): string | undefined {
  return contype === 'CONSTR_UNIQUE' || contype === 'CONSTR_PRIMARY' ? KEYWORDS[contype] : undefined;
}

function nameFits({ conname }: Constraint, name: string): boolean {
  return conname === undefined || conname === name;
}

function canUseIndex(constraint: Constraint): boolean {
  return (
    constraint.indexname === undefined &&
    constraint.without_overlaps !== true &&
    constraint.indexspace === undefined &&
    (constraint.options ?? []).length === 0
  );
}

function mentionsLater({ statement, migration }: Place, table: string): boolean {
  const later = migration.statements.slice(migration.statements.indexOf(statement) + 1);
  return later.some(
    ({ statement: { text }, effects }) => effects.opaque.length > 0 || text.toLowerCase().includes(table.toLowerCase()),
  );
}
