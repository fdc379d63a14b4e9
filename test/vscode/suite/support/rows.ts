import assert from 'node:assert/strict';
import type { Row } from '../../../../src/vscode/tree/row.ts';
import { lockkeeper } from './editor.ts';

/** The rows below the row that `labels` lead to; the roots for none. */
export async function rowsBelow(labels: readonly string[]): Promise<readonly Row[]> {
  const api = await lockkeeper();
  let rows = await api.rows();
  for (const label of labels) {
    const row = rows.find((one) => one.item().label === label);
    assert.ok(row, `no row "${label}" among: ${rows.map(labelOf).join(', ')}`);
    rows = await api.rows(row);
  }
  return rows;
}

export async function rowTexts(labels: readonly string[]): Promise<readonly string[]> {
  return (await rowsBelow(labels)).map(labelOf);
}

function labelOf(row: Row): string {
  const { label } = row.item();
  return typeof label === 'string' ? label : (label?.label ?? '');
}

/** Settles when `condition` holds: asked at once and after each change of the tree. */
export async function untilRows(condition: () => Promise<boolean>): Promise<void> {
  const api = await lockkeeper();
  await new Promise<void>((resolve, reject) => {
    const ask = () => {
      condition().then((holds) => {
        if (!holds) return;
        listener.dispose();
        resolve();
      }, reject);
    };
    const listener = api.onDidChangeRows(ask);
    ask();
  });
}
