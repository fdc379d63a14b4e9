import type { Node, PartitionBoundSpec, PartitionSpec } from '@pgsql/types';
import type { PartitionBound, PartitionKey, TableRelation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { expressionOf } from '../expressions.ts';
import { columnNamed } from '../lookup.ts';
import { Refusal } from '../refusal.ts';

/** PARTITION BY. */
export function partitionKeyOf(draft: Draft, table: TableRelation, node: PartitionSpec): PartitionKey {
  const strategy =
    node.strategy === 'PARTITION_STRATEGY_LIST'
      ? 'list'
      : node.strategy === 'PARTITION_STRATEGY_HASH'
        ? 'hash'
        : 'range';
  const columns = (node.partParams ?? []).flatMap((item): PartitionKey['columns'] => {
    if (!('PartitionElem' in item)) return [];
    const { name, expr } = item.PartitionElem;
    if (name === undefined)
      return [{ column: null, expression: expr === undefined ? null : expressionOf(draft, expr) }];
    const column = columnNamed(table, name);
    if (column === undefined) throw new Refusal('42703', `column "${name}" named in partition key does not exist`);
    return [{ column: column.number, expression: null }];
  });
  return { strategy, columns };
}

/** FOR VALUES … or DEFAULT. */
export function boundOf(draft: Draft, node: PartitionBoundSpec): PartitionBound {
  if (node.is_default === true) return { kind: 'default' };
  const values = (nodes: readonly Node[] | undefined) => (nodes ?? []).map((value) => expressionOf(draft, value));
  switch (node.strategy) {
    case 'l':
      return { kind: 'list', values: values(node.listdatums) };
    case 'h':
      return { kind: 'hash', modulus: node.modulus ?? 0, remainder: node.remainder ?? 0 };
    default:
      return { kind: 'range', from: values(node.lowerdatums), to: values(node.upperdatums) };
  }
}
