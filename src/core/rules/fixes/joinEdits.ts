import type { TextEdit } from '../rule.ts';

/** Edits in the order of the text; insertions at one place are one edit, so that their order does not hang on the editor. */
export function joinEdits(edits: readonly TextEdit[]): readonly TextEdit[] {
  const joined: TextEdit[] = [];
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last?.start === edit.start && last.end === edit.end && edit.start === edit.end)
      joined[joined.length - 1] = { ...edit, newText: last.newText + edit.newText };
    else joined.push(edit);
  }
  return joined;
}
