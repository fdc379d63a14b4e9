/** How people write the sizes of a staging run, on the command line and in the editor. */

const MOST_ROWS = 1e9;
const MOST_SHARES = 10;

/** "100000", "500k", "5M". Null: not a number of rows. */
export function readRows(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(text.trim());
  const rows = Number(match?.[1]) * { '': 1, k: 1e3, M: 1e6 }[(match?.[2] ?? '') as '' | 'k' | 'M'];
  return Number.isInteger(rows) && rows <= MOST_ROWS ? rows : null;
}

/** "5,10,20" or "5 %, 10 %, 20 %": shares of production's rows, ascending, each once. Null: no percentages. */
export function readShares(text: string): readonly number[] | null {
  const shares = text.split(',').map((one) => Number(one.trim().replace(/\s*%$/, '') || Number.NaN) / 100);
  if (!shares.every((one) => one > 0 && one <= 1) || shares.length > MOST_SHARES) return null;
  return [...new Set(shares)].sort((a, b) => a - b);
}
