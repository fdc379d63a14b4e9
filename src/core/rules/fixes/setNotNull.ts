import type { StatementAnalysis } from '../../analyze.ts';
import type { ServerMajor, TableRelation } from '../../catalog/catalog.ts';
import { columnNamed, tableById } from '../../catalog/lookup.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { nodeAs } from '../../sql/tree.ts';
import type { Fix, TextEdit } from '../rule.ts';
import { withoutPart } from './alterTableEdits.ts';
import { alterTableText } from './alterTable.ts';
import { afterDeployNote, deploySteps } from './deploySteps.ts';
import { laterTexts } from './disturbed.ts';
import { batchPiece, keysetBatches } from './keysetBatches.ts';
import { addProof, proofName, proofPieces, useProofs } from './notNullProof.ts';
import { tableName, withoutIfExists } from './notValid.ts';
import { commentsAbove, placed, statementWithComments } from './place.ts';
import type { Place } from './place.ts';

export interface NotNullColumn {
  readonly column: string;
  /** Id of the table, null where the history never made it. */
  readonly table: number | null;
  readonly major: ServerMajor;
}

/**
 * SET NOT NULL without a scan under its lock. Where the same file fills the column first, a set: the column nullable; a file
 * that fills it in batches; a CHECK NOT VALID; the CHECK validated, used, and dropped. Without a filling UPDATE the CHECK
 * stands in the statement's place; from PostgreSQL 18 on the NOT NULL constraint itself is added NOT VALID.
 */
export function setNotNullFixes(place: Place, wish: NotNullColumn): readonly Fix[] {
  const table = wish.table === null ? undefined : tableById(place.statement.before, wish.table);
  const filled = table ? filledFixes(place, wish, table) : [];
  if (filled.length > 0) return filled;
  // Of a table that the history never made nobody would know the proof either.
  if (!table) return [];
  return isNewColumn(place, table, wish.column)
    ? laterFixes(place, wish.column, table)
    : provenFixes(place, wish, table);
}

/** The column comes with the same migration: the proof would refuse what the running application inserts, and has to wait for a deploy. */
function laterFixes(place: Place, column: string, table: TableRelation): readonly Fix[] {
  const found = setNotNullPart(place.statement, column);
  const [check, ...use] = found ? proofPieces(found.target, table, [column]) : [];
  if (!found || !check) return [];
  return placed(place, {
    title: `Prove ${quoteIdentifier(column)} NOT NULL with a CHECK in a later deploy, and set it`,
    here: withoutPart(found.altered, found.part, place.migration.migration.text),
    pieces: [{ ...check, afterDeploy: true, note: afterDeployNote(table.name, column) }, ...use],
    rests: { names: [], tables: [table.name], columns: [column] },
    steps: (files) => deploySteps.newColumn({ table: table.name, column, tool: place.history.tool }, files),
    ...schemaOf(place, column, false),
  });
}

function isNewColumn({ migration }: Place, { id }: TableRelation, column: string): boolean {
  return tableById(migration.before, id)?.columns.every(({ name }) => name !== column) === true;
}

function provenFixes(place: Place, { column, major, table: id }: NotNullColumn, table: TableRelation): readonly Fix[] {
  const found = setNotNullPart(place.statement, column);
  if (!found) return [];
  const { part, target } = found;
  const name = quoteIdentifier(column);
  const constraint = major >= 18 && id !== null ? notNullName(place.statement, id, column) : undefined;
  const proof = proofName(column, table);
  const [here, later, words] =
    constraint === undefined
      ? [addProof(column, proof), useProofs(target, [{ column, name: proof }]), `${column}_not_null`]
      : [
          `ADD CONSTRAINT ${quoteIdentifier(constraint)} NOT NULL ${name} NOT VALID`,
          `ALTER TABLE ${target} VALIDATE CONSTRAINT ${quoteIdentifier(constraint)};`,
          `validate_${constraint}`,
        ];
  return placed(place, {
    title:
      constraint === undefined
        ? `Prove ${name} NOT NULL with a CHECK, and set it`
        : `Add NOT NULL of ${name} NOT VALID, and validate it`,
    here: [{ start: part.start, end: part.end, newText: here }],
    pieces: [{ name: words, sql: later, runs: 'in a transaction' }],
    rests: { names: [constraint ?? proof], tables: [tableName(place.statement)], columns: [column] },
    steps: () => deploySteps.writesAlready(tableName(place.statement), column),
    ...schemaOf(place, column, false),
  });
}

/** An UPDATE before it in the file fills the column: that, and the proof, each in its own migration. */
function filledFixes(place: Place, { column }: NotNullColumn, table: TableRelation): readonly Fix[] {
  const { statement, migration } = place;
  const found = setNotNullPart(statement, column);
  const filling = fillingUpdate(place, table, column);
  const batches = filling && keysetBatches(filling);
  if (!found || !batches || filling.transaction.openedBy === 'script' || isKeyLater(place, column)) return [];
  const { text } = migration.migration;
  const isNew = isNewColumn(place, table, column);
  const removal: TextEdit = { ...statementWithComments({ ...place, statement: filling }), newText: '' };
  const own = withoutPart(found.altered, found.part, text);
  const bare = batchPiece(batches, `fill_${column}`);
  const fill = { ...bare, sql: `${commentsAbove({ ...place, statement: filling })}${bare.sql}` };
  const [check, ...use] = proofPieces(found.target, table, [column]);
  if (!check) return [];
  const proof = own === null ? { ...check, sql: `${commentsAbove(place)}${check.sql}` } : check;
  const note = isNew ? `${afterDeployNote(table.name, column)}\n${fill.note ?? ''}` : fill.note;
  return placed(place, {
    title: `Fill ${quoteIdentifier(column)} in batches, prove it NOT NULL, and set it`,
    here: own,
    also: { edits: [removal], statements: 1 },
    carriesComments: true,
    pieces: [
      { ...fill, ...(note === undefined ? {} : { note }), ...(isNew ? { afterDeploy: true } : {}) },
      proof,
      ...use,
    ],
    rests: { names: [], tables: [...batches.tables], columns: [column, ...batches.key, ...batches.columns] },
    steps: (files) =>
      isNew
        ? deploySteps.newColumn({ table: table.name, column, tool: place.history.tool }, files)
        : deploySteps.writesAlready(table.name, column),
    ...schemaOf(place, column, false),
  });
}

/** A later migration makes the column unique, and may count on what the UPDATE puts there. */
function isKeyLater({ history, migration }: Place, column: string): boolean {
  return laterTexts(history.migrations, migration.migration).some(
    (text) => text.includes(column) && /\b(?:unique|primary)\b/i.test(text),
  );
}

function setNotNullPart(statement: StatementAnalysis, column: string) {
  const altered = alterTableText(statement.statement);
  const parts =
    altered?.parts.filter(({ command }) => command.subtype === 'AT_SetNotNull' && command.name === column) ?? [];
  const [part] = parts;
  if (!altered || !part || parts.length !== 1) return null;
  return { altered, part, target: withoutIfExists(altered.target) };
}

/** What may stand between a filling UPDATE and SET NOT NULL, and does not hang on either. */
const INDIFFERENT: ReadonlySet<string> = new Set(['set default', 'drop default', 'comment', 'add column']);

/** The only UPDATE before the statement that sets the column, if nothing between the two has to do with the rows. */
export function fillingUpdate(
  { statement, migration }: Place,
  table: TableRelation,
  column: string,
): StatementAnalysis | undefined {
  const earlier = migration.statements.slice(0, migration.statements.indexOf(statement));
  const filling = earlier.filter((each) => {
    const update = nodeAs(each.statement.tree, 'UpdateStmt');
    return (
      update?.relation?.relname === table.name &&
      (update.targetList ?? []).some((node) => nodeAs(node, 'ResTarget')?.name === column)
    );
  });
  const [update, ...others] = filling;
  if (!update || others.length > 0) return undefined;
  const isQuiet = earlier
    .slice(earlier.indexOf(update) + 1)
    .every(
      ({ effects }) =>
        effects.opaque.length === 0 &&
        effects.effects.every(
          ({ relation, causes }) =>
            relation.id !== table.id || causes.every(({ operation }) => INDIFFERENT.has(operation)),
        ),
    );
  return isQuiet ? update : undefined;
}

/** The name that PostgreSQL 18 gives to the constraint of SET NOT NULL. */
function notNullName({ before, after }: StatementAnalysis, id: number, column: string): string | undefined {
  const table = tableById(after, id);
  const number = table && columnNamed(table, column)?.number;
  // With inheritance or partitions the constraint reaches the children too, and is another matter.
  if (!table || table.kind !== 'table' || table.children.length > 0 || table.partitionOf || table.inherits.length > 0)
    return undefined;
  const old = tableById(before, id)?.constraints ?? [];
  const made = table.constraints.filter(
    (constraint) =>
      constraint.kind === 'not null' && constraint.column === number && !old.some((each) => each.id === constraint.id),
  );
  return made.length === 1 ? made[0]?.name : undefined;
}

/** For Prisma: whether the column's field is optional in the end. */
export function schemaOf(
  { history, statement }: Place,
  column: string,
  optional: boolean,
): { readonly schemaFields?: readonly { table: string; column: string; optional: boolean }[] } {
  const table = tableName(statement);
  return history.tool === 'prisma' && table !== '' ? { schemaFields: [{ table, column, optional }] } : {};
}
