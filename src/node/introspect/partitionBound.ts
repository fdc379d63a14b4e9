import type { Expression, PartitionBound } from '../../core/catalog/catalog.ts';

/** The server's text of a bound: `FOR VALUES FROM (1, MINVALUE) TO (10, MAXVALUE)`, `FOR VALUES IN ('a', 'b')`, `DEFAULT`. */
export function parseBound(text: string): PartitionBound {
  if (text === 'DEFAULT') return { kind: 'default' };
  const hash = /^FOR VALUES WITH \(modulus (\d+), remainder (\d+)\)$/.exec(text);
  if (hash !== null) return { kind: 'hash', modulus: Number(hash[1]), remainder: Number(hash[2]) };
  const lists = parenthesized(text).map((values) => values.map((value): Expression => ({ tree: null, text: value })));
  if (text.startsWith('FOR VALUES IN')) return { kind: 'list', values: lists[0] ?? [] };
  return { kind: 'range', from: lists[0] ?? [], to: lists[1] ?? [] };
}

/** The comma-separated values inside each pair of outer parentheses; quotes and inner parentheses are kept whole. */
function parenthesized(text: string): string[][] {
  const lists: string[][] = [];
  let values: string[] = [];
  let value = '';
  let depth = 0;
  let quoted = false;
  for (const character of text) {
    if (character === "'") quoted = !quoted;
    if (!quoted && character === '(' && depth++ === 0) {
      values = [];
      value = '';
      continue;
    }
    if (!quoted && character === ')' && --depth === 0) {
      lists.push([...values, value.trim()]);
      continue;
    }
    if (!quoted && character === ',' && depth === 1) {
      values.push(value.trim());
      value = '';
    } else value += character;
  }
  return lists;
}
