import { strict as assert } from 'node:assert';
import { deployOrder } from '../../../src/core/report/deployOrder.ts';
import type { DeployOrder } from '../../../src/core/report/deployOrder.ts';
import { migrationImpact, stallWords } from '../../../src/core/report/lockImpact.ts';
import { sizeLookup } from '../../../src/core/rules/sizes.ts';
import type { SizeLookup } from '../../../src/core/rules/sizes.ts';
import { analyzeFiles } from '../../support/lint.ts';
import type { TestFile } from '../../support/lint.ts';

const TABLES =
  'CREATE TABLE a (id int PRIMARY KEY, n int, t text NOT NULL); CREATE TABLE b (id int, a int); CREATE TABLE p (id int, n int) PARTITION BY LIST (id); CREATE TABLE p_1 PARTITION OF p FOR VALUES IN (1);';

function last(text: string, mode: TestFile['mode'] = 'explicit') {
  const { migrations } = analyzeFiles([
    { path: '1.sql', text: TABLES },
    { path: '2.sql', text, mode },
  ]);
  return migrations[1]!;
}

function impact(text: string, mode?: TestFile['mode'], sizes: SizeLookup | null = null): string {
  const found = migrationImpact(last(text, mode).statements, sizes);
  return found === null ? 'none' : `${found.lock} on ${found.relation}, line ${found.line}: ${stallWords(found)}`;
}

describe('worst lock of a migration', () => {
  const cases: readonly (readonly [string, string, TestFile['mode']?])[] = [
    ['CREATE TABLE c (id int); CREATE INDEX ON c (id);', 'none'],
    ['ALTER TABLE a ADD COLUMN x int;', 'ACCESS EXCLUSIVE on a, line 1: reads and writes queue behind it, briefly'],
    ['CREATE INDEX ON a (n);', 'SHARE on a, line 1: writes wait while the index is built'],
    [
      'CREATE INDEX CONCURRENTLY ON a (n);',
      'SHARE UPDATE EXCLUSIVE on a, line 1: nobody who reads or writes waits',
      'autocommit',
    ],
    ['ALTER TABLE p ADD UNIQUE (id);', 'ACCESS EXCLUSIVE on p, line 1: reads and writes wait while the index is built'],
    ['UPDATE a SET n = 1;', 'ROW EXCLUSIVE on a, line 1: writes of the same rows wait'],
    [
      'ALTER TABLE a ALTER COLUMN n TYPE bigint;',
      'ACCESS EXCLUSIVE on a, line 1: reads and writes wait while it is rewritten',
    ],
    [
      'CREATE INDEX ON a (n);\nALTER TABLE b ADD COLUMN x int;',
      'SHARE on a, line 1: writes wait while the index is built',
    ],
    [
      'ALTER TABLE b ADD COLUMN x int;\nCREATE INDEX ON a (n);',
      'ACCESS EXCLUSIVE on b, line 1: reads and writes wait until the transaction ends, through the work of line 2',
    ],
    [
      'ALTER TABLE b ADD COLUMN x int;\nCREATE INDEX ON a (n);',
      'SHARE on a, line 2: writes wait while the index is built',
      'autocommit',
    ],
  ];
  for (const [sql, expected, mode] of cases)
    it(`${sql.replaceAll('\n', ' ')} (${mode ?? 'explicit'})`, () => {
      assert.equal(impact(sql, mode), expected);
    });
});

describe('how long the worst lock is felt', () => {
  const sizes = sizeLookup({ a: { rows: 40e6, bytes: null }, b: { rows: 10, bytes: null } }, []);

  it('is told from the size of the table', () => {
    assert.match(impact('CREATE INDEX ON a (n);', 'explicit', sizes), /while the index is built, .* minutes$/);
    assert.match(impact('CREATE INDEX ON b (a);', 'explicit', sizes), /while the index is built, under a second$/);
  });

  it('counts before the lock: a long build is worse than a brief rewrite', () => {
    const sql = 'CREATE INDEX ON a (n);\nALTER TABLE b ALTER COLUMN id TYPE bigint;';
    assert.match(impact(sql, 'autocommit', sizes), /^SHARE on a/);
    assert.match(impact(sql, 'autocommit'), /^ACCESS EXCLUSIVE on b/);
  });

  it('adds up what a lock is held through', () => {
    const sql = 'ALTER TABLE b ADD COLUMN x int;\nCREATE INDEX ON a (n);\nCREATE INDEX ON a (id);';
    assert.match(
      impact(sql, 'explicit', sizes),
      /^ACCESS EXCLUSIVE on b, line 1: .* through the work of line 3, .* minutes$/,
    );
  });
});

describe('order of code and schema', () => {
  const order = (sql: string): Partial<DeployOrder> =>
    Object.fromEntries(Object.entries(deployOrder(last(sql))).filter(([, names]) => (names as string[]).length > 0));
  const cases: readonly (readonly [string, Partial<DeployOrder>])[] = [
    ['CREATE INDEX ON a (n); COMMENT ON TABLE a IS $$x$$;', {}],
    ['CREATE TEMP TABLE x (id int); CREATE SEQUENCE s;', {}],
    ['CREATE TABLE "C" (id int); CREATE VIEW v AS SELECT id FROM a;', { added: ['"C"', 'v'] }],
    ['ALTER TABLE a DROP COLUMN n; DROP TABLE b;', { removed: ['a.n', 'b'] }],
    ['ALTER TABLE a ADD COLUMN x int, ADD COLUMN y int NOT NULL DEFAULT 0;', { added: ['a.x', 'a.y'] }],
    ['ALTER TABLE a ADD COLUMN x int NOT NULL;', { breaking: ['a.x is demanded at once'] }],
    ['ALTER TABLE a ALTER COLUMN n SET NOT NULL;', { demanded: ['a.n'] }],
    ['ALTER TABLE a RENAME TO z;', { breaking: ['a becomes z'] }],
    ['ALTER TABLE a RENAME TO z; CREATE VIEW a AS SELECT * FROM z;', {}],
    ['ALTER TABLE a ADD COLUMN x int; ALTER TABLE a DROP COLUMN x;', {}],
  ];
  for (const [sql, expected] of cases)
    it(sql, () => {
      assert.deepEqual(order(sql), expected);
    });
});
