import type { Constraint, Expression, PartitionBound, TableRelation } from '../catalog/catalog.ts';
import { deparse, expressionText } from '../sql/expressionText.ts';
import { quoteIdentifier } from '../sql/quote.ts';
import { columnDefinition } from './columns.ts';
import { constraintDefinition } from './constraints.ts';
import { optionValue } from './indexes.ts';
import { NotKnown, columnOf, nameIn, relationName } from './naming.ts';
import type { Naming } from './naming.ts';

/**
 * CREATE TABLE with columns and constraints, foreign keys apart: they may refer to tables that come later.
 * Inherited columns and constraints are left to PARTITION OF and INHERITS.
 */
export function createTable(naming: Naming, table: TableRelation): string {
  const foreign = table.kind === 'foreign table' ? 'FOREIGN ' : '';
  const unlogged = table.persistence === 'unlogged' ? 'UNLOGGED ' : '';
  const head = `CREATE ${unlogged}${foreign}TABLE ${nameIn(naming, table)}`;
  if (table.partitionOf !== null) return head + partitionClauses(naming, table, table.partitionOf);
  const lines = [
    ...table.columns.filter(({ local }) => local).map((column) => columnDefinition(naming, table, column)),
    ...ownConstraints(table).map((constraint) => constraintDefinition(naming, table, constraint)),
  ];
  const body = lines.length === 0 ? ' ()' : ` (\n${lines.map((line) => `  ${line}`).join(',\n')}\n)`;
  return head + body + inheritsClause(naming, table) + partitionByClause(table) + storageClauses(table);
}

/** Constraints that CREATE TABLE makes: not those that come from a parent, nor NOT NULL, which stands in the column. */
function ownConstraints(table: TableRelation): readonly Constraint[] {
  return table.constraints.filter(
    ({ kind, local, validated, enforced, parent }) =>
      local && parent === null && kind !== 'foreign key' && kind !== 'not null' && (validated || !enforced),
  );
}

/** Constraints that have to be added after CREATE TABLE: foreign keys, and those that are NOT VALID. */
export function laterConstraints(table: TableRelation): readonly Constraint[] {
  return table.constraints.filter(
    ({ kind, local, validated, enforced, parent }) =>
      local && parent === null && kind !== 'not null' && (kind === 'foreign key' || (!validated && enforced)),
  );
}

function partitionClauses(
  naming: Naming,
  table: TableRelation,
  partitionOf: NonNullable<TableRelation['partitionOf']>,
): string {
  const parent = relationName(naming, partitionOf.parent);
  if (parent === null) throw new NotKnown(`the table that ${table.name} is a partition of`);
  const constraints = ownConstraints(table)
    .filter(({ inheritCount }) => inheritCount === 0)
    .map((constraint) => constraintDefinition(naming, table, constraint));
  const list = constraints.length === 0 ? '' : ` (\n${constraints.map((line) => `  ${line}`).join(',\n')}\n)`;
  return ` PARTITION OF ${parent}${list} ${boundClause(partitionOf.bound)}${partitionByClause(table)}${storageClauses(table)}`;
}

/** `FOR VALUES …` or `DEFAULT`. */
export function boundClause(bound: PartitionBound): string {
  const list = (values: readonly Expression[]) => values.map(boundValue).join(', ');
  switch (bound.kind) {
    case 'default':
      return 'DEFAULT';
    case 'range':
      return `FOR VALUES FROM (${list(bound.from)}) TO (${list(bound.to)})`;
    case 'list':
      return `FOR VALUES IN (${list(bound.values)})`;
    case 'hash':
      return `FOR VALUES WITH (MODULUS ${bound.modulus}, REMAINDER ${bound.remainder})`;
  }
}

/** MINVALUE and MAXVALUE are plain column references to the grammar. */
function boundValue(value: Expression): string {
  const text = expressionText(value);
  return /^"?(minvalue|maxvalue)"?$/i.test(text) ? text.replaceAll('"', '').toUpperCase() : text;
}

function inheritsClause(naming: Naming, table: TableRelation): string {
  if (table.inherits.length === 0) return '';
  const parents = table.inherits.map((id) => {
    const name = relationName(naming, id);
    if (name === null) throw new NotKnown(`a table that ${table.name} inherits from`);
    return name;
  });
  return ` INHERITS (${parents.join(', ')})`;
}

function partitionByClause(table: TableRelation): string {
  const key = table.partitionKey;
  if (key === null) return '';
  const columns = key.columns.map(({ column, expression }) => {
    if (column !== null) return quoteIdentifier(columnOf(table, column).name);
    return expression === null ? '' : keyExpression(expression);
  });
  return ` PARTITION BY ${key.strategy.toUpperCase()} (${columns.join(', ')})`;
}

/** An expression in a key stands in parentheses, unless it is a function call. */
function keyExpression(expression: Expression): string {
  const text = expression.tree === null ? expressionText(expression) : deparse(expression.tree);
  return `(${text})`;
}

function storageClauses(table: TableRelation): string {
  const options = Object.entries(table.options);
  const parts: string[] = [];
  if (table.kind === 'foreign table') {
    if (table.server === null) throw new NotKnown(`the server of the foreign table ${table.name}`);
    parts.push(` SERVER ${quoteIdentifier(table.server)}`);
    if (options.length > 0) {
      const list = options.map(([name, value]) => `${quoteIdentifier(name)} '${value.replaceAll("'", "''")}'`);
      parts.push(` OPTIONS (${list.join(', ')})`);
    }
    return parts.join('');
  }
  if (table.accessMethod !== null && table.accessMethod !== 'heap')
    parts.push(` USING ${quoteIdentifier(table.accessMethod)}`);
  if (options.length > 0) {
    parts.push(` WITH (${options.map(([name, value]) => `${name}=${optionValue(value)}`).join(', ')})`);
  }
  if (table.tablespace !== null) parts.push(` TABLESPACE ${quoteIdentifier(table.tablespace)}`);
  return parts.join('');
}
