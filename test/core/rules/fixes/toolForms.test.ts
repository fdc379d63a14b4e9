import { strict as assert } from 'node:assert';
import { applyEdits } from '../../../../src/core/rules/fixes/applyFixes.ts';
import { newMigrations } from '../../../../src/core/rules/fixes/newMigrations.ts';
import type { Piece } from '../../../../src/core/rules/fixes/piece.ts';
import { optOut } from '../../../../src/core/rules/fixes/toolForms.ts';
import { withText } from '../../../../src/core/tools/history.ts';
import { historyOf } from '../../../support/histories.ts';

const INDEX = 'CREATE INDEX CONCURRENTLY a_b ON a (b);';
const PIECE: Piece = { name: 'index a b', sql: INDEX, runs: 'without a transaction' };

describe('a script that Atlas is to run without a transaction', () => {
  for (const [name, text, isPossible] of [
    ['a bare one', `${INDEX}\n`, true],
    ['with a comment of the statement', `-- For the reports.\n${INDEX}\n`, true],
    ['with lines that end in carriage returns', `-- For the reports.\r\n${INDEX}\r\n`, true],
    ['with a directive', `-- atlas:nolint\n\n${INDEX}\n`, true],
    ['with a directive and carriage returns', `-- atlas:nolint\r\n\n${INDEX}\r\n`, true],
    ['with another mode', `-- atlas:txmode all\n\n${INDEX}\n`, false],
  ] as const) {
    it(name, () => {
      const history = historyOf('plain', { '20240101000000_a.sql': text, 'atlas.sum': '' });
      const [migration] = history.migrations;
      assert.equal(migration?.transactionMode, 'explicit');
      const out = optOut(history, migration, PIECE);
      assert.equal(out !== null, isPossible);
      if (!out) return;
      const after = applyEdits(text, out.edits);
      assert.equal(withText(history, migration.path, after).migrations[0]?.transactionMode, 'autocommit');
      if (text.includes('atlas:nolint')) assert.match(after, /^-- atlas:txmode none\r?\n-- atlas:nolint\r?\n\n/);
    });
  }

  it('may be a new one', () => {
    const history = historyOf('plain', { '20240101000000_a.sql': 'SELECT 1;\r\n', 'atlas.sum': '' });
    const [file] = newMigrations(history, history.migrations[0]!, [PIECE]) ?? [];
    assert.ok(file);
    assert.equal(withText(history, file.path, file.text).migrations[1]?.transactionMode, 'autocommit');
  });
});
