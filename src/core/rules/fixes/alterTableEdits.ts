import type { TextEdit } from '../rule.ts';
import type { AlterTablePart, AlterTableText } from './alterTable.ts';

/**
 * Takes one command out of an ALTER TABLE, with one of the commas around it; comments stay. Null where it is the only one:
 * the whole statement has to go then.
 *
 * @param text the file's text
 */
export function withoutPart({ parts }: AlterTableText, part: AlterTablePart, text: string): readonly TextEdit[] | null {
  const index = parts.indexOf(part);
  if (parts.length < 2 || index < 0) return null;
  const previous = parts[index - 1];
  const next = parts[index + 1];
  const gap = previous ? { start: previous.end, end: part.start } : { start: part.end, end: next?.start ?? part.end };
  const comma = commaIn(text, gap.start, gap.end);
  if (comma < 0) return null;
  // The white space between them goes too, where nothing else stands there.
  const before = text.slice(previous ? comma + 1 : part.start, part.start);
  const after = text.slice(comma + 1, gap.end);
  if (previous) {
    return before.trim() === ''
      ? [{ start: comma, end: part.end, newText: '' }]
      : [
          { start: comma, end: comma + 1, newText: '' },
          { start: part.start, end: part.end, newText: '' },
        ];
  }
  return after.trim() === '' && text.slice(part.end, comma).trim() === ''
    ? [{ start: part.start, end: gap.end, newText: '' }]
    : [
        { start: part.start, end: part.end, newText: '' },
        { start: comma, end: comma + 1, newText: '' },
      ];
}

/** Takes a clause out of a column's definition, with the white space before it. */
export function withoutRange({ start, end }: { readonly start: number; readonly end: number }, text: string): TextEdit {
  const blank = /[ \t\r\n]*$/.exec(text.slice(0, start))?.[0] ?? '';
  // A comment before it would swallow what follows on the line.
  const line =
    text
      .slice(0, start - blank.length)
      .split('\n')
      .at(-1) ?? '';
  return { start: line.includes('--') ? start : start - blank.length, end, newText: '' };
}

/** The comma between two commands, comments passed over; -1 where there is none. */
function commaIn(text: string, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    if (text.startsWith('--', at)) at = Math.max(text.indexOf('\n', at), at);
    else if (text.startsWith('/*', at)) at = text.indexOf('*/', at) + 1;
    else if (text.charAt(at) === ',') return at;
  }
  return -1;
}
