import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { analyzeHistory } from '../../../src/core/analyze.ts';
import type { HistoryAnalysis } from '../../../src/core/analyze.ts';
import { fixesOf, lintHistory } from '../../../src/core/lint.ts';
import { EXAMPLE_SCHEMA } from '../../support/exampleSchema.ts';
import { RULES } from '../../../src/core/rules/registry.ts';
import type { Finding } from '../../../src/core/rules/rule.ts';
import { NO_HINT, analyzeFiles, brief, lintExample, testHistory } from '../../support/lint.ts';
import { parser } from '../../support/parser.ts';

const settings = { major: 16, timeZone: null } as const;
const SQL = RULES.flatMap(({ examples }) => [...examples.bad, ...examples.good]).map((example) =>
  typeof example === 'string' ? example : example.sql,
);

const SIZES = { orders: { rows: 40_000_000, bytes: null } };

/** The same analysis, made of objects that lint has not seen before. */
function forgotten(analysis: HistoryAnalysis): HistoryAnalysis {
  const migrations = analysis.migrations.map((migration) => ({
    ...migration,
    statements: migration.statements.map((statement) => ({
      ...statement,
      effects: { ...statement.effects, effects: [...statement.effects.effects] },
    })),
  }));
  return { ...analysis, migrations };
}

describe('the lint engine', () => {
  it('lets only the migrations speak that are asked for', () => {
    const analysis = analyzeFiles([
      { path: '1.sql', text: `${EXAMPLE_SCHEMA}\nDROP TABLE IF EXISTS gone;` },
      { path: '2.sql', text: 'DROP TABLE orders CASCADE;' },
      { path: '3.sql', text: 'DROP TABLE customers;' },
    ]);
    const { files, summary } = lintHistory(analysis, {
      speaks: ({ id }) => id !== '2.sql',
      config: { rules: NO_HINT },
    });
    assert.deepEqual(
      files.map(({ file, findings }) => [file, brief(findings)]),
      [
        ['1.sql', ['table-without-primary-key 5', 'table-without-primary-key 7']],
        ['3.sql', ['drop-table 0']],
      ],
    );
    assert.equal(summary.statements, files[0]!.statements + 1);
  });

  it('honours the configured severity and off', () => {
    const severity = (rules: Record<string, 'off' | 'hint'>): string[] =>
      lintExample('DROP TABLE customers;', { ...NO_HINT, ...rules }).findings.map((finding) => finding.severity);
    assert.deepEqual(severity({}), ['warning']);
    assert.deepEqual(severity({ 'drop-table': 'hint' }), ['hint']);
    assert.deepEqual(severity({ 'drop-table': 'off' }), []);
  });

  it('keeps the net quiet about what a switched-off rule would have claimed', () => {
    const sql = 'CREATE INDEX ON orders (number);';
    assert.deepEqual(brief(lintExample(sql, { ...NO_HINT, 'require-concurrent-index': 'off' }).findings), []);
  });

  it('says a missing baseline once in a history', () => {
    const analysis = analyzeFiles([
      { path: '1.sql', text: 'ALTER TABLE a ADD COLUMN b int; ALTER TABLE a ADD COLUMN c int;' },
      { path: '2.sql', text: 'ALTER TABLE d ADD COLUMN e int;' },
    ]);
    const { files } = lintHistory(analysis, { speaks: () => true, config: { rules: NO_HINT } });
    assert.deepEqual(
      files.map(({ findings }) => brief(findings)),
      [['missing-baseline 0'], []],
    );
  });

  it('offers no fix unless the migration may be edited', () => {
    const analysis = analyzeFiles([
      { path: '1.sql', text: EXAMPLE_SCHEMA },
      { path: '2.sql', text: 'CREATE INDEX ON orders (number);' },
    ]);
    const fixes = (mayEdit?: () => boolean): number =>
      lintHistory(analysis, { speaks: () => true, ...(mayEdit ? { mayEdit } : {}), config: { rules: NO_HINT } })
        .files[1]!.findings[0]!.fixes.length;
    assert.equal(fixes(), 0);
    assert.equal(
      fixes(() => true),
      1,
    );
  });

  it('makes the fixes of a single finding as it makes all', () => {
    const bad = RULES.flatMap(({ examples }) => examples.bad).map((example) =>
      typeof example === 'string' ? { sql: example } : example,
    );
    const schema = { path: '20240101000000_schema.sql', text: EXAMPLE_SCHEMA };
    // Read once: it is the same for all.
    const previous = analyzeHistory(testHistory([schema]), { parser, settings });
    let fixes = 0;
    for (const { sql, mode, tool = 'plain', facts } of bad) {
      const files = [schema, { path: '20240102000000_new.sql', text: sql, ...(mode && { mode }) }];
      const analysis = analyzeHistory(testHistory(files, tool), { parser, settings, previous });
      const speaks = ({ path }: { readonly path: string }): boolean => path !== schema.path;
      const options = { speaks, mayEdit: () => true, config: { rules: NO_HINT }, ...(facts && { facts }) };
      const all = lintHistory(analysis, options).files.flatMap(({ findings }) => findings);
      const none = lintHistory(analysis, { ...options, fixes: false }).files;
      const made = none.flatMap((file) => file.findings.map((finding) => fixesOf(finding, file, analysis, options)));
      assert.deepEqual(
        made,
        all.map((finding) => finding.fixes),
      );
      assert.ok(none.every(({ findings }) => findings.every((finding) => finding.fixes.length === 0)));
      fixes += made.flat().length;
    }
    assert.ok(fixes > 30, String(fixes));
  });

  it('gives the same after an edit as from nothing, with places moved', function () {
    this.timeout(60_000);
    const edited = fc.record({
      statements: fc.array(fc.constantFrom(...SQL), { minLength: 1, maxLength: 6 }),
      at: fc.nat(400),
      inserted: fc.constantFrom(' ', '\n', 'DROP TABLE orders;\n', "'", '-- x\n', 'BEGIN;'),
    });
    fc.assert(
      fc.property(edited, ({ statements, at, inserted }) => {
        const text = statements.join('\n');
        const place = Math.min(at, text.length);
        const changed = text.slice(0, place) + inserted + text.slice(place);
        const history = (newest: string) =>
          testHistory([
            { path: '1.sql', text: EXAMPLE_SCHEMA },
            { path: '2.sql', text: newest },
          ]);
        const previous = analyzeHistory(history(text), { parser, settings });
        const options = { speaks: () => true, mayEdit: () => true, config: { rules: NO_HINT } };
        lintHistory(previous, options);
        const found = (analysis: ReturnType<typeof analyzeHistory>): readonly Finding[] =>
          lintHistory(analysis, options).files[1]!.findings;
        const incremental = found(analyzeHistory(history(changed), { parser, settings, previous }));
        assert.deepEqual(incremental, found(analyzeHistory(history(changed), { parser, settings })));
      }),
      { numRuns: 150, seed: 20261122 },
    );
  });

  it('gives the same while somebody types as a lint that remembers nothing', function () {
    this.timeout(60_000);
    const typing = fc.record({
      statements: fc.array(fc.constantFrom(...SQL), { minLength: 2, maxLength: 8 }),
      mode: fc.constantFrom('explicit' as const, 'implicit' as const, 'autocommit' as const),
      edits: fc.array(
        fc.record({
          at: fc.double({ min: 0, max: 1, noNaN: true }),
          inserted: fc.constantFrom(
            '',
            'x',
            ' ',
            '\n',
            ';',
            "'",
            '-- x\n',
            'BEGIN;',
            '\nCOMMIT;',
            'DROP TABLE orders;\n',
          ),
          removed: fc.integer({ min: 0, max: 3 }),
          settles: fc.boolean(),
        }),
        { minLength: 1, maxLength: 6 },
      ),
    });
    fc.assert(
      fc.property(typing, ({ statements, mode, edits }) => {
        // Something before the edit, something behind it, and the lines between.
        let text = ['BEGIN;\nUPDATE orders SET note = 1;', ...statements, 'CREATE INDEX ON orders (note);'].join('\n');
        const history = () =>
          testHistory([
            { path: '1.sql', text: EXAMPLE_SCHEMA },
            { path: '2.sql', text, mode },
          ]);
        const options = { speaks: () => true, config: { rules: NO_HINT, sizes: SIZES } };
        const found = (analysis: HistoryAnalysis): readonly (readonly Finding[])[] =>
          lintHistory(analysis, options).files.map(({ findings }) => findings);
        let analysis = analyzeHistory(history(), { parser, settings });
        found(analysis);
        for (const { at, inserted, removed, settles } of edits) {
          const place = Math.floor(at * text.length);
          text = text.slice(0, place) + inserted + text.slice(place + removed);
          analysis = analyzeHistory(history(), { parser, settings, previous: analysis, provisional: true });
          assert.deepEqual(found(analysis), found(forgotten(analysis)));
          if (!settles) continue;
          analysis = analyzeHistory(history(), { parser, settings, previous: analysis });
          assert.deepEqual(found(analysis), found(analyzeHistory(history(), { parser, settings })));
        }
      }),
      { numRuns: 100, seed: 20261122 },
    );
  });

  it('survives mutilated files and accounts for every statement', function () {
    this.timeout(60_000);
    const mutilated = fc.record({
      statements: fc.array(fc.constantFrom(...SQL), { minLength: 1, maxLength: 4 }),
      cut: fc.double({ min: 0, max: 1, noNaN: true }),
      dropped: fc.array(fc.nat(60), { maxLength: 3 }),
      swapped: fc.array(fc.nat(60), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(mutilated, ({ statements, cut, dropped, swapped }) => {
        const words = statements.join('\n').split(/(\s+|[(),;])/);
        for (const index of dropped) words.splice(index, 1);
        for (const index of swapped) {
          const [a = '', b = ''] = [words[index], words[index + 2]];
          if (index + 2 < words.length) words.splice(index, 3, b, words[index + 1] ?? '', a);
        }
        const whole = words.join('');
        const text = whole.slice(0, Math.ceil(whole.length * cut));
        const file = lintExample(text);
        for (const finding of file.findings) {
          assert.ok(finding.start >= 0 && finding.start <= finding.end && finding.end <= text.length);
          assert.ok(finding.statement < file.statements);
          assert.equal(text.slice(0, finding.start).split('\n').length >= finding.startLine, true);
        }
        const broken = file.analysis.statements.filter(({ statement }) => statement.error !== null);
        for (const { statement } of broken)
          assert.ok(
            file.findings.some((finding) => finding.rule === 'syntax-error' && finding.statement === statement.index),
          );
      }),
      { numRuns: 300, seed: 20261122 },
    );
  });
});
