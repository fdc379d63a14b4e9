import type { Fix } from '../../src/core/rules/rule.ts';

/** A file's text after a fix's edits, which must not overlap. */
export function edited(text: string, { edits }: Fix): string {
  let result = text;
  let before = Number.POSITIVE_INFINITY;
  for (const { start, end, newText } of [...edits].sort((a, b) => b.start - a.start)) {
    if (end > before) throw new Error('edits overlap');
    before = start;
    result = result.slice(0, start) + newText + result.slice(end);
  }
  return result;
}
