import type { TableRelation } from '../../catalog/catalog.ts';
import { chooseRelationName } from '../../catalog/generatedNames.ts';
import { columnNamed, ownedSequences, primaryKeyOf, tableById } from '../../catalog/lookup.ts';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../../sql/quote.ts';
import type { Fix, TextEdit } from '../rule.ts';
import { withoutRange } from './alterTableEdits.ts';
import { alterTableText } from './alterTable.ts';
import type { AlterTablePart } from './alterTable.ts';
import { columnDefinition } from './columnDefinition.ts';
import type { ColumnClause, ColumnDefinition } from './columnDefinition.ts';
import { afterDeployNote, deploySteps } from './deploySteps.ts';
import { batchPiece, keysetFill } from './keysetBatches.ts';
import { proofPieces } from './notNullProof.ts';
import { withoutIfExists } from './notValid.ts';
import type { Piece } from './piece.ts';
import { placed } from './place.ts';
import type { Place } from './place.ts';
import { schemaOf } from './setNotNull.ts';

interface AddedColumn {
  readonly part: AlterTablePart;
  readonly definition: ColumnDefinition;
  /** The table as written. */
  readonly target: string;
  readonly table: TableRelation;
}

/** The ADD COLUMN of a name among the statement's commands; null where it, or the table, is not known well enough. */
function addedColumn({ statement }: Place, column: string, table: number | null): AddedColumn | null {
  const altered = alterTableText(statement.statement);
  const known = table === null ? undefined : tableById(statement.before, table);
  const found = (altered?.parts ?? []).flatMap((part) => {
    const definition = columnDefinition(part);
    return definition?.name === column ? [{ part, definition }] : [];
  });
  const [one] = found;
  if (!altered || !known || !one || found.length !== 1) return null;
  return { ...one, target: withoutIfExists(altered.target), table: known };
}

function clause({ definition }: AddedColumn, contype: string): ColumnClause | undefined {
  return definition.clauses.find(({ constraint }) => constraint.contype === contype);
}

/** Only what this fix knows how to do: a key or a CHECK in the column has a rule of its own, which comes first. */
function hasOnly({ definition }: AddedColumn, kinds: readonly string[]): boolean {
  return definition.clauses.every(({ constraint }) => kinds.includes(constraint.contype ?? ''));
}

/**
 * ADD COLUMN with a volatile default: the column without it, the default for new rows, the old rows filled in batches;
 * then NOT NULL, if it was asked for.
 */
export function volatileDefaultFixes(place: Place, column: string, table: number | null): readonly Fix[] {
  const added = addedColumn(place, column, table);
  const given = added && clause(added, 'CONSTR_DEFAULT');
  if (!added || !given || !hasOnly(added, ['CONSTR_DEFAULT', 'CONSTR_NOTNULL', 'CONSTR_NULL'])) return [];
  const { text } = place.migration.migration;
  const fill = keysetFill(place.statement.before, added.table, column);
  if (!fill) return [];
  const notNull = clause(added, 'CONSTR_NOTNULL');
  const name = quoteIdentifier(column);
  const later = `, ALTER COLUMN ${name} SET ${text.slice(given.start, given.end)}`;
  const cuts = [given, ...(notNull ? [notNull] : [])].map((each) => withoutRange(each, text));
  return placed(place, {
    title: `Add ${name} without its default, and fill it in batches`,
    here: [...cuts, { start: added.part.end, end: added.part.end, newText: later }],
    pieces: [batchPiece(fill, `fill_${column}`), ...(notNull ? proofPieces(added.target, added.table, [column]) : [])],
    rests: { names: [], tables: [added.table.name], columns: [column, ...fill.key] },
    // The application's own values come from the default: nothing has to be deployed between.
    ...schemaOf(place, column, notNull === undefined),
  });
}

/**
 * ADD COLUMN … NOT NULL without a default: nullable first; after the application writes it, the proof. What the old rows get,
 * only a person knows.
 */
export function requiredColumnFixes(place: Place, column: string, table: number | null): readonly Fix[] {
  const added = addedColumn(place, column, table);
  const notNull = added && clause(added, 'CONSTR_NOTNULL');
  if (!added || !notNull || !hasOnly(added, ['CONSTR_NOTNULL'])) return [];
  const { text } = place.migration.migration;
  const [check, ...rest] = proofPieces(added.target, added.table, [column]);
  if (!check) return [];
  const edit = withoutRange(notNull, text);
  const name = quoteIdentifier(column);
  const fill = keysetFill(place.statement.before, added.table, column, '<value>');
  const then = `Then fill the old rows, with a value that only you know${fill ? `, in batches:\n${fill.sql}` : '.'}`;
  const steps = (files: readonly string[]): readonly string[] =>
    deploySteps.newColumn({ table: added.table.name, column, tool: place.history.tool, then: [then] }, files);
  const rests = { names: [], tables: [added.table.name], columns: [column] };
  const whole = placed(place, {
    title: `Add ${name} nullable, and set NOT NULL in a later deploy`,
    here: [edit],
    pieces: [
      {
        ...check,
        afterDeploy: true,
        note: `${afterDeployNote(added.table.name, column)}\nThe old rows must be filled by then: with a NULL left, the migration after this one fails and changes nothing.`,
      },
      ...rest,
    ],
    rests,
    steps,
    ...schemaOf(place, column, false),
  });
  const firstOnly = placed(place, {
    title: `Add ${name} nullable for now`,
    here: [edit],
    pieces: [],
    rests,
    steps: () => [
      `Deploy this with the version of the application that writes ${name} in every INSERT, then fill the old rows, and make the column required in a later migration.`,
    ],
    ...schemaOf(place, column, true),
  });
  return [...whole, ...firstOnly];
}

const SERIALS: Readonly<Record<string, string>> = {
  smallserial: 'smallint',
  serial2: 'smallint',
  serial: 'integer',
  serial4: 'integer',
  bigserial: 'bigint',
  serial8: 'bigint',
};

/** ADD COLUMN … serial or IDENTITY: a plain column with a sequence, filled in batches, NOT NULL, and then what was asked for. */
export function serialColumnFixes(place: Place, column: string, table: number | null): readonly Fix[] {
  const added = addedColumn(place, column, table);
  // A table without a key has nothing to go by while it is filled.
  if (!added || !primaryKeyOf(added.table)) return [];
  const identity = clause(added, 'CONSTR_IDENTITY');
  if (!hasOnly(added, ['CONSTR_IDENTITY', 'CONSTR_NOTNULL'])) return [];
  const { text } = place.migration.migration;
  const { typeRange } = added.definition;
  const type = text.slice(typeRange.start, typeRange.end);
  const plain = identity ? type : SERIALS[type.toLowerCase()];
  const fill = keysetFill(place.statement.before, added.table, column);
  const made = sequenceName(place, added.table.id, column);
  // Options in brackets (START WITH …) are a person's to carry over.
  if (plain === undefined || !fill || made === undefined) return [];
  if (identity && /\(/.test(text.slice(identity.start, identity.end))) return [];
  const { schema } = added.table;
  const sequence = identity
    ? chooseRelationName(place.statement.after, schema, { name1: added.table.name, name2: column, label: 'fill_seq' })
    : made;
  const named = (bare: string): string =>
    added.target.includes('.') || schema !== 'public' ? qualifiedName(schema, bare) : quoteIdentifier(bare);
  const written = named(sequence);
  const name = quoteIdentifier(column);
  const create = `CREATE SEQUENCE ${written} AS ${plain} OWNED BY ${added.target.replace(/^only\s+/i, '')}.${name};`;
  const setDefault = `ALTER TABLE ${added.target} ALTER COLUMN ${name} SET DEFAULT nextval(${quoteLiteral(written)});`;
  const cuts: TextEdit[] = [
    ...(identity ? [] : [{ start: typeRange.start, end: typeRange.end, newText: plain }]),
    ...added.definition.clauses.map((each) => withoutRange(each, text)),
  ];
  const { end } = place.statement.statement;
  const closing = text.charAt(end - 1) === ';' ? '' : ';';
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const behind: TextEdit = { start: end, end, newText: `${closing}${newline}${create}${newline}${setDefault}` };
  return placed(place, {
    title: `Add ${name} as a plain column, and number the rows in batches`,
    here: [...cuts, behind],
    pieces: [
      batchPiece(fill, `fill_${column}`),
      ...proofPieces(added.target, added.table, [column]),
      ...(identity
        ? [
            identityPiece(added, column, text.slice(identity.bodyStart, identity.end), {
              filling: written,
              own: named(made),
            }),
          ]
        : []),
    ],
    rests: { names: [sequence], tables: [added.table.name], columns: [column, ...fill.key] },
  });
}

/**
 * The identity goes on where the numbering has come to; nobody writes meanwhile. Its own sequence is named, since
 * pg_get_serial_sequence() may find either of the two while both belong to the column.
 */
function identityPiece(
  { target, table }: AddedColumn,
  column: string,
  generated: string,
  { filling, own }: { readonly filling: string; readonly own: string },
): Piece {
  const name = quoteIdentifier(column);
  return {
    name: `${table.name}_${column}_identity`,
    sql: [
      `ALTER TABLE ${target} ALTER COLUMN ${name} DROP DEFAULT, ALTER COLUMN ${name} ADD ${generated};`,
      `SELECT setval(${quoteLiteral(own)}, nextval(${quoteLiteral(filling)}));`,
      `DROP SEQUENCE ${filling};`,
    ].join('\n'),
    runs: 'in a transaction',
  };
}

/** The name of the sequence that the unsafe form makes. */
function sequenceName({ statement }: Place, table: number, column: string): string | undefined {
  const after = tableById(statement.after, table);
  const number = after && columnNamed(after, column)?.number;
  const made = number === undefined ? [] : ownedSequences(statement.after, table, number);
  return made.length === 1 ? made[0]?.name : undefined;
}
