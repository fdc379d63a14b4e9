import { analyzeHistory } from '../../src/core/analyze.ts';
import type { HistoryAnalysis } from '../../src/core/analyze.ts';
import { lintHistory } from '../../src/core/lint.ts';
import type { Parser } from '../../src/core/sql/parser.ts';
import { historyFromFiles, withText } from '../../src/core/tools/history.ts';
import type { History, HistoryFile, Migration } from '../../src/core/tools/tool.ts';
import { quantile, timed } from './measure.ts';
import type { Figure } from './measure.ts';

const SETTINGS = { major: 16, timeZone: null } as const;
const SEED = 42;

/**
 * From text change to findings, as the editor does it: at once what the edit itself says, with what stands behind it taken
 * on trust; and all of it exactly, when typing stops.
 */
export function keystrokes(histories: readonly History[], parser: Parser): Figure[] {
  const texts = histories.flatMap(({ migrations }) => migrations.map(({ text }) => text));
  const text = texts.join('\n').split('\n').slice(0, 5000).join('\n');
  return [...anywhere(text, parser), words(text, parser), inLongHistory(parser)];
}

/** Single edits anywhere in 5,000 lines of real statements, typing stops after each: harder than what a person does. */
function anywhere(start: string, parser: Parser): Figure[] {
  const typed = new TypedFile([{ path: '0001.sql', text: start }], '0001.sql', parser);
  const random = seeded(SEED);
  const times: Record<'plain' | 'catalog' | 'exact', number[]> = { plain: [], catalog: [], exact: [] };
  let text = start;
  for (let edit = 0; edit < 600; edit += 1) {
    const at = Math.floor(random() * text.length);
    text = random() < 0.7 ? `${text.slice(0, at)}x${text.slice(at)}` : text.slice(0, at) + text.slice(at + 1);
    const before = typed.changesCatalog(at);
    const milliseconds = typed.type(text);
    times[before || typed.changesCatalog(at) ? 'catalog' : 'plain'].push(milliseconds);
    times.exact.push(typed.settle());
  }
  return [
    figure('a keystroke in 5,000 lines, text to findings, p95', times.plain, 5),
    figure('the same, where it changes the catalog', times.catalog, 30),
    figure('what stands behind such an edit, when typing stops', times.exact, null),
  ];
}

/** Ten letters at a place before typing stops. */
function words(start: string, parser: Parser): Figure {
  const typed = new TypedFile([{ path: '0001.sql', text: start }], '0001.sql', parser);
  const random = seeded(SEED);
  const times: number[] = [];
  let text = start;
  for (let word = 0; word < 60; word += 1) {
    const at = Math.floor(random() * text.length);
    for (let letter = 0; letter < 10; letter += 1) {
      text = `${text.slice(0, at + letter)}x${text.slice(at + letter)}`;
      times.push(typed.type(text));
    }
    typed.settle();
  }
  return figure('a letter of a word typed in 5,000 lines, p95', times, 5);
}

/** A statement typed behind one of the last of a thousand migrations. */
function inLongHistory(parser: Parser): Figure {
  const files = thousandMigrations();
  const { path, text: start } = files[995] ?? { path: '', text: '' };
  // What is on the default branch is only read.
  const typed = new TypedFile(files, path, parser, (migration) => migration.path >= (files[990]?.path ?? ''));
  const statement = '\nALTER TABLE t992 ADD COLUMN note text, ADD COLUMN owner integer REFERENCES t0;';
  const times = Array.from(statement, (_, letter) => typed.type(start + statement.slice(0, letter + 1)));
  return figure('a keystroke in a history of 1,000 migrations, p95', times, 5);
}

/** A thousand migrations as a team writes them: a table, its index, a foreign key, a column here and there. */
export function thousandMigrations(): HistoryFile[] {
  return Array.from({ length: 1000 }, (_, index) => ({
    path: `${String(index).padStart(4, '0')}_step.sql`,
    text:
      index % 4 === 0
        ? `CREATE TABLE t${index} (id bigserial PRIMARY KEY, name text NOT NULL, made timestamptz DEFAULT now());\nCREATE INDEX ON t${index} (name);`
        : `ALTER TABLE t${index - (index % 4)} ADD COLUMN c${index} integer REFERENCES t0;\nCREATE INDEX ON t${index - (index % 4)} (c${index});\nCOMMENT ON COLUMN t${index - (index % 4)}.c${index} IS 'x';`,
  }));
}

/** A file of a history, edited as `src/vscode/engine/historyState.ts` has it: the editor's text laid over the history on disk. */
class TypedFile {
  readonly #disk: History;
  readonly #path: string;
  readonly #parser: Parser;
  readonly #speaks: (migration: Migration) => boolean;
  #analysis: HistoryAnalysis;

  constructor(
    files: readonly HistoryFile[],
    path: string,
    parser: Parser,
    speaks: (migration: Migration) => boolean = () => true,
  ) {
    this.#disk = historyFromFiles({ id: 'typed', tool: 'plain', root: '.', files });
    this.#path = path;
    this.#parser = parser;
    this.#speaks = speaks;
    this.#analysis = analyzeHistory(this.#disk, { parser, settings: SETTINGS });
    this.#lint();
  }

  /** Milliseconds from a text to its findings. */
  type(text: string): number {
    const arrived = flat(text);
    return timed(() => {
      this.#analyze(withText(this.#disk, this.#path, arrived), true);
      this.#lint();
    }).milliseconds;
  }

  /** Milliseconds for the exact findings of the same text. */
  settle(): number {
    return timed(() => {
      this.#analyze(this.#analysis.history, false);
      this.#lint();
    }).milliseconds;
  }

  /** Does what stands at that place of the first file change the catalog? A comment, a query and a syntax error do not. */
  changesCatalog(at: number): boolean {
    const statements = this.#analysis.migrations[0]?.statements ?? [];
    return statements.some(
      ({ statement, before, after }) => statement.start <= at && at <= statement.end && before !== after,
    );
  }

  #analyze(history: History, provisional: boolean): void {
    const previous = this.#analysis;
    this.#analysis = analyzeHistory(history, { parser: this.#parser, settings: SETTINGS, previous, provisional });
  }

  #lint(): void {
    lintHistory(this.#analysis, { speaks: this.#speaks, config: {} });
  }
}

/** The text in one piece, as it comes to the engine from the editor: joined from slices it would be put together when it is first read. */
function flat(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

function figure(what: string, times: readonly number[], goal: number | null): Figure {
  const p95 = quantile(times, 0.95);
  return {
    what,
    measured: `${p95.toFixed(1)} ms (median ${quantile(times, 0.5).toFixed(1)}, ${String(times.length)} edits, seed ${String(SEED)})`,
    goal: goal === null ? 'for comparison' : `under ${String(goal)} ms`,
    reached: goal === null || p95 < goal,
  };
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
