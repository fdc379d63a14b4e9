import type { TextEdit } from '../rule.ts';

/**
 * Where a place of a text lay before some rounds of edits; of inserted text, the place that it was inserted at.
 *
 * @param rounds in their order; the edits of each do not overlap, and are about what the round before left
 */
export function originalOffset(offset: number, rounds: readonly (readonly TextEdit[])[]): number {
  return rounds.reduceRight(before, offset);
}

function before(offset: number, edits: readonly TextEdit[]): number {
  let moved = 0;
  for (const { start, end, newText } of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (offset < start + moved) break;
    if (offset < start + moved + newText.length) return start;
    moved += newText.length - (end - start);
  }
  return offset - moved;
}
