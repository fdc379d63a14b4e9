import { strict as assert } from 'node:assert';
import { lintHistory } from '../../../src/core/lint.ts';
import type { Finding } from '../../../src/core/rules/rule.ts';
import { EXAMPLE_SCHEMA } from '../../support/exampleSchema.ts';
import { analyzeFiles, NO_HINT } from '../../support/lint.ts';
import { analyzeSupabase } from '../../support/supabase.ts';

const MADE = 'CREATE TABLE refunds (id bigint PRIMARY KEY, order_id bigint, note text);';

/** The findings of the last file; `fresh` tells which files are new. */
function lintLast(texts: readonly string[], fresh: (path: string) => boolean): readonly Finding[] {
  const analysis = analyzeFiles(texts.map((text, index) => ({ path: `${String(index + 1)}.sql`, text })));
  const isNew = ({ path }: { readonly path: string }): boolean => fresh(path);
  const { files } = lintHistory(analysis, { speaks: () => true, mayEdit: isNew, config: { rules: NO_HINT } });
  return files.at(-1)?.findings ?? [];
}

describe('a table that another new migration makes', () => {
  for (const [rule, sql] of [
    ['require-concurrent-index', 'CREATE INDEX ON refunds (order_id);'],
    ['add-required-column', 'ALTER TABLE refunds ADD COLUMN amount numeric NOT NULL;'],
    ['drop-column', 'ALTER TABLE refunds DROP COLUMN note;'],
  ] as const) {
    it(`is empty when both are applied: ${rule} is information`, () => {
      const found = lintLast([EXAMPLE_SCHEMA, MADE, sql], (path) => path !== '1.sql').find(
        (each) => each.rule === rule,
      );
      assert.equal(found?.severity, 'information');
      assert.match(found.message, /refunds is made by a migration that is new as well/);
    });

    it(`may have rows when its migration is old: ${rule} is not`, () => {
      const found = lintLast([EXAMPLE_SCHEMA, MADE, sql], (path) => path === '3.sql').find(
        (each) => each.rule === rule,
      );
      assert.match(found?.severity ?? '', /warning|error/);
    });

    it(`may have rows when nothing tells what is old: ${rule} is not information`, () => {
      const found = lintLast([EXAMPLE_SCHEMA, MADE, sql], () => true).find((each) => each.rule === rule);
      assert.match(found?.severity ?? '', /warning|error/);
    });
  }

  for (const [sql, severity] of [
    ['ALTER TABLE refunds ADD FOREIGN KEY (order_id) REFERENCES orders (id);', 'information'],
    ['ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES refunds (id);', 'error'],
  ] as const) {
    it(`has no rows to be looked up, whatever a foreign key locks besides: ${sql}`, () => {
      const found = lintLast([EXAMPLE_SCHEMA, MADE, sql], (path) => path !== '1.sql');
      assert.equal(found.find(({ rule }) => rule === 'foreign-key-not-valid')?.severity, severity);
    });
  }

  it('may have rows when nothing tells what is old but a stand-in for the platform: no baseline', () => {
    const analysis = analyzeSupabase(MADE, 'ALTER TABLE refunds DROP COLUMN note;');
    const { files } = lintHistory(analysis, { speaks: () => true, mayEdit: () => true, config: { rules: NO_HINT } });
    const found = files.at(-1)?.findings.find(({ rule }) => rule === 'drop-column');
    assert.match(found?.severity ?? '', /warning|error/);
  });

  for (const [rule, sql] of [
    [
      'several-tables-locked',
      'BEGIN;\nALTER TABLE orders ADD COLUMN a text;\nALTER TABLE refunds ADD COLUMN a text;\nCOMMIT;',
    ],
    [
      'lock-held-through-work',
      'BEGIN;\nALTER TABLE refunds ADD COLUMN a text;\nCREATE INDEX ON orders (number);\nCOMMIT;',
    ],
    [
      'lock-held-through-work',
      'BEGIN;\nALTER TABLE orders ADD COLUMN a text;\nCREATE INDEX ON refunds (order_id);\nCOMMIT;',
    ],
    ['backfill-with-ddl', "BEGIN;\nALTER TABLE refunds ADD COLUMN a text;\nUPDATE orders SET note = '';\nCOMMIT;"],
    ['backfill-with-ddl', "BEGIN;\nALTER TABLE orders ADD COLUMN a text;\nUPDATE refunds SET note = '';\nCOMMIT;"],
  ] as const) {
    it(`is locked for nobody, and quick to work through: ${rule} is silent (${sql.replaceAll('\n', ' ')})`, () => {
      const rules = (fresh: (path: string) => boolean): readonly string[] =>
        lintLast([EXAMPLE_SCHEMA, MADE, sql], fresh).map((found) => found.rule);
      assert.ok(!rules((path) => path !== '1.sql').includes(rule));
      assert.ok(rules((path) => path === '3.sql').includes(rule));
    });
  }

  it('has no lock order', () => {
    const both = (first: string, then: string): string =>
      `BEGIN;\nALTER TABLE ${first} ADD COLUMN ${then}_a text;\nALTER TABLE ${then} ADD COLUMN ${first}_a text;\nCOMMIT;`;
    const texts = [EXAMPLE_SCHEMA, MADE, both('orders', 'refunds'), both('refunds', 'orders')];
    const isTold = (fresh: (path: string) => boolean): boolean =>
      lintLast(texts, fresh).some(({ rule }) => rule === 'lock-order');
    assert.ok(!isTold((path) => path !== '1.sql'));
    assert.ok(isTold((path) => path > '2.sql'));
  });

  it('does not excuse what fails on an empty table', () => {
    const found = lintLast([EXAMPLE_SCHEMA, MADE, MADE], (path) => path !== '1.sql');
    assert.equal(found.find(({ rule }) => rule === 'refused-statement')?.severity, 'error');
  });
});
