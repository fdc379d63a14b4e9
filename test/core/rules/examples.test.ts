import { strict as assert } from 'node:assert';
import { EXAMPLE_SCHEMA } from '../../support/exampleSchema.ts';
import { RULES } from '../../../src/core/rules/registry.ts';
import type { RuleSettings } from '../../../src/core/rules/finding.ts';
import type { Rule } from '../../../src/core/rules/rule.ts';
import { analyzeFiles, lintExample } from '../../support/lint.ts';

const sqlOf = (example: string | { sql: string }): string => (typeof example === 'string' ? example : example.sql);

/** A rule that is off by itself is switched on. */
function settingsFor({ id, meta }: Rule): RuleSettings {
  return meta.off ? { [id]: meta.severity } : {};
}

describe('the examples of the rules', () => {
  it('stand on a schema that is analysed wholly', () => {
    const [migration] = analyzeFiles([{ path: '1.sql', text: EXAMPLE_SCHEMA }]).migrations;
    for (const { statement, effects } of migration!.statements) {
      assert.equal(statement.error, null);
      assert.deepEqual(effects.opaque, []);
      assert.deepEqual(effects.unknownRelations, []);
    }
  });

  for (const rule of RULES) {
    describe(rule.id, () => {
      for (const example of rule.examples.bad) {
        it(`reports ${sqlOf(example)}`, () => {
          const { findings } = lintExample(example, settingsFor(rule));
          const own = findings.find((finding) => finding.rule === rule.id);
          assert.ok(own, `found only: ${findings.map((finding) => finding.rule).join(', ')}`);
          assert.doesNotMatch(own.message, /undefined|\[object/);
        });
      }
      for (const example of rule.examples.good) {
        it(`is quiet about ${sqlOf(example)}`, () => {
          const { findings } = lintExample(example, settingsFor(rule));
          assert.deepEqual(
            findings.filter((finding) => finding.rule === rule.id || finding.rule === 'syntax-error'),
            [],
          );
        });
      }
    });
  }
});
