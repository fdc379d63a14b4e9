import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { TextPlaces } from '../../../../src/vscode/engine/textPlaces.ts';

const PIECES = ['a', ' ', '\n', '\r\n', '\r', '🚢', 'é', '\t', 'SELECT', "'"];

/** The editor itself is the judge of what a line and a column are. */
export function places(): void {
  describe('offsets', () => {
    it("become the editor's own lines and columns, in any text", async () => {
      let state = 20260301;
      const random = (below: number) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return (state >>> 8) % below;
      };
      for (let round = 0; round < 100; round++) {
        const wanted = Array.from({ length: random(40) }, () => PIECES[random(PIECES.length)]).join('');
        const document = await vscode.workspace.openTextDocument({ content: wanted, language: 'plaintext' });
        // The editor makes all line ends of a text the same.
        const text = document.getText();
        const own = new TextPlaces(text);
        for (let offset = 0; offset <= text.length; offset++) {
          // Between the two units of a line end or an emoji there is no place.
          const position = document.positionAt(offset);
          if (document.offsetAt(position) !== offset) continue;
          const place = own.place(offset, offset);
          assert.deepEqual(
            [place.startLine, place.startColumn],
            [position.line, position.character],
            JSON.stringify([text, offset]),
          );
          assert.equal(own.offset(position.line, position.character), offset);
        }
      }
    });

    it('do not count a byte-order mark, which the editor does not show', () => {
      const place = new TextPlaces('\uFEFFab\ncd').place(1, 5);
      assert.deepEqual(place, { startLine: 0, startColumn: 0, endLine: 1, endColumn: 1 });
    });
  });
}
