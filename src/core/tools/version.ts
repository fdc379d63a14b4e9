/** Whether a version is known and at least that one: `isAtLeast('7.4.1', '7.4')`. Pre-release tags are left out of account. */
export function isAtLeast(version: string | null, least: string): boolean {
  if (version === null) return false;
  const have = numbersOf(version);
  const need = numbersOf(least);
  for (let index = 0; index < Math.max(have.length, need.length); index++) {
    const difference = (have[index] ?? 0) - (need[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function numbersOf(version: string): number[] {
  const plain = /\d+(?:\.\d+)*/.exec(version)?.[0] ?? '0';
  return plain.split('.').map(Number);
}
