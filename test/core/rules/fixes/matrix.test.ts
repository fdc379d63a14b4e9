import { strict as assert } from 'node:assert';
import type { FileLint } from '../../../../src/core/lint.ts';
import { FIX_MATRIX } from '../../../support/fixMatrix.ts';
import { lintFixed, lintUnder, TOOL_VARIANTS } from '../../../support/fixRun.ts';
import { RUNNER_PATTERNS, TOOL_PATTERNS } from '../../../support/toolPatterns.ts';

/** What a fix may bring, and why it is no harm. */
const ALLOWED: Readonly<Record<string, string>> = {
  'concurrently-under-advisory-lock':
    'said once in a history of anything CONCURRENTLY under that tool; its remedy is how it is deployed',
};

const rulesOf = (files: readonly FileLint[]): readonly string[] =>
  files.flatMap(({ findings }) => findings.map(({ rule }) => rule)).filter((rule) => !(rule in ALLOWED));

describe('a fix, under every tool', () => {
  for (const { name, rule: anywhere, ruleUnder = {}, without = {}, onlyInTransaction, ...migration } of FIX_MATRIX) {
    for (const variant of TOOL_VARIANTS) {
      if (onlyInTransaction && variant.autocommit) continue;
      const own = ruleUnder[variant.tool];
      if (own === null) continue;
      const rule = own ?? anywhere;
      const reason = without[variant.tool];
      it(`${reason === undefined ? 'is there' : 'is not there'}: ${name}, ${variant.name}`, function () {
        const linted = lintUnder(variant, migration);
        const finding = linted.files[0]!.findings.find((each) => each.rule === rule);
        assert.ok(finding, `no finding: ${rulesOf(linted.files).join(', ')}`);
        const [fix] = finding.fixes;
        if (reason !== undefined) {
          assert.equal(fix, undefined);
          return;
        }
        if (!fix && variant.mayDecline) return;
        assert.ok(fix, 'no fix');

        // The tool's own pattern takes each new file up, after all that is there, in the order in which they were made.
        const { picksUp, reads, order } =
          (variant.runner && RUNNER_PATTERNS[variant.runner]) ?? TOOL_PATTERNS[variant.tool];
        const made = (fix.newFiles ?? []).map(({ path }) => path);
        const scripts = made.filter((path) => picksUp(path));
        assert.deepEqual(
          made.filter((path) => !picksUp(path) && reads?.(path) !== true),
          [],
        );
        const before = linted.history.migrations.map(({ path }) => path);
        assert.deepEqual([...before, ...scripts].sort(order), [...before, ...scripts]);
        assert.equal(new Set(scripts).size, scripts.length);

        // Lockkeeper reads the same; all of it parses; the finding is gone, and none has come.
        const { history, files } = lintFixed(linted, fix);
        assert.deepEqual(
          history.migrations.map(({ path }) => path),
          [...before, ...scripts],
        );
        for (const { analysis } of files) {
          for (const { statement } of analysis.statements) assert.equal(statement.error, null, statement.text);
        }
        // goose cuts a file at each `;` that is not between its marks.
        if (variant.tool === 'goose') {
          for (const { text } of history.migrations)
            assert.doesNotMatch(text.replaceAll(/\+goose StatementBegin[^]*?\+goose StatementEnd/g, ''), /^DO \$/m);
        }
        // So does Liquibase, unless the changeset tells it not to.
        if (variant.name === 'Liquibase') {
          for (const { text } of history.migrations)
            if (/^DO \$/m.test(text))
              assert.match(text, /^--changeset .* runInTransaction:false splitStatements:false$/m);
        }
        const old = [...rulesOf(linted.files)];
        for (const left of rulesOf(files)) {
          const at = old.indexOf(left);
          assert.ok(at >= 0, `${left} is new`);
          old.splice(at, 1);
        }
        assert.ok(old.includes(rule), `${rule} is still there`);
      });
    }
  }
});
