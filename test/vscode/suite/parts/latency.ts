import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Publication } from '../../../../src/vscode/documentSync.ts';
import { lockkeeper, open } from '../support/editor.ts';
import { note } from '../support/runner.ts';

const KEYSTROKES = 300;
/** Milliseconds; a whole analysis of this file takes some seconds. */
const LONGEST = 250;

/** The same edits on every run: a linear congruential generator (Numerical Recipes). */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
}

export function latency(): void {
  describe('typing in 5,000 lines', () => {
    // The goal of 10 ms is judged by `npm run bench` on a quiet machine; here the figure is printed, and what would be
    // a step back in kind (every statement looked at again) fails on any machine.
    it('brings diagnostics without looking at every statement again', async () => {
      const api = await lockkeeper();
      const editor = await open('migrations/1_all.sql');
      assert.ok(editor.document.lineCount > 5000);
      const random = seeded(20260301);
      const times: number[] = [];
      for (let keystroke = 0; keystroke < KEYSTROKES; keystroke++) {
        const published = new Promise<Publication>((resolve) => {
          const listener = api.onDidPublish((publication) => {
            listener.dispose();
            resolve(publication);
          });
        });
        const line = editor.document.lineAt(random(editor.document.lineCount));
        const at = new vscode.Position(line.lineNumber, random(line.text.length + 1));
        await editor.edit(
          (edit) => {
            edit.insert(at, 'x');
          },
          { undoStopBefore: false, undoStopAfter: false },
        );
        times.push((await published).milliseconds);
      }
      times.sort((a, b) => a - b);
      const at = (share: number) => times[Math.floor(times.length * share)] ?? NaN;
      note(
        `keystroke to diagnostics: median ${at(0.5).toFixed(1)} ms, p95 ${at(0.95).toFixed(1)} ms, longest ${at(0.999).toFixed(1)} ms`,
      );
      assert.ok(at(0.95) < LONGEST, `p95 is ${at(0.95).toFixed(1)} ms`);
    }).timeout(180_000);
  });
}
