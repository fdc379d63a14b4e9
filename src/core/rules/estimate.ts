import type { Work } from '../effects/effect.ts';
import { durationRange } from '../statistics/durationClass.ts';
import type { DurationRange } from '../statistics/durationClass.ts';
import type { KnownSize } from './sizes.ts';

/**
 * Rows a second that PostgreSQL gets through, by kind of work: the slowest and the quickest that have to be reckoned with.
 * The quick end is what scripts/measure/workRates.ts measured (docs/decisions/0064-work-rates.md): a warm cache, rows of 120
 * bytes, nobody else on the server. The slow end is a tenth of it: a cold disk, a busy server, wide rows, many indexes.
 * Nothing closer can be said from a size alone; a staging run measures.
 */
const RATES: Readonly<Record<Exclude<Work, 'unknown'>, readonly [slow: number, quick: number]>> = {
  scan: [250_000, 2_500_000],
  'index build': [110_000, 1_100_000],
  rewrite: [30_000, 300_000],
  rows: [11_000, 110_000],
};

/** Bytes of a row where only the table's bytes are known: that of the measured table. */
const ROW_BYTES = 120;

/**
 * How long the work takes on a table of this size.
 *
 * @returns null where it can't be told: no size, or work of an unknown kind
 */
export function estimate(work: readonly Work[], size: KnownSize): DurationRange | null {
  const rows = rowsOf(size);
  if (rows === null || work.length === 0 || work.includes('unknown')) return null;
  let low = 0;
  let high = 0;
  for (const kind of new Set(work)) {
    if (kind === 'unknown') continue;
    const [slow, quick] = RATES[kind];
    low += (rows / quick) * 1000;
    high += (rows / slow) * 1000;
  }
  return durationRange(low, high, `from ${sizeText(size)} alone; profile it on staging to know`);
}

/** `40 million rows (lockkeeper.jsonc)`. */
export function sizeText({ rows, bytes, source }: KnownSize): string {
  const words = rows !== null ? `${countText(rows)} ${rows === 1 ? 'row' : 'rows'}` : bytesText(bytes ?? 0);
  return `${words} (${source})`;
}

function rowsOf({ rows, bytes }: KnownSize): number | null {
  return rows ?? (bytes === null ? null : bytes / ROW_BYTES);
}

export function countText(count: number): string {
  if (count >= 1e9) return `${rounded(count / 1e9)} billion`;
  if (count >= 1e6) return `${rounded(count / 1e6)} million`;
  return String(Math.round(count)).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

function bytesText(bytes: number): string {
  if (bytes >= 2 ** 30) return `${rounded(bytes / 2 ** 30)} GB`;
  if (bytes >= 2 ** 20) return `${rounded(bytes / 2 ** 20)} MB`;
  return `${rounded(bytes / 2 ** 10)} kB`;
}

function rounded(value: number): string {
  return String(value >= 10 ? Math.round(value) : Math.round(value * 10) / 10);
}
