import type { ColumnHints } from './checkHints.ts';
import type { TableShape } from './tableShape.ts';

/**
 * Key values that land in the table's partitions: the listed ones, or every range's lower bound (which belongs to it).
 * Hash partitions and those with a DEFAULT take anything. Ranges over several columns give nothing: the trial row shows.
 */
export function partitionHints(table: TableShape): Map<string, ColumnHints> {
  const hints = new Map<string, ColumnHints>();
  if (table.partitions === null || table.partitions.strategy === 'h' || table.partitions.columns.length !== 1)
    return hints;
  const { bounds, columns, strategy } = table.partitions;
  if (bounds.includes('DEFAULT')) return hints;
  const column = table.columns.find((one) => one.number === columns[0]);
  if (column === undefined) return hints;
  const values = bounds.flatMap((bound) => {
    const text = (strategy === 'l' ? /^FOR VALUES IN \((.*)\)$/s : /^FOR VALUES FROM \((.*?)\) TO \(/s).exec(
      bound,
    )?.[1];
    return text === undefined ? [] : literals(text);
  });
  if (values.length > 0) hints.set(column.name, { values });
  return hints;
}

/** The server prints constants as `'2024-01-01'` or `10`, separated by a comma and a space. */
function literals(text: string): string[] {
  return [...text.matchAll(/'(?:[^']|'')*'|-?\d+(?:\.\d+)?|true|false/g)].map(([literal]) => literal);
}
