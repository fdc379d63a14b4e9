import type { TextRange } from './tool.ts';

/** The up and down part of a file that holds both. */
export interface Sections {
  readonly up: TextRange;
  readonly down: TextRange | null;
  /** The directive lines, for options. */
  readonly upLine: string;
  readonly downLine: string;
  /** Up directives after the first. */
  readonly furtherUps: readonly number[];
}

/**
 * Cuts a file at directive comments; null without an up directive. Each part starts with its directive and runs to the
 * next directive or the end.
 *
 * @param up a global, multi-line pattern
 */
export function cutSections(text: string, up: RegExp, down: RegExp): Sections | null {
  const ups = [...text.matchAll(up)];
  const first = ups[0];
  if (!first) return null;
  const downMatch = [...text.matchAll(down)].find(({ index }) => index > first.index);
  const end = downMatch?.index ?? text.length;
  const secondUp = ups[1]?.index;
  return {
    up: { start: first.index, end: secondUp !== undefined && secondUp < end ? secondUp : end },
    down: downMatch ? { start: downMatch.index, end: nextAfter(downMatch.index, ups, text.length) } : null,
    upLine: lineAt(text, first.index),
    downLine: downMatch ? lineAt(text, downMatch.index) : '',
    furtherUps: ups.slice(1).map(({ index }) => index),
  };
}

function nextAfter(offset: number, matches: readonly { readonly index: number }[], end: number): number {
  return matches.find(({ index }) => index > offset)?.index ?? end;
}

function lineAt(text: string, offset: number): string {
  return /[^\r\n]*/.exec(text.slice(offset))?.[0] ?? '';
}

/** Whether a part holds anything but its directive, white space and comments. */
export function isBlankSection(text: string, range: TextRange): boolean {
  return (
    text
      .slice(range.start, range.end)
      .replace(/--[^\r\n]*/g, '')
      .trim() === ''
  );
}
