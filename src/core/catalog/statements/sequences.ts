import type { AlterSeqStmt, CreateSeqStmt, DefElem } from '@pgsql/types';
import type { SequenceRelation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { columnNamed, hasColumns, relationAt, resolveRelation } from '../lookup.ts';
import { definitions, nameOf, nameOfRangeVar, strings, valueText } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { creationSchema, requireFreeRelationName, requireRelation } from '../targets.ts';
import { resolveType } from '../typeNames.ts';

/** CREATE SEQUENCE. */
export function createSequence(draft: Draft, node: CreateSeqStmt): void {
  const { schema: written, name } = nameOfRangeVar(node.sequence);
  const schema = creationSchema(draft, written, node.sequence?.relpersistence);
  if (node.if_not_exists === true && relationAt(draft, schema, name) !== undefined) return;
  requireFreeRelationName(draft, schema, name);
  const options = definitions(node.options);
  const persistence = node.sequence?.relpersistence;
  const sequence = newSequence(draft, {
    schema,
    name,
    persistence:
      persistence === 't' || schema === 'pg_temp' ? 'temporary' : persistence === 'u' ? 'unlogged' : 'permanent',
    options,
  });
  draft.addRelation(sequence);
  setOwner(draft, sequence, options);
}

/** ALTER SEQUENCE. */
export function alterSequence(draft: Draft, node: AlterSeqStmt): void {
  const name = nameOfRangeVar(node.sequence);
  if (node.missing_ok === true && resolveRelation(draft, name.schema, name.name) === undefined) return;
  const sequence = requireRelation(draft, name);
  if (sequence.kind !== 'sequence') throw new Refusal('42809', `"${sequence.name}" is not a sequence`);
  const options = definitions(node.options);
  const changed = { ...sequence, ...sequenceParameters(draft, options, sequence) };
  draft.put(changed);
  setOwner(draft, changed, options);
}

export interface NewSequence {
  readonly schema: string;
  readonly name: string;
  readonly persistence: SequenceRelation['persistence'];
  readonly options: readonly DefElem[];
  /** Of serial and identity columns. */
  readonly dataType?: string;
}

/** A sequence as CREATE SEQUENCE makes it; the caller adds it. */
export function newSequence(draft: Draft, wanted: NewSequence): SequenceRelation {
  return {
    kind: 'sequence',
    id: draft.newId(),
    schema: wanted.schema,
    name: wanted.name,
    persistence: wanted.persistence,
    owner: null,
    comment: null,
    privileges: [],
    options: {},
    tablespace: null,
    extension: null,
    ownedBy: null,
    ...sequenceParameters(draft, wanted.options, null, wanted.dataType),
  };
}

type Parameters = Pick<
  SequenceRelation,
  'dataType' | 'start' | 'increment' | 'minimum' | 'maximum' | 'cache' | 'cycle'
>;

const MAXIMUM: Readonly<Record<string, bigint>> = { int2: 32767n, int4: 2147483647n, int8: 9223372036854775807n };

/**
 * init_params of PostgreSQL's sequence.c. Without a sequence before it, defaults come in; with one, what is not named
 * stays, but for limits that were the old data type's own.
 */
export function sequenceParameters(
  draft: Draft,
  options: readonly DefElem[],
  before: SequenceRelation | null,
  defaultType = 'int8',
): Parameters {
  const option = (name: string): DefElem | undefined => options.find(({ defname }) => defname === name);
  const number = (name: string): bigint | null => {
    const text = valueText(option(name)?.arg);
    return text !== null && /^[+-]?\d+$/.test(text) ? BigInt(text) : null;
  };
  const as = option('as')?.arg;
  const dataType =
    as !== undefined && 'TypeName' in as ? resolveType(draft, as.TypeName).name : (before?.dataType ?? defaultType);
  const limit = MAXIMUM[dataType] ?? MAXIMUM['int8'] ?? 0n;
  const increment = number('increment') ?? (before === null ? 1n : BigInt(before.increment));
  const beforeLimit = before === null ? 0n : (MAXIMUM[before.dataType] ?? 0n);
  const typeChanged = before !== null && before.dataType !== dataType;
  const ascending = increment > 0n;

  let maximum = number('maxvalue');
  if (maximum === null) {
    const wasDefault = typeChanged && BigInt(before.maximum) === beforeLimit;
    const keeps = before !== null && option('maxvalue') === undefined && !wasDefault;
    maximum = keeps ? BigInt(before.maximum) : ascending ? limit : -1n;
  }
  let minimum = number('minvalue');
  if (minimum === null) {
    const wasDefault = typeChanged && BigInt(before.minimum) === -beforeLimit - 1n;
    const keeps = before !== null && option('minvalue') === undefined && !wasDefault;
    minimum = keeps ? BigInt(before.minimum) : ascending ? 1n : -limit - 1n;
  }
  const start = number('start') ?? (before === null ? (ascending ? minimum : maximum) : BigInt(before.start));
  const cycle = option('cycle');
  return {
    dataType,
    increment: String(increment),
    maximum: String(maximum),
    minimum: String(minimum),
    start: String(start),
    cache: String(number('cache') ?? before?.cache ?? 1),
    cycle: cycle === undefined ? (before?.cycle ?? false) : valueText(cycle.arg) !== 'false',
  };
}

/** OWNED BY table.column, or NONE. */
function setOwner(draft: Draft, sequence: SequenceRelation, options: readonly DefElem[]): void {
  const option = options.find(({ defname }) => defname === 'owned_by');
  if (option === undefined) return;
  const names = strings(option.arg);
  if (names.length === 1) {
    draft.put({ ...sequence, ownedBy: null });
    return;
  }
  const relation = requireRelation(draft, nameOf(names.slice(0, -1).map((sval) => ({ String: { sval } }))));
  const column = hasColumns(relation) ? columnNamed(relation, names.at(-1) ?? '') : undefined;
  if (column === undefined) throw new Refusal('42703', `column "${names.at(-1) ?? ''}" does not exist`);
  if (sequence.ownedBy?.internal === true) throw new Refusal('0A000', 'cannot change ownership of identity sequence');
  draft.put({ ...sequence, ownedBy: { relation: relation.id, column: column.number, internal: false } });
  draft.link(relation.id, sequence.id);
}
