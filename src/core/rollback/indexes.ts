import type { IndexKey, IndexRelation, Relation } from '../catalog/catalog.ts';
import { hasColumns } from '../catalog/lookup.ts';
import { expressionText } from '../sql/expressionText.ts';
import { quoteIdentifier } from '../sql/quote.ts';
import { nodeAs } from '../sql/tree.ts';
import { NotKnown, columnList, columnOf, nameIn } from './naming.ts';
import type { Naming } from './naming.ts';

/** CREATE INDEX for an index that no constraint made, without the closing `;`. */
export function createIndex(
  naming: Naming,
  index: IndexRelation,
  { concurrently = false }: { readonly concurrently?: boolean } = {},
): string {
  const table = naming.catalog.relations.get(index.table);
  if (table === undefined || !hasColumns(table)) throw new NotKnown(`the table of index ${index.name}`);
  const parts = ['CREATE'];
  if (index.unique) parts.push('UNIQUE');
  parts.push('INDEX');
  if (concurrently) parts.push('CONCURRENTLY');
  parts.push(quoteIdentifier(index.name), 'ON');
  if (index.kind === 'partitioned index' && !index.valid) parts.push('ONLY');
  parts.push(nameIn(naming, table));
  if (index.method !== 'btree') parts.push(`USING ${quoteIdentifier(index.method)}`);
  parts.push(`(${index.keys.map((key) => keyText(index, table, key)).join(', ')})`);
  if (index.include.length > 0) parts.push(`INCLUDE (${columnList(table, index.include)})`);
  if (index.nullsNotDistinct) parts.push('NULLS NOT DISTINCT');
  const parameters = indexParameters(index);
  if (parameters !== '') parts.push(parameters.trim());
  if (index.tablespace !== null) parts.push(`TABLESPACE ${quoteIdentifier(index.tablespace)}`);
  if (index.predicate !== null) parts.push(`WHERE ${expressionText(index.predicate)}`);
  return parts.join(' ');
}

function keyText(index: IndexRelation, table: Relation, key: IndexKey): string {
  if (!hasColumns(table)) throw new NotKnown(`the table of index ${index.name}`);
  const parts = [];
  if (key.column !== null) parts.push(quoteIdentifier(columnOf(table, key.column).name));
  else if (key.expression !== null) {
    // The grammar takes a function call without parentheses of its own.
    const text = expressionText(key.expression);
    const isCall = nodeAs(key.expression.tree, 'FuncCall') !== undefined && /^[\w.]+\(/.test(text);
    parts.push(isCall ? text : `(${text})`);
  }
  if (key.collation !== null) parts.push(`COLLATE ${qualified(key.collation)}`);
  if (key.operatorClass !== null) parts.push(qualified(key.operatorClass));
  if (key.descending) parts.push('DESC');
  // NULLS FIRST is the default of DESC, NULLS LAST of ASC.
  if (key.nullsFirst !== key.descending) parts.push(key.nullsFirst ? 'NULLS FIRST' : 'NULLS LAST');
  return parts.join(' ');
}

/** ` WITH (fillfactor=70)`, or nothing. */
export function indexParameters(index: IndexRelation): string {
  const options = Object.entries(index.options);
  return options.length === 0
    ? ''
    : ` WITH (${options.map(([name, value]) => `${name}=${optionValue(value)}`).join(', ')})`;
}

/** A storage parameter's value: a number or word as it is, everything else quoted. */
export function optionValue(value: string): string {
  return /^-?[\w.]+$/.test(value) ? value : `'${value.replaceAll("'", "''")}'`;
}

/** A collation's or operator class's name as the catalog keeps it: `pg_catalog.C`, `"C"`, `public.gin_trgm_ops`. */
export function qualified(name: string): string {
  const parts = name.startsWith('pg_catalog.') ? [name.slice('pg_catalog.'.length)] : name.split('.');
  return parts.map((part) => (part.startsWith('"') ? part : quoteIdentifier(part))).join('.');
}
