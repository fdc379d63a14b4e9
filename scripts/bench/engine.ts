import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { analyzeHistory } from '../../src/core/analyze.ts';
import type { HistoryAnalysis } from '../../src/core/analyze.ts';
import { emptyCatalog } from '../../src/core/catalog/emptyCatalog.ts';
import { applyStatement } from '../../src/core/catalog/replay.ts';
import { lintHistory } from '../../src/core/lint.ts';
import type { Parser } from '../../src/core/sql/parser.ts';
import { parseScript } from '../../src/core/sql/script.ts';
import type { Script } from '../../src/core/sql/statement.ts';
import { historyFromFiles, withText } from '../../src/core/tools/history.ts';
import type { History } from '../../src/core/tools/tool.ts';
import { loadParser } from '../../src/node/wasm.ts';
import { quantile } from './measure.ts';
import type { Figure } from './measure.ts';

const FETCHED = '.cache/migrations';
const SETTINGS = { major: 16, timeZone: null } as const;

/** Parsing, replay and effects of the fetched set, each part by itself; a long history; and an editor's keystrokes. */
export async function engine(): Promise<Figure[]> {
  const parser = await loadParser();
  if (!existsSync(FETCHED)) {
    return [
      {
        what: 'replay and effects of a statement',
        measured: 'run `npm run fetch:migrations` first',
        goal: 'at most 25 µs',
        reached: null,
      },
    ];
  }
  const histories = fetchedHistories();
  return [...parts(histories, parser), longHistory(parser), ...keystrokes(histories, parser)];
}

function parts(histories: readonly History[], parser: Parser): Figure[] {
  const timesOf = new Map(histories.map((history) => [history, timesOfParts(history, parser)]));
  const statements = sumOf(timesOf, 'statements');
  const each = (part: keyof PartTimes): number => (sumOf(timesOf, part) / statements) * 1000;
  const parsing = each('parse');
  const rest = each('all') - parsing;
  const [worst, worstTimes] = [...timesOf].reduce((a, b) => (shareOf(b[1]) > shareOf(a[1]) ? b : a));
  return [
    {
      what: `parse of a statement (${statements.toLocaleString('en')} statements)`,
      measured: `${parsing.toFixed(1)} µs`,
      goal: 'for comparison',
      reached: true,
    },
    {
      what: 'replay and effects of a statement',
      measured: `${rest.toFixed(1)} µs (replay of the bare statements ${each('replay').toFixed(1)})`,
      goal: 'at most 25 µs',
      reached: rest <= 25,
    },
    {
      what: 'replay and effects, against a bare parse',
      measured: `${(rest / parsing).toFixed(2)} x`,
      goal: 'at most 1 x',
      reached: rest <= parsing,
    },
    {
      what: 'the same of the slowest project',
      measured: `${((shareOf(worstTimes) / worstTimes.statements) * 1000).toFixed(1)} µs (${worst.id}, ${worstTimes.statements.toLocaleString('en')} statements)`,
      goal: 'for comparison',
      reached: true,
    },
    {
      what: 'rules over a statement',
      measured: `${each('rules').toFixed(1)} µs`,
      goal: 'for comparison',
      reached: true,
    },
  ];
}

/** Milliseconds of each part of the work on one history; the least of several rounds, since others use the machine too. */
interface PartTimes {
  readonly statements: number;
  readonly parse: number;
  /** Every statement applied to the catalog; DO blocks and called functions left out. */
  readonly replay: number;
  /** Parse, replay and effects. */
  readonly all: number;
  readonly rules: number;
}

const ROUNDS = 7;

function timesOfParts(history: History, parser: Parser): PartTimes {
  const scripts = (): Script[] =>
    history.migrations.map(({ text }) => parseScript(text, { parser, dialect: 'postgresql' }));
  const parsed = scripts();
  const replay = (): void => {
    let catalog = emptyCatalog(SETTINGS.major);
    for (const { statements } of parsed)
      for (const statement of statements) catalog = applyStatement(catalog, statement);
  };
  const least = { parse: Infinity, replay: Infinity, all: Infinity, rules: Infinity };
  for (let round = 0; round < ROUNDS; round += 1) {
    least.parse = Math.min(least.parse, timed(scripts).milliseconds);
    least.replay = Math.min(least.replay, timed(replay).milliseconds);
    const { milliseconds, value } = timed(() => analyzeHistory(history, { parser, settings: SETTINGS }));
    least.all = Math.min(least.all, milliseconds);
    const linting = timed(() => lintHistory(value, { speaks: () => true, config: {} }));
    least.rules = Math.min(least.rules, linting.milliseconds);
  }
  return { statements: parsed.reduce((sum, { statements }) => sum + statements.length, 0), ...least };
}

function sumOf(times: ReadonlyMap<History, PartTimes>, part: keyof PartTimes): number {
  return [...times.values()].reduce((sum, one) => sum + one[part], 0);
}

/** Replay and effects. */
function shareOf({ all, parse }: PartTimes): number {
  return all - parse;
}

/** A thousand migrations as a team writes them: a table, its index, a foreign key, a column here and there. */
function longHistory(parser: Parser): Figure {
  const files = Array.from({ length: 1000 }, (_, index) => ({
    path: `${String(index).padStart(4, '0')}_step.sql`,
    text:
      index % 4 === 0
        ? `CREATE TABLE t${index} (id bigserial PRIMARY KEY, name text NOT NULL, made timestamptz DEFAULT now());\nCREATE INDEX ON t${index} (name);`
        : `ALTER TABLE t${index - (index % 4)} ADD COLUMN c${index} integer REFERENCES t0;\nCREATE INDEX ON t${index - (index % 4)} (c${index});\nCOMMENT ON COLUMN t${index - (index % 4)}.c${index} IS 'x';`,
  }));
  const history = historyFromFiles({ id: 'long', tool: 'plain', root: '.', files });
  const { milliseconds } = timed(() => analyzeHistory(history, { parser, settings: SETTINGS }));
  return {
    what: 'a history of 1,000 migrations, read from nothing',
    measured: `${milliseconds.toFixed(0)} ms`,
    goal: 'under 1,000 ms',
    reached: milliseconds < 1000,
  };
}

/**
 * 5,000 lines of real statements; seeded edits anywhere; from text change to findings, as the editor does it. The exact
 * analysis of what stands behind the edit follows when typing stops: it is a figure of its own.
 */
function keystrokes(histories: readonly History[], parser: Parser): Figure[] {
  const texts = histories.flatMap(({ migrations }) => migrations.map(({ text }) => text));
  const lines = texts.join('\n').split('\n').slice(0, 5000);
  let text = lines.join('\n');
  let history = historyFromFiles({ id: 'typed', tool: 'plain', root: '.', files: [{ path: '0001.sql', text }] });
  let analysis = analyzeHistory(history, { parser, settings: SETTINGS });
  const lint = (): unknown => lintHistory(analysis, { speaks: () => true, config: {} });
  lint();
  const random = seeded(42);
  const times: Record<'plain' | 'catalog' | 'exact', number[]> = { plain: [], catalog: [], exact: [] };
  for (let edit = 0; edit < 600; edit += 1) {
    const at = Math.floor(random() * text.length);
    text = random() < 0.7 ? `${text.slice(0, at)}x${text.slice(at)}` : text.slice(0, at) + text.slice(at + 1);
    const before = changesCatalog(analysis, at);
    const { milliseconds } = timed(() => {
      history = withText(history, '0001.sql', text);
      analysis = analyzeHistory(history, { parser, settings: SETTINGS, previous: analysis, provisional: true });
      lint();
    });
    times[before || changesCatalog(analysis, at) ? 'catalog' : 'plain'].push(milliseconds);
    const exact = timed(() => {
      analysis = analyzeHistory(history, { parser, settings: SETTINGS, previous: analysis });
      lint();
    });
    times.exact.push(exact.milliseconds);
  }
  const figure = (kind: keyof typeof times, what: string, goal: number | null): Figure => {
    const p95 = quantile(times[kind], 0.95);
    return {
      what,
      measured: `${p95.toFixed(1)} ms (median ${quantile(times[kind], 0.5).toFixed(1)}, ${String(times[kind].length)} edits, seed 42)`,
      goal: goal === null ? 'for comparison' : `under ${String(goal)} ms`,
      reached: goal === null || p95 < goal,
    };
  };
  return [
    figure('plain', 'a keystroke in 5,000 lines, text to findings, p95', 5),
    figure('catalog', 'the same, where it changes the catalog', 30),
    figure('exact', 'what stands behind such an edit, when typing stops', null),
  ];
}

/** Does what stands at that place of the only file change the catalog? A comment, a query and a syntax error do not. */
function changesCatalog({ migrations }: HistoryAnalysis, at: number): boolean {
  const statements = migrations[0]?.statements ?? [];
  return statements.some(
    ({ statement, before, after }) => statement.start <= at && at <= statement.end && before !== after,
  );
}

function fetchedHistories(): History[] {
  return readdirSync(FETCHED, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const folder = join(FETCHED, name);
      const files = readdirSync(folder)
        .filter((file) => file.endsWith('.sql'))
        .map((file) => ({ path: file, text: readFileSync(join(folder, file), 'utf8') }));
      return historyFromFiles({ id: name, tool: 'plain', root: '.', files });
    });
}

function timed<T>(run: () => T): { readonly milliseconds: number; readonly value: T } {
  const started = performance.now();
  const value = run();
  return { milliseconds: performance.now() - started, value };
}

/** mulberry32: small, and the same everywhere. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
