import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import { locksHeldBefore } from '../../../src/core/effects/heldLocks.ts';
import { explainLines } from '../../../src/core/explain.ts';
import type { TransactionMode } from '../../../src/core/tools/tool.ts';
import { analyze, effectsOf, lastStatements } from './support.ts';

describe('analyzeHistory', () => {
  const transactions = (sql: string, mode: TransactionMode): (readonly [number | null, string | null])[] =>
    lastStatements([sql], { mode }).map(({ transaction }) => [transaction.id, transaction.openedBy] as const);

  it('transactions as the tool runs the script', () => {
    const two = 'SELECT 1; SELECT 2';
    deepStrictEqual(transactions(two, 'explicit'), [
      [1, 'tool'],
      [1, 'tool'],
    ]);
    deepStrictEqual(transactions(two, 'implicit'), [
      [1, 'implicit'],
      [1, 'implicit'],
    ]);
    deepStrictEqual(transactions('SELECT 1', 'implicit'), [[null, null]]);
    deepStrictEqual(transactions(two, 'autocommit'), [
      [null, null],
      [null, null],
    ]);
    deepStrictEqual(
      transactions('SELECT 0; BEGIN; SELECT 1; COMMIT; SELECT 2; BEGIN; SELECT 3; COMMIT', 'autocommit'),
      [
        [null, null],
        [1, 'script'],
        [1, 'script'],
        [1, 'script'],
        [null, null],
        [2, 'script'],
        [2, 'script'],
        [2, 'script'],
      ],
    );
    // COMMIT ends the tool's own transaction; what follows runs by itself.
    deepStrictEqual(transactions('SELECT 1; COMMIT; SELECT 2', 'explicit'), [
      [1, 'tool'],
      [1, 'tool'],
      [null, null],
    ]);
  });

  it('ROLLBACK takes the catalog back', () => {
    const sql =
      'CREATE TABLE a (); BEGIN; CREATE TABLE b (); SAVEPOINT s; CREATE TABLE c (); ROLLBACK TO s; DROP TABLE a; ROLLBACK;';
    const { after } = analyze([sql], { mode: 'autocommit' }).migrations[0]!;
    deepStrictEqual(
      [...after.relations.values()].map(({ name }) => name),
      ['a'],
    );
  });

  it('locks held by earlier statements of the same transaction', () => {
    const sql = 'CREATE TABLE t (id int); ALTER TABLE t ADD COLUMN a int; CREATE INDEX ON t (a); COMMIT; SELECT 1';
    const [migration] = analyze([sql]).migrations;
    const held = locksHeldBefore(migration!, 2);
    deepStrictEqual(
      held.map(({ relation, lock, since, newRelation }) => [relation.name, lock, since, newRelation]),
      [['t', 'ACCESS EXCLUSIVE', 0, true]],
    );
    deepStrictEqual(locksHeldBefore(migration!, 4), []);
  });

  it('a relation is new by identity', () => {
    const rename = 'CREATE TABLE t (id int); ALTER TABLE t RENAME TO u; CREATE INDEX ON u (id)';
    deepStrictEqual(effectsOf([rename]), ['new u: SHARE [index build]']);
    deepStrictEqual(effectsOf(['CREATE TABLE t (id int)', 'DROP TABLE t; CREATE TABLE t (id int); SELECT * FROM t']), [
      'new t: ACCESS SHARE [scan]',
    ]);
    deepStrictEqual(effectsOf(['CREATE TABLE t (id int)', 'CREATE TABLE IF NOT EXISTS t (id int); SELECT * FROM t']), [
      't: ACCESS SHARE [scan]',
    ]);
  });

  it('a new table without rows needs no look-up in the referenced one', () => {
    const made = 'CREATE TABLE r (t int);';
    const key = 'ALTER TABLE r ADD FOREIGN KEY (t) REFERENCES t';
    const shop = 'CREATE TABLE t (id int PRIMARY KEY)';
    deepStrictEqual(effectsOf([shop, `${made} ${key}`])[1], 't: SHARE ROW EXCLUSIVE');
    deepStrictEqual(effectsOf([shop, `${made} INSERT INTO r VALUES (1); ${key}`])[1], 't: SHARE ROW EXCLUSIVE [scan]');
  });

  it('each migration starts with a session of its own', () => {
    const made = 'CREATE SCHEMA s; CREATE TABLE s.t (id int); CREATE TABLE t (id int); SET search_path = s';
    deepStrictEqual(effectsOf([`${made}; SELECT * FROM t`]), ['new s.t: ACCESS SHARE [scan]']);
    deepStrictEqual(effectsOf([made, 'SELECT * FROM t']), ['t: ACCESS SHARE [scan]']);
  });

  it('takes over what an edit left as it was', () => {
    const first = [
      'CREATE TABLE t (id int)',
      'SELECT 1; DO $$ BEGIN EXECUTE current_user; END $$; ALTER TABLE t ADD a int',
    ];
    const before = analyze(first);
    const after = analyze([first[0]!, first[1]!.replace('SELECT 1', '\nSELECT  1')], { previous: before });
    strictEqual(after.migrations[0], before.migrations[0]);
    const [was, now] = [before.migrations[1]!.statements, after.migrations[1]!.statements];
    strictEqual(now[2]!.effects, was[2]!.effects);
    strictEqual(now[2]!.after, was[2]!.after);
    const [old] = was[1]!.effects.opaque;
    deepStrictEqual(now[1]!.effects.opaque, [{ ...old, offset: old!.offset + 2, line: old!.line + 1 }]);
    const changed = analyze(['CREATE TABLE t (id bigint)', first[1]!], { previous: after });
    ok(changed.migrations[1]!.statements[2]!.before !== was[2]!.before);
    deepStrictEqual(changed, analyze(['CREATE TABLE t (id bigint)', first[1]!]));
  });

  it('survives whatever is written', () => {
    for (const sql of [
      '',
      ';;;',
      'ALTER',
      'SELECT (',
      'CREATE TABLE t (',
      'DROP TABLE a.b.c.d',
      '\\d t',
      'ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES t',
    ]) {
      for (const { effects, statement } of lastStatements([sql])) ok(effects.effects.length <= 1, statement.text);
    }
  });
});

describe('explainLines', () => {
  it('has the documented form', () => {
    const text = '\uFEFF-- é\r\nCREATE TABLE orders (id serial);\nDROP TABLE orders;\nSELECT (;';
    const lines = explainLines(analyze([text], { mode: 'autocommit' })).map(({ line }) => line);
    const made = { lock: 'ACCESS EXCLUSIVE', work: [], newRelation: true };
    deepStrictEqual(lines.slice(0, 2), [
      {
        file: '0.sql',
        index: 0,
        startLine: 2,
        startOffset: 7,
        endOffset: 39,
        kind: 'CREATE TABLE',
        transactional: true,
        effects: [
          { relation: 'public.orders', ...made },
          { relation: 'public.orders_id_seq', ...made },
        ],
        opaque: false,
        error: null,
      },
      {
        file: '0.sql',
        index: 1,
        startLine: 3,
        startOffset: 40,
        endOffset: 58,
        kind: 'DROP TABLE',
        transactional: true,
        effects: [
          { relation: 'public.orders', ...made },
          { relation: 'public.orders_id_seq', ...made },
        ],
        opaque: false,
        error: null,
      },
    ]);
    strictEqual(lines[2]?.error?.offset, 67);
    deepStrictEqual(lines[2].effects, []);
  });

  it('names relations as before the statement', () => {
    const lines = explainLines(
      analyze(['CREATE TABLE t (id serial)', 'ALTER TABLE t RENAME TO u; ALTER TABLE u SET SCHEMA s']),
    );
    deepStrictEqual(
      lines.slice(1).map(({ line }) => line.effects.map(({ relation }) => relation)),
      [['public.t'], ['public.u', 'public.t_id_seq']],
    );
  });
});
