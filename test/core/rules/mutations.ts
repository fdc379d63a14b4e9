/**
 * Lints mutilated migrations: cut off anywhere, tokens deleted, doubled or swapped. Nothing may crash, every finding has a
 * place in the text, and a statement that still parses keeps its findings where nothing before it was changed.
 *
 *     npm run test:mutations [-- --files 10000 --seed 1]
 */
import { strict as assert } from 'node:assert';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { analyzeHistory } from '../../../src/core/analyze.ts';
import { lintHistory } from '../../../src/core/lint.ts';
import type { FileLint } from '../../../src/core/lint.ts';
import { RULES } from '../../../src/core/rules/registry.ts';
import { scanHistory } from '../../../src/core/scanHistory.ts';
import { testHistory } from '../../support/lint.ts';
import { EXAMPLE_SCHEMA } from '../../support/exampleSchema.ts';
import { parser } from '../../support/parser.ts';

const SQL = RULES.flatMap(({ examples }) => [...examples.bad, ...examples.good]).flatMap((example) =>
  typeof example === 'string' ? [example] : example.dialect === 'mysql' ? [] : [example.sql],
);
const SETTINGS = { major: 16, timeZone: null } as const;
const base = analyzeHistory(testHistory([{ path: '1.sql', text: EXAMPLE_SCHEMA }]), { parser, settings: SETTINGS });
/** Every rule on, those that are off by themselves too. */
const ALL_ON = Object.fromEntries(RULES.map(({ id, meta }) => [id, meta.severity]));

function lint(text: string, mode: 'explicit' | 'implicit' | 'autocommit'): FileLint {
  const history = testHistory([
    { path: '1.sql', text: EXAMPLE_SCHEMA },
    { path: '2.sql', text, mode },
  ]);
  const analysis = analyzeHistory(history, { parser, settings: SETTINGS, previous: base });
  const speaks = ({ path }: { path: string }): boolean => path === '2.sql';
  const config = { rules: ALL_ON, sizes: { orders: { rows: 40_000_000, bytes: null } } };
  const { files } = lintHistory(analysis, { speaks, mayEdit: speaks, config, facts: { today: '2026-11-22' } });
  scanHistory(analysis, { speaks: () => false, config });
  return files[0]!;
}

interface Mutation {
  readonly statements: readonly string[];
  readonly mode: 'explicit' | 'implicit' | 'autocommit';
  readonly cut: number;
  readonly deleted: readonly number[];
  readonly swapped: readonly number[];
  readonly doubled: readonly number[];
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  statements: fc.array(fc.constantFrom(...SQL), { minLength: 1, maxLength: 5 }),
  mode: fc.constantFrom('explicit' as const, 'implicit' as const, 'autocommit' as const),
  cut: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
  deleted: fc.array(fc.nat(80), { maxLength: 3 }),
  swapped: fc.array(fc.nat(80), { maxLength: 3 }),
  doubled: fc.array(fc.nat(80), { maxLength: 2 }),
});

function mutilated({ statements, cut, deleted, swapped, doubled }: Mutation): string {
  const words = statements.join('\n').split(/(\s+|[(),;])/);
  for (const index of deleted) words.splice(index, 1);
  for (const index of swapped) {
    const [a = '', between = '', b = ''] = words.slice(index, index + 3);
    if (index + 2 < words.length) words.splice(index, 3, b, between, a);
  }
  for (const index of doubled) words.splice(index, 0, words[index] ?? '');
  const whole = words.join('');
  return whole.slice(0, Math.ceil(whole.length * cut));
}

/** What the statement rules say, by its own text: rules about whole files may change with any part of them. */
const PER_STATEMENT: ReadonlySet<string> = new Set(
  RULES.filter(({ scope }) => scope === 'statement').map(({ id }) => id),
);

function check(example: Mutation): void {
  const text = mutilated(example);
  const file = lint(text, example.mode);
  for (const finding of file.findings) {
    assert.ok(finding.start >= 0 && finding.start <= finding.end && finding.end <= text.length, finding.rule);
    assert.ok(finding.statement < Math.max(file.statements, 1), finding.rule);
    assert.doesNotMatch(finding.message, /undefined|\[object|NaN/, finding.rule);
    for (const fix of finding.fixes)
      for (const { start, end } of fix.edits) assert.ok(start >= 0 && start <= end && end <= text.length, fix.title);
  }
  const said = new Set(file.findings.filter(({ rule }) => rule === 'syntax-error').map(({ statement }) => statement));
  for (const { statement } of file.analysis.statements)
    assert.equal(said.has(statement.index), statement.error !== null, `statement ${String(statement.index)}`);
  keepsFindings(text, file, example.mode);
}

/** Behind a statement that is broken off, what stands before it says what it said before. */
function keepsFindings(text: string, whole: FileLint, mode: Mutation['mode']): void {
  // One query of a single statement is no transaction, so only these two stay as they are.
  if (mode === 'implicit') return;
  const broken = lint(`${text}\n;ALTER TABLE orders ADD COLUM`, mode);
  const own = (file: FileLint): string[] =>
    file.findings
      .filter(
        ({ rule, statement }) => PER_STATEMENT.has(rule) && statement < whole.statements && rule !== 'syntax-error',
      )
      // The end may take in the semicolon.
      .map(({ rule, statement, start, message }) => [rule, statement, start, message].join(' '));
  // A literal or comment that is not closed swallows what comes behind it.
  if (broken.statements !== whole.statements + 1) return;
  assert.deepEqual(own(broken), own(whole));
}

/** Mutilates so many files. @throws with the seed and the smallest file that fails */
export function runMutations(files: number, seed: number): void {
  fc.assert(fc.property(mutation, check), { numRuns: files, seed });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { files: { type: 'string' }, seed: { type: 'string' } } });
  const seed = Number(values.seed ?? Date.now() % 2 ** 31);
  const files = Number(values.files ?? 10_000);
  console.log(`${String(files)} mutated files, seed ${String(seed)}`);
  runMutations(files, seed);
  console.log('no crash, every finding in its place, and what still parses keeps its findings');
}
