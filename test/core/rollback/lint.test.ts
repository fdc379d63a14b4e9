import { strict as assert } from 'node:assert';
import { lintHistory } from '../../../src/core/lint.ts';
import type { Finding } from '../../../src/core/rules/rule.ts';
import { synthesizeRollback } from '../../../src/core/rollback/rollback.ts';
import type { TransactionMode } from '../../../src/core/tools/tool.ts';
import { CASES, type RollbackCase } from '../../postgres/rollback/cases.ts';
import { analysedFiles } from '../../support/upAndDown.ts';

/** What the script says of itself, and what the linter finds in it that it could write in another way. */
function linted({ before, up }: RollbackCase, mode: TransactionMode): { text: string; findings: readonly Finding[] } {
  const files = [
    { path: '1.sql', text: before },
    { path: '2.sql', text: up },
  ];
  const analysis = analysedFiles(files, { major: 18, mode });
  const migration = analysis.migrations[1];
  assert.ok(migration);
  const { text, declined } = synthesizeRollback(migration, analysis.history);
  if (declined !== null) return { text, findings: [] };
  const down = analysedFiles([...files, { path: '3.sql', text }], { major: 18, mode });
  const { files: found } = lintHistory(down, {
    speaks: ({ path }) => path === '3.sql',
    mayEdit: () => true,
    config: {},
  });
  const findings = found.flatMap((file) => file.findings);
  return { text, findings: findings.filter(({ severity, fixes }) => severity !== 'information' && fixes.length > 0) };
}

const LARGE: readonly string[] = [
  'foreign-key-not-valid',
  'check-not-valid',
  'set-not-null',
  'lock-held-through-work',
  'require-concurrent-index',
  'primary-key-using-index',
  'unique-using-index',
  'exclude-constraint',
  'change-column-type',
];

describe('a synthesized script under the linter', function () {
  this.timeout(60_000);
  for (const mode of ['autocommit', 'explicit'] as const) {
    it(`has the safe form wherever ${mode} allows it, and says who waits where it does not`, () => {
      for (const example of CASES) {
        const { text, findings } = linted(example, mode);
        for (const { rule, message } of findings) {
          const shown = `${example.name}: ${rule}: ${message}\n${text}`;
          assert.ok(LARGE.includes(rule), shown);
          assert.match(text, /^-- While it runs:$/m, shown);
        }
      }
    });
  }

  it('builds keys and indexes beside the traffic, and proves NOT NULL first', () => {
    const text = linted(
      {
        name: '',
        before:
          'CREATE TABLE t (id bigint PRIMARY KEY, code text NOT NULL CONSTRAINT t_code UNIQUE DEFERRABLE, n int); CREATE INDEX t_n ON t (n);',
        up: 'ALTER TABLE t DROP CONSTRAINT t_pkey, DROP CONSTRAINT t_code, ALTER COLUMN code DROP NOT NULL; DROP INDEX t_n;',
      },
      'autocommit',
    ).text;
    assert.match(text, /CREATE INDEX CONCURRENTLY t_n/);
    assert.match(text, /CREATE UNIQUE INDEX CONCURRENTLY t_pkey ON t \(id\)/);
    assert.match(text, /ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_pkey/);
    assert.match(text, /ADD CONSTRAINT t_code UNIQUE USING INDEX t_code DEFERRABLE/);
    assert.match(
      text,
      /CHECK \(code IS NOT NULL\) NOT VALID[^]*VALIDATE CONSTRAINT[^]*SET NOT NULL[^]*DROP CONSTRAINT/,
    );
    assert.doesNotMatch(text, /While it runs/);
  });
});
