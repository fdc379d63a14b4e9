import { strict as assert } from 'node:assert';
import type { Rollback } from '../../../src/core/rollback/rollback.ts';
import { synthesizeRollback } from '../../../src/core/rollback/rollback.ts';
import { isGenerated } from '../../../src/core/rollback/script.ts';
import type { TransactionMode } from '../../../src/core/tools/tool.ts';
import { analysedFiles } from '../../support/upAndDown.ts';
import { parser } from '../../support/parser.ts';

const ORDERS = `CREATE TABLE orders (id bigint PRIMARY KEY, total int, CONSTRAINT positive CHECK (total > 0));
CREATE INDEX orders_total_idx ON orders (total);`;

/** Undoes the last of some scripts. */
function undone(mode: TransactionMode, ...scripts: readonly string[]): Rollback {
  const files = scripts.map((text, index) => ({ path: `${index + 1}.sql`, text }));
  const analysis = analysedFiles(files, { major: 16, mode });
  const migration = analysis.migrations.at(-1);
  assert.ok(migration);
  const rollback = synthesizeRollback(migration, analysis.history);
  assert.ok(parser.parse(rollback.text).ok, rollback.text);
  return rollback;
}

/** The script without what stands at its head. */
function body({ text }: Rollback): string {
  return text.slice(text.indexOf('\n\n') + 2);
}

describe('a rollback script', () => {
  it('undoes from the last statement to the first, each under the one that it undoes', () => {
    const rollback = undone(
      'explicit',
      ORDERS,
      'ALTER TABLE orders ADD COLUMN note text;\nCREATE INDEX ON orders (note);',
    );
    assert.equal(
      body(rollback),
      [
        '-- line 2: CREATE INDEX ON orders (note)',
        'DROP INDEX orders_note_idx;',
        '',
        '-- line 1: ALTER TABLE orders ADD COLUMN note text',
        'ALTER TABLE orders DROP COLUMN note;',
        '',
      ].join('\n'),
    );
    assert.deepEqual(rollback.grade.schema, { state: 'restored', reasons: [] });
    assert.deepEqual(rollback.grade.data, {
      before: { state: 'kept', lost: [] },
      since: { state: 'lost', lost: ['values written to orders.note'], fails: [] },
      stays: [],
    });
  });

  it('goes into a transaction where the tool opens none', () => {
    const text = body(undone('autocommit', ORDERS, 'ALTER TABLE orders ADD a int; ALTER TABLE orders ADD b int;'));
    assert.match(text, /^BEGIN;\n\n[^]*\n\nCOMMIT;\n$/);
  });

  it('uses CONCURRENTLY where the tool runs it outside a transaction, and only there', () => {
    const sql = (mode: TransactionMode, up: string) => undone(mode, ORDERS, up).steps.map((step) => step.sql);
    const create = 'CREATE INDEX i ON orders (id, total);';
    assert.deepEqual(sql('autocommit', create), ['DROP INDEX CONCURRENTLY i']);
    assert.deepEqual(sql('explicit', create), ['DROP INDEX i']);
    assert.deepEqual(sql('implicit', create), ['DROP INDEX CONCURRENTLY i'], 'alone in its query');
    assert.deepEqual(sql('implicit', `${create} ALTER TABLE orders ADD a int;`), [
      'ALTER TABLE orders DROP COLUMN a',
      'DROP INDEX i',
    ]);
    assert.deepEqual(sql('autocommit', 'DROP INDEX orders_total_idx;'), [
      'CREATE INDEX CONCURRENTLY orders_total_idx ON orders (total)',
    ]);
  });

  it('validates a constraint that comes back in a transaction of its own, where it can', () => {
    const drop = 'ALTER TABLE orders DROP CONSTRAINT positive;';
    assert.deepEqual(
      undone('autocommit', ORDERS, drop).steps.map(({ sql }) => sql),
      [
        'ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID',
        'ALTER TABLE orders VALIDATE CONSTRAINT positive',
      ],
    );
    assert.deepEqual(
      undone('explicit', ORDERS, drop).steps.map(({ sql }) => sql),
      ['ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0)'],
    );
  });

  it('raises an exception before all else, in a transaction, when it can not undo the migration', () => {
    const broken = 'CREATE INDEX i ON orders (id, total);\nALTER TABEL orders ADD a int;';
    const rollback = undone('autocommit', ORDERS, broken);
    assert.match(rollback.declined ?? '', /line 2 does not parse/);
    assert.equal(rollback.grade.schema.state, 'different');
    assert.match(
      body(rollback),
      /^BEGIN;\n\n-- cannot be undone: line 2 does not parse[^]*RAISE EXCEPTION[^]*DROP INDEX i;[^]*COMMIT;\n$/,
    );
    assert.doesNotMatch(rollback.text, /CONCURRENTLY/);
  });

  it('says that there is nothing to undo', () => {
    const rollback = undone('explicit', ORDERS, 'UPDATE orders SET total = 1;');
    assert.deepEqual(rollback.steps, []);
    assert.match(rollback.text, /The schema was not changed/);
    assert.deepEqual(rollback.grade.data.before, {
      state: 'lost',
      lost: ['what line 1 (UPDATE) changed in rows of orders'],
    });
  });

  it('does not claim to know what a DO block sets to a value that is known only when it runs', () => {
    const grant = (table: string): string =>
      `DO $$ BEGIN EXECUTE 'GRANT SELECT ON ${table} TO ' || current_setting('app.role'); END $$;`;
    const onOld = undone('explicit', ORDERS, grant('orders'));
    assert.match(onOld.declined ?? '', /line 1 does what can't be read off its text \(EXECUTE of a text with a value/);
    const onOwn = undone('explicit', ORDERS, `CREATE TABLE notes (id int);\n${grant('notes')}`);
    assert.equal(onOwn.declined, null);
    assert.match(onOwn.text, /DROP TABLE notes;/);
    assert.equal(onOwn.grade.schema.state, 'restored');
  });

  it("is known as Lockkeeper's own, and no person's script is", () => {
    assert.ok(isGenerated(undone('explicit', ORDERS, 'DROP TABLE orders;').text));
    assert.ok(!isGenerated('DROP TABLE orders;\n'));
  });

  it('keeps a name with a line end in it out of its comments', () => {
    const up = 'ALTER TABLE orders ADD COLUMN "a\n; DROP TABLE orders; --" int;';
    const { text, steps } = undone('explicit', ORDERS, up);
    assert.equal(steps.length, 1);
    for (const line of text.slice(0, text.indexOf('\n\n')).split('\n')) assert.match(line, /^--/);
    const outcome = parser.parse(text);
    assert.ok(outcome.ok);
    assert.equal(outcome.statements.length, 1);
  });
});
