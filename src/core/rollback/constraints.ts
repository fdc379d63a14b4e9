import type { Constraint, IndexRelation, TableRelation } from '../catalog/catalog.ts';
import { indexById, isTable } from '../catalog/lookup.ts';
import { deparse, expressionText } from '../sql/expressionText.ts';
import { quoteIdentifier } from '../sql/quote.ts';
import { nodeAs } from '../sql/tree.ts';
import { NotKnown, columnList, columnOf, nameIn } from './naming.ts';
import type { Naming } from './naming.ts';
import { indexParameters } from './indexes.ts';
import { omit } from './omit.ts';

/** `CONSTRAINT name …`, as it stands in CREATE TABLE and after ADD. NOT VALID is left to the caller: CREATE TABLE does not take it. */
export function constraintDefinition(naming: Naming, table: TableRelation, constraint: Constraint): string {
  return `CONSTRAINT ${quoteIdentifier(constraint.name)} ${constraintBody(naming, table, constraint)}`;
}

function constraintBody(naming: Naming, table: TableRelation, constraint: Constraint): string {
  switch (constraint.kind) {
    case 'check':
      return `CHECK (${expressionText(constraint.expression)})${constraint.noInherit ? ' NO INHERIT' : ''}${enforcement(constraint)}`;
    case 'not null':
      return `NOT NULL ${quoteIdentifier(columnOf(table, constraint.column).name)}${constraint.noInherit ? ' NO INHERIT' : ''}`;
    case 'primary key':
    case 'unique': {
      const keyword = constraint.kind === 'unique' ? 'UNIQUE' : 'PRIMARY KEY';
      const nulls = constraint.nullsNotDistinct ? ' NULLS NOT DISTINCT' : '';
      const index = indexById(naming.catalog, constraint.index);
      const columns = columnList(table, constraint.columns);
      return `${keyword}${nulls} (${columns})${includeClause(table, index)}${parameters(index)}${timing(constraint)}`;
    }
    case 'exclude':
      return excludeBody(constraint) + timing(constraint);
    case 'foreign key':
      return foreignKeyBody(naming, table, constraint);
  }
}

function foreignKeyBody(
  naming: Naming,
  table: TableRelation,
  constraint: Constraint & { kind: 'foreign key' },
): string {
  const referenced = constraint.referenced === null ? undefined : naming.catalog.relations.get(constraint.referenced);
  if (referenced === undefined || !isTable(referenced)) {
    throw new NotKnown(`table ${constraint.referencedName}, which the foreign key ${constraint.name} refers to`);
  }
  const own = columnsWithPeriod(table, constraint.columns, constraint.period);
  const theirs = columnsWithPeriod(referenced, constraint.referencedColumns, constraint.period);
  const parts = [`FOREIGN KEY (${own}) REFERENCES ${nameIn(naming, referenced)} (${theirs})`];
  if (constraint.match === 'full') parts.push('MATCH FULL');
  if (constraint.onUpdate !== 'no action') parts.push(`ON UPDATE ${constraint.onUpdate.toUpperCase()}`);
  if (constraint.onDelete !== 'no action') {
    const columns = constraint.onDeleteSetColumns;
    const list = columns.length === 0 ? '' : ` (${columnList(table, columns)})`;
    parts.push(`ON DELETE ${constraint.onDelete.toUpperCase()}${list}`);
  }
  return parts.join(' ') + timing(constraint) + enforcement(constraint);
}

function columnsWithPeriod(table: TableRelation, numbers: readonly number[], period: boolean): string {
  if (!period) return columnList(table, numbers);
  return [
    ...numbers.slice(0, -1).map((one) => columnList(table, [one])),
    `PERIOD ${columnList(table, numbers.slice(-1))}`,
  ].join(', ');
}

/** From the tree of the constraint, without its name, which may have changed since, and without what `timing` adds. */
function excludeBody(constraint: Constraint & { kind: 'exclude' }): string {
  const body = nodeAs(constraint.definition.tree, 'Constraint');
  if (body === undefined) {
    const text = expressionText(constraint.definition).replace(/\s+(NOT\s+)?DEFERRABLE.*$/i, '');
    return text.replace(/^CONSTRAINT\s+(?:"(?:[^"]|"")*"|\S+)\s+/i, '');
  }
  return deparse({ Constraint: omit(body, 'conname', 'deferrable', 'initdeferred') });
}

function includeClause(table: TableRelation, index: IndexRelation | undefined): string {
  return index === undefined || index.include.length === 0 ? '' : ` INCLUDE (${columnList(table, index.include)})`;
}

function parameters(index: IndexRelation | undefined): string {
  if (index === undefined) return '';
  const tablespace = index.tablespace === null ? '' : ` USING INDEX TABLESPACE ${quoteIdentifier(index.tablespace)}`;
  return indexParameters(index) + tablespace;
}

/** ` DEFERRABLE INITIALLY DEFERRED`, or nothing. */
export function timing(constraint: Constraint): string {
  if (!constraint.deferrable) return '';
  return constraint.initiallyDeferred ? ' DEFERRABLE INITIALLY DEFERRED' : ' DEFERRABLE';
}

function enforcement(constraint: Constraint): string {
  return constraint.enforced ? '' : ' NOT ENFORCED';
}
