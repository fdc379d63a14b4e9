import type { Column, Expression, SequenceRelation, TableRelation } from '../catalog/catalog.ts';
import { makeObjectName } from '../catalog/generatedNames.ts';
import { expressionText } from '../sql/expressionText.ts';
import { quoteLiteral } from '../sql/quote.ts';
import { nameParts, nodeAs } from '../sql/tree.ts';
import { nameIn } from './naming.ts';
import type { Naming } from './naming.ts';

const MAXIMUM: Readonly<Record<string, bigint>> = { int2: 32767n, int4: 2147483647n, int8: 9223372036854775807n };
const SQL_TYPE: Readonly<Record<string, string>> = { int2: 'smallint', int4: 'integer', int8: 'bigint' };
const SERIAL: Readonly<Record<string, string>> = { int2: 'smallserial', int4: 'serial', int8: 'bigserial' };

type Parameters = Pick<
  SequenceRelation,
  'dataType' | 'start' | 'increment' | 'minimum' | 'maximum' | 'cache' | 'cycle'
>;

/** What CREATE SEQUENCE makes without options. https://www.postgresql.org/docs/current/sql-createsequence.html */
function defaults(dataType: string, increment: string): Parameters {
  const limit = MAXIMUM[dataType] ?? 0n;
  const ascending = BigInt(increment) > 0n;
  const minimum = ascending ? '1' : String(-limit - 1n);
  const maximum = ascending ? String(limit) : '-1';
  return { dataType, increment, minimum, maximum, start: ascending ? minimum : maximum, cache: '1', cycle: false };
}

/** The options in which a sequence differs from one made without any, as after CREATE SEQUENCE or in GENERATED … AS IDENTITY (…). */
export function sequenceOptions(sequence: Parameters, defaultType = 'int8'): readonly string[] {
  const plain = defaults(sequence.dataType, sequence.increment);
  const options: string[] = [];
  if (sequence.dataType !== defaultType) options.push(`AS ${SQL_TYPE[sequence.dataType] ?? sequence.dataType}`);
  if (sequence.increment !== '1') options.push(`INCREMENT BY ${sequence.increment}`);
  if (sequence.minimum !== plain.minimum) options.push(`MINVALUE ${sequence.minimum}`);
  if (sequence.maximum !== plain.maximum) options.push(`MAXVALUE ${sequence.maximum}`);
  const start = BigInt(sequence.increment) > 0n ? sequence.minimum : sequence.maximum;
  if (sequence.start !== start) options.push(`START WITH ${sequence.start}`);
  if (sequence.cache !== '1') options.push(`CACHE ${sequence.cache}`);
  if (sequence.cycle) options.push('CYCLE');
  return options;
}

/** CREATE SEQUENCE, without OWNED BY, since the column may not be there yet. */
export function createSequence(naming: Naming, sequence: SequenceRelation): string {
  const unlogged = sequence.persistence === 'unlogged' ? 'UNLOGGED ' : '';
  return ['CREATE', `${unlogged}SEQUENCE`, nameIn(naming, sequence), ...sequenceOptions(sequence)].join(' ');
}

/** The options that turn one state of a sequence into another, for ALTER SEQUENCE; empty if there is nothing to do. */
export function changedSequenceOptions(from: Parameters, to: Parameters): readonly string[] {
  const options: string[] = [];
  if (from.dataType !== to.dataType) options.push(`AS ${SQL_TYPE[to.dataType] ?? to.dataType}`);
  if (from.increment !== to.increment) options.push(`INCREMENT BY ${to.increment}`);
  if (from.minimum !== to.minimum || from.dataType !== to.dataType) options.push(`MINVALUE ${to.minimum}`);
  if (from.maximum !== to.maximum || from.dataType !== to.dataType) options.push(`MAXVALUE ${to.maximum}`);
  if (from.start !== to.start) options.push(`START WITH ${to.start}`);
  if (from.cache !== to.cache) options.push(`CACHE ${to.cache}`);
  if (from.cycle !== to.cycle) options.push(to.cycle ? 'CYCLE' : 'NO CYCLE');
  return options;
}

/**
 * `serial`, `bigserial` or `smallserial`, if a column made with it would come out exactly like this one with its
 * sequence; else null, and both are written out.
 */
export function serialName(
  table: TableRelation,
  column: Column,
  sequence: SequenceRelation | undefined,
): string | null {
  if (sequence === undefined || sequence.ownedBy?.internal !== false || !column.notNull) return null;
  const { type } = column;
  const plain = type.schema === 'pg_catalog' && type.modifiers.length === 0 && type.arrayDimensions === 0;
  if (!plain || sequence.dataType !== type.name || sequence.schema !== table.schema) return null;
  if (sequence.persistence !== table.persistence) return null;
  if (sequenceOptions(sequence, type.name).length > 0 || sequence.name !== serialSequenceName(table, column))
    return null;
  if (column.default === null || !callsNextval(column.default, sequence)) return null;
  return SERIAL[type.name] ?? null;
}

/** The name that PostgreSQL gives to the sequence of a serial or identity column, if it is free. */
export function serialSequenceName(table: { readonly name: string }, column: { readonly name: string }): string {
  return makeObjectName(table.name, column.name, 'seq');
}

/** Is it `nextval('…')` of this sequence? It follows renames of the sequence by its id. */
function callsNextval(expression: Expression, sequence: SequenceRelation): boolean {
  return isNextval(expression) && (expression.uses ?? []).includes(sequence.id);
}

function isNextval(expression: Expression): boolean {
  const call = nodeAs(expression.tree, 'FuncCall');
  return call !== undefined && nameParts(call.funcname).name === 'nextval' && call.args?.length === 1;
}

/** A default as SQL. The sequence in `nextval('…')` stands there by the name that it has in this catalog. */
export function defaultText(naming: Naming, expression: Expression): string {
  const [id, ...others] = expression.uses ?? [];
  const sequence = id === undefined ? undefined : naming.catalog.relations.get(id);
  if (isNextval(expression) && sequence?.kind === 'sequence' && others.length === 0) {
    return `nextval(${quoteLiteral(nameIn(naming, sequence))}::regclass)`;
  }
  return expressionText(expression);
}
