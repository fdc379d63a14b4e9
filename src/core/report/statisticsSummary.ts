import type { RelationStatistics, Statistics } from '../statistics/statistics.ts';
import { bytes, counted, grouped } from './figures.ts';

/** What was pulled, for people: how much, the largest tables, and what is missing and why. */
export function statisticsSummary(statistics: Statistics, options: { readonly largest?: number } = {}): string {
  const all = [...statistics.relations].filter(([, { partitionOf }]) => partitionOf === null);
  const tables = all.filter(([, { kind }]) => kind !== 'materialized view');
  const total = all.reduce((sum, [, relation]) => sum + sizeOf(relation), 0);
  const lines = [
    `PostgreSQL ${statistics.serverVersion}, ${counted(tables.length, 'table')}, ${bytes(total)} with indexes, as of ${statistics.takenAt}`,
  ];
  const largest = all.toSorted(([, a], [, b]) => sizeOf(b) - sizeOf(a)).slice(0, options.largest ?? 5);
  const width = Math.max(0, ...largest.map(([name]) => name.length));
  for (const [name, relation] of largest) {
    const rows = relation.rows === null ? 'rows unknown' : counted(relation.rows, 'row');
    lines.push(`  ${name.padEnd(width)}  ${rows}, ${bytes(sizeOf(relation))}`);
  }
  // An empty table has no shape, and needs none.
  const shapeless = tables.filter(([, { columns, rows }]) => rows !== 0 && Object.keys(columns).length === 0);
  if (shapeless.length > 0) {
    lines.push(
      `Of ${grouped(shapeless.length)} of them only the size is known (${shapeless
        .slice(0, 3)
        .map(([name]) => name)
        .join(', ')}${shapeless.length > 3 ? ' …' : ''}): never analysed, or the role may not SELECT from them.`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function sizeOf({ bytes: own, indexBytes }: RelationStatistics): number {
  return own + indexBytes;
}
