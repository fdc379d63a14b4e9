import { nextPiece } from '../sql/split.ts';
import { firstWords } from '../sql/tokenTag.ts';
import type { TextRange } from './tool.ts';

/** The first words of each statement of a script, in capitals and one space apart: what tools decide by that look at statements without parsing them. */
export function statementHeads(text: string, range: TextRange): string[] {
  const heads: string[] = [];
  for (let position = range.start; position < range.end;) {
    const piece = nextPiece(text, position, range.end);
    if (piece.statement) {
      heads.push(firstWords(text.slice(piece.statement.start, piece.statement.textEnd), 10).join(' '));
    }
    position = piece.end;
  }
  return heads;
}
