import type { Column, TableRelation, TypeReference } from '../catalog/catalog.ts';
import { makeObjectName } from '../catalog/generatedNames.ts';
import { expressionText } from '../sql/expressionText.ts';
import { quoteIdentifier } from '../sql/quote.ts';
import { keepsEveryValue, placeholder, usingExpression } from './casts.ts';
import { columnDefinition, columnSequence, columnSettings, identityClause, notNullConstraintName } from './columns.ts';
import { NotKnown, nameIn, relationKeyword, typeName } from './naming.ts';
import type { Plan } from './plan.ts';
import { defaultText } from './sequences.ts';
import { commentOn, privilegeChanges } from './privileges.ts';

/** Columns of a table that is there before and after the statement. */
export function inverseColumns(plan: Plan, from: TableRelation, to: TableRelation, born: boolean): void {
  const before = new Map(to.columns.map((column) => [column.number, column]));
  const after = new Map(from.columns.map((column) => [column.number, column]));
  for (const column of [...from.columns].reverse())
    if (!before.has(column.number)) dropColumn(plan, from, column, born);
  for (const column of to.columns) {
    const now = after.get(column.number);
    if (now === undefined) restoreColumn(plan, to, column, born);
    else if (now !== column) changeColumn(plan, { from, to, now, column, born });
  }
}

/** The inverse of ADD COLUMN. */
function dropColumn(plan: Plan, from: TableRelation, column: Column, born: boolean): void {
  const { context } = plan;
  // A column that comes from a parent goes with the parent's; one of a new table goes with the table, unless its type
  // is newer than the table and has to be free by then.
  if (!column.local) return;
  if (context.isTransientColumn(from.id, column.number)) return;
  if (born && !isNewer(column.type, from.id) && !usesNewer(column, from.id)) return;
  if (!born) plan.notes.sinceLost.push(`values written to ${from.name}.${column.name}`);
  plan.columnEvents.push({ table: from.id, column: column.number, added: false });
  plan.alter('drop columns', alterTable(plan, 'from', from), `DROP COLUMN ${quoteIdentifier(column.name)}`);
}

/** The inverse of DROP COLUMN. */
function restoreColumn(plan: Plan, to: TableRelation, column: Column, born: boolean): void {
  const { context } = plan;
  if (!column.local || born || context.isBornColumn(to.id, column.number)) return;
  const alter = alterTable(plan, 'to', to);
  const type = column.type.id === null ? undefined : context.to.catalog.types.get(column.type.id);
  const label = type?.kind === 'enum' ? type.labels[0] : undefined;
  const filledByServer =
    column.default !== null ||
    column.generated !== null ||
    columnSequence(context.to.catalog, to, column) !== undefined;
  if (column.generated === null) plan.notes.before.push(`values of ${to.name}.${column.name}`);
  const fill = column.notNull && !filledByServer ? placeholder(column.type, label) : null;
  const definition = columnDefinition(context.to, to, column);
  if (fill !== null) {
    const remark = `The values of ${column.name} are lost; rows that are there get ${fill}.`;
    plan.add('columns', `${alter} ADD COLUMN ${definition} DEFAULT ${fill}`, { remark });
    plan.add('columns', `${alter} ALTER COLUMN ${quoteIdentifier(column.name)} DROP DEFAULT`);
  } else {
    const fails = column.notNull && !filledByServer;
    if (fails) plan.notes.sinceFails.push(`${to.name} holds rows: ${column.name} is NOT NULL and its values are lost`);
    const options = column.generated === null ? { remark: `The values of ${column.name} are lost.` } : {};
    plan.alter('columns', alter, `ADD COLUMN ${definition}`, options);
  }
  for (const action of columnSettings(plan.context.to, null, column)) plan.alter('settings', alter, action);
  columnRights(plan, to, null, column);
  plan.columnEvents.push({ table: to.id, column: column.number, added: true });
}

interface ColumnChange {
  readonly from: TableRelation;
  readonly to: TableRelation;
  readonly now: Column;
  readonly column: Column;
  readonly born: boolean;
}

function changeColumn(plan: Plan, change: ColumnChange): void {
  const { from, to, now, column, born } = change;
  const { context } = plan;
  if (now.name !== column.name && column.inheritCount === 0) {
    const names = `${quoteIdentifier(now.name)} TO ${quoteIdentifier(column.name)}`;
    plan.add('rename parts', `${alterTable(plan, 'from', from)} RENAME COLUMN ${names}`);
  }
  const newer = isNewer(now.type, from.id) || usesNewer(now, from.id);
  if (now.inheritCount > column.inheritCount && now.notNull && !column.notNull)
    throw new NotKnown(
      `how ${to.name}.${column.name}, which a parent's column was merged into, becomes nullable again`,
    );
  if (context.isBornColumn(to.id, column.number) && !born) freeNotNullName(plan, change);
  if ((born && !newer) || context.isBornColumn(to.id, column.number)) return;
  // ALTER TABLE on a parent reaches its children.
  if (column.inheritCount > 0 && parentChanges(plan, to)) return;
  const alter = alterTable(plan, 'to', to);
  const name = quoteIdentifier(column.name);
  const action = (text: string): void => {
    plan.alter('columns', alter, `ALTER COLUMN ${name} ${text}`);
  };
  const typeChanged = !sameTypeAs(now.type, column.type) || now.collation !== column.collation;
  const defaultChanged = !sameDefault(now, column);
  if (now.identity !== null && column.identity === null) action('DROP IDENTITY');
  // A default may not fit the other type, so it is taken off before and put back after.
  const dropsDefault = now.default !== null && (typeChanged || column.default === null);
  if (dropsDefault && (typeChanged || defaultChanged)) {
    if (typeChanged) plan.add('columns', `${alter} ALTER COLUMN ${name} DROP DEFAULT`);
    else action('DROP DEFAULT');
  }
  if (typeChanged) typeBack(plan, change, alter, name);
  if (column.notNull && !now.notNull) {
    const constraint = notNullConstraintName(context.to.catalog, to, column);
    const later = context.outsideTransaction && to.kind === 'table' && !born && column.identity === null;
    if (constraint === null && later) provenNotNull(plan, alter, to, name);
    else if (constraint === null) action('SET NOT NULL');
    else plan.alter('columns', alter, `ADD CONSTRAINT ${quoteIdentifier(constraint)} NOT NULL ${name}`);
    if (!born && !later) plan.notes.waits.push(`${to.name} is locked while it is read for NULL in ${column.name}`);
    if (!born) plan.notes.sinceFails.push(`${to.name}.${column.name} holds NULL: it becomes NOT NULL again`);
  }
  if (column.default !== null && (defaultChanged || dropsDefault)) {
    action(`SET DEFAULT ${defaultText(context.to, column.default)}`);
  }
  if (column.identity !== null && now.identity === null) {
    plan.add('columns', `${alter} ALTER COLUMN ${name} ADD ${identityClause(context.to, to, column)}`);
  } else if (column.identity !== null && now.identity !== column.identity) {
    action(`SET GENERATED ${column.identity === 'always' ? 'ALWAYS' : 'BY DEFAULT'}`);
  }
  if (!column.notNull && now.notNull) action('DROP NOT NULL');
  generatedBack(plan, change, action);
  for (const setting of columnSettings(context.to, now, column)) plan.alter('settings', alter, setting);
  columnRights(plan, to, now, column);
}

/** From 18 on NOT NULL is a constraint with a name, which the column that comes back may need before the new one is dropped. */
function freeNotNullName(plan: Plan, { from, to, now, column }: ColumnChange): void {
  if (!now.notNull || column.notNull) return;
  const constraint = from.constraints.find((one) => one.kind === 'not null' && one.column === now.number);
  if (constraint === undefined || !plan.context.constraintNameWasTaken(to.id, constraint.name)) return;
  plan.alter('columns', alterTable(plan, 'to', to), `ALTER COLUMN ${quoteIdentifier(column.name)} DROP NOT NULL`);
}

/** A CHECK that was validated beforehand, which stops nobody, spares SET NOT NULL its look at all rows. */
function provenNotNull(plan: Plan, alter: string, to: TableRelation, name: string): void {
  const check = quoteIdentifier(makeObjectName(to.name, name.replaceAll(/\W/g, ''), 'is_set'));
  plan.add('constraints', `${alter} ADD CONSTRAINT ${check} CHECK (${name} IS NOT NULL) NOT VALID`);
  plan.add('constraints', `${alter} VALIDATE CONSTRAINT ${check}`, { ownTransaction: true });
  plan.add('constraints', `${alter} ALTER COLUMN ${name} SET NOT NULL`);
  plan.add('constraints', `${alter} DROP CONSTRAINT ${check}`);
}

/** SET EXPRESSION exists from 17 on; a column can't become generated again in place at all. */
function generatedBack(plan: Plan, { to, now, column }: ColumnChange, action: (text: string) => void): void {
  if (now.generated === null && column.generated === null) return;
  if (now.generated !== null && column.generated !== null) {
    const text = expressionText(column.generated.expression);
    if (expressionText(now.generated.expression) === text) return;
    action(`SET EXPRESSION AS (${text})`);
    return;
  }
  if (column.generated !== null) {
    plan.remains.push(
      `${to.name}.${column.name} stays an ordinary column: PostgreSQL can't make a column generated again`,
    );
  }
}

function typeBack(plan: Plan, { to, now, column, born }: ColumnChange, alter: string, name: string): void {
  const target = typeName(plan.context.to, column.type);
  const collation = column.collation === null ? '' : ` COLLATE ${quoteIdentifier(column.collation)}`;
  const using = usingExpression(name, now.type, column.type, target);
  const action = `ALTER COLUMN ${name} TYPE ${target}${collation}${using === null ? '' : ` USING ${using}`}`;
  plan.alter('columns', alter, action);
  if (born) return;
  plan.notes.waits.push(`${to.name} is locked while ${column.name} becomes ${target} again, which may rewrite it`);
  const current = typeName(plan.context.from, now.type);
  if (!keepsEveryValue(column.type, now.type)) {
    plan.notes.before.push(`what ${target} could hold and ${current} could not, in ${to.name}.${column.name}`);
  }
  if (!keepsEveryValue(now.type, column.type)) {
    plan.notes.sinceFails.push(`${to.name}.${column.name} holds a value that ${target} can't hold`);
  }
}

function columnRights(plan: Plan, to: TableRelation, now: Column | null, column: Column): void {
  const { context } = plan;
  const name = nameIn(context.to, to);
  if ((now?.comment ?? null) !== column.comment) {
    const object = { keyword: 'COLUMN', name: `${name}.${quoteIdentifier(column.name)}` };
    plan.add('comments', commentOn(object, column.comment));
  }
  const object = { keyword: 'TABLE', name };
  for (const sql of privilegeChanges(object, now?.privileges ?? [], column.privileges, column.name)) {
    plan.add('rights', sql);
  }
}

/** Settings, comment and rights of the columns of a table that was just made again. */
export function decorateColumns(plan: Plan, to: TableRelation): void {
  // Its children have settings of their own.
  const only = to.children.length > 0 ? 'ONLY ' : '';
  const alter = `ALTER ${relationKeyword(to)} ${only}${nameIn(plan.context.to, to)}`;
  for (const column of to.columns) {
    for (const action of columnSettings(plan.context.to, null, column)) plan.alter('settings', alter, action);
    columnRights(plan, to, null, column);
  }
}

export function alterTable(plan: Plan, side: 'from' | 'to', table: TableRelation): string {
  return `ALTER ${relationKeyword(table)} ${nameIn(plan.context[side], table)}`;
}

function parentChanges(plan: Plan, to: TableRelation): boolean {
  const parents = to.partitionOf === null ? to.inherits : [to.partitionOf.parent];
  const { from, to: target } = plan.context;
  return parents.some((id) => from.catalog.relations.get(id) !== target.catalog.relations.get(id));
}

/** The same type, whatever it is called on either side. */
function sameTypeAs(a: TypeReference, b: TypeReference): boolean {
  const same = a.id !== null || b.id !== null ? a.id === b.id : a.name === b.name && a.schema === b.schema;
  return same && a.arrayDimensions > 0 === b.arrayDimensions > 0 && a.modifiers.join() === b.modifiers.join();
}

function sameDefault(a: Column, b: Column): boolean {
  if (a.default === b.default) return true;
  if (a.default === null || b.default === null) return false;
  // A renamed sequence or function changes the text on both sides: then the ids tell.
  const uses = (column: Column) => (column.default?.uses ?? []).join();
  if (uses(a) !== '' && uses(a) === uses(b)) return expressionShape(a) === expressionShape(b);
  return expressionText(a.default) === expressionText(b.default);
}

/** A default's text without the texts in it, which hold the names of sequences. */
function expressionShape(column: Column): string {
  return column.default === null ? '' : expressionText(column.default).replace(/'[^']*'/g, "''");
}

function isNewer(type: TypeReference, table: number): boolean {
  return type.id !== null && type.id > table;
}

function usesNewer(column: Column, table: number): boolean {
  const uses = [...(column.default?.uses ?? []), ...(column.generated?.expression.uses ?? [])];
  return uses.some((id) => id > table);
}
