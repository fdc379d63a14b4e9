import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { analyzeHistory } from '../../src/core/analyze.ts';
import { emptyCatalog } from '../../src/core/catalog/emptyCatalog.ts';
import { applyStatement } from '../../src/core/catalog/replay.ts';
import { lintHistory } from '../../src/core/lint.ts';
import type { Parser } from '../../src/core/sql/parser.ts';
import { parseScript } from '../../src/core/sql/script.ts';
import type { Script } from '../../src/core/sql/statement.ts';
import { historyFromFiles } from '../../src/core/tools/history.ts';
import type { History } from '../../src/core/tools/tool.ts';
import { loadParser } from '../../src/node/wasm.ts';
import { keystrokes, thousandMigrations } from './keystrokes.ts';
import { timed } from './measure.ts';
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

function longHistory(parser: Parser): Figure {
  const files = thousandMigrations();
  const history = historyFromFiles({ id: 'long', tool: 'plain', root: '.', files });
  const { milliseconds } = timed(() => analyzeHistory(history, { parser, settings: SETTINGS }));
  return {
    what: 'a history of 1,000 migrations, read from nothing',
    measured: `${milliseconds.toFixed(0)} ms`,
    goal: 'under 1,000 ms',
    reached: milliseconds < 1000,
  };
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
