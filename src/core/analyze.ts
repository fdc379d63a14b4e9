import type { Catalog, ServerMajor } from './catalog/catalog.ts';
import { emptyCatalog } from './catalog/emptyCatalog.ts';
import type { StatementEffects } from './effects/effect.ts';
import { mysqlScriptEffects } from './effects/mysql.ts';
import { runStatement } from './effects/run.ts';
import { TransactionTracker } from './effects/transactions.ts';
import type { Parser } from './sql/parser.ts';
import { parseScript } from './sql/script.ts';
import type { Script, Statement } from './sql/statement.ts';
import type { History, Migration } from './tools/tool.ts';

/** Facts about the target that the text can't tell. */
export interface AnalysisSettings {
  readonly major: ServerMajor;
  /** TimeZone of the session that will apply; decides timestamp ↔ timestamptz. Null: not known. */
  readonly timeZone: string | null;
}

/** One statement with all that is known about it. */
export interface StatementAnalysis {
  readonly statement: Statement;
  readonly before: Catalog;
  readonly after: Catalog;
  readonly effects: StatementEffects;
  readonly transaction: TransactionState;
  /** New relations that had got rows before: with the catalog, all that the effects rest on. */
  readonly filled: ReadonlySet<number>;
  /** The same set where the statement put no rows into another one. */
  readonly filledAfter: ReadonlySet<number>;
}

/** The transaction that a statement runs in, as the tool runs the script. */
export interface TransactionState {
  /** Null: runs by itself (autocommit), or starts no transaction. Equal numbers: the same transaction. */
  readonly id: number | null;
  /** Who opened it: the tool's own wrapper, one simple query of several statements, or a BEGIN in the script. */
  readonly openedBy: 'tool' | 'implicit' | 'script' | null;
  /** Index of the transaction's first statement: all from it on belong to it. Null: the statement runs by itself. */
  readonly first: number | null;
}

export interface MigrationAnalysis {
  readonly migration: Migration;
  readonly script: Script;
  readonly statements: readonly StatementAnalysis[];
  readonly before: Catalog;
  readonly after: Catalog;
}

export interface HistoryAnalysis {
  readonly history: History;
  readonly settings: AnalysisSettings;
  readonly migrations: readonly MigrationAnalysis[];
  /** The schema dump that the history starts on, replayed. */
  readonly baseline: { readonly script: Script; readonly after: Catalog } | null;
  /** True: some of it was taken over from an earlier text on trust; see `AnalysisOptions.provisional`. */
  readonly provisional?: boolean;
}

/** What the analysis needs besides the history. */
export interface AnalysisOptions {
  readonly parser: Parser;
  readonly settings: AnalysisSettings;
  /** An earlier analysis of the same history: what did not change is taken over from it. */
  readonly previous?: HistoryAnalysis;
  /**
   * For an answer at once while somebody types: what stands behind an edit keeps what `previous` knew of it, as if the
   * edit had left the catalog as it was. The result then says `provisional`, and an exact analysis has to follow.
   */
  readonly provisional?: boolean;
}

/**
 * Replays a history and works out what each statement does to the catalog that the statements before it left. With
 * `previous`, migrations and statements whose text and catalog before are the same are not looked at again.
 */
export function analyzeHistory(history: History, options: AnalysisOptions): HistoryAnalysis {
  const { parser, settings } = options;
  const kept = options.previous;
  const previous =
    kept !== undefined && kept.settings.major === settings.major && kept.settings.timeZone === settings.timeZone
      ? kept
      : undefined;
  const empty = previous?.migrations[0]?.before ?? emptyCatalog(settings.major);
  const baseline = replayBaseline(history, options, previous);
  let catalog = baseline?.after ?? (previous?.baseline ? emptyCatalog(settings.major) : empty);
  const start = catalog.session;
  const known = new Map(previous?.migrations.map((each) => [each.migration.path, each]));
  const migrations: MigrationAnalysis[] = [];
  const trusting = options.provisional === true;
  let provisional = trusting && previous?.provisional === true;
  for (const migration of history.migrations) {
    const before = known.get(migration.path);
    const unchanged = before !== undefined && sameMigration(before.migration, migration);
    const analysis =
      unchanged && (trusting || (before.before === catalog && !onTrust.has(before)))
        ? before
        : analyzeMigration(migration, catalog, { parser, settings, history, previous: before, trusting });
    provisional ||= trusting && (analysis.before !== catalog || onTrust.has(analysis));
    migrations.push(analysis);
    // Each migration is taken to run in a session of its own.
    catalog = freshSession(analysis.after, start);
  }
  const analysis = { history, settings, migrations, baseline, ...(provisional ? { provisional } : {}) };
  if (previous !== undefined) {
    earlierHistories.note(analysis, previous);
  }
  return analysis;
}

/** What the newest of several values was made from. One step back is enough: with all a session would keep every text that was ever typed. */
class Earlier<T extends object> {
  readonly #before = new WeakMap<T, T>();

  note(now: T, before: T): void {
    this.#before.set(now, before);
    this.#before.delete(before);
  }

  of(now: T): T | undefined {
    return this.#before.get(now);
  }
}

const earlierHistories = new Earlier<HistoryAnalysis>();
const earlierAnalyses = new Earlier<MigrationAnalysis>();

/** What the analysis of a history with an edited file took over from, for as long as it is the newest one. */
export function earlierHistory(analysis: HistoryAnalysis): HistoryAnalysis | undefined {
  return earlierHistories.of(analysis);
}

const NOTHING_FILLED: ReadonlySet<number> = new Set();

function sameMigration(a: Migration, b: Migration): boolean {
  return (
    a === b ||
    (a.text === b.text &&
      a.id === b.id &&
      a.range.start === b.range.start &&
      a.range.end === b.range.end &&
      a.transactionMode === b.transactionMode &&
      a.changesets?.length === b.changesets?.length &&
      a.rollback?.text === b.rollback?.text)
  );
}

const sessions = new WeakMap<Catalog, Catalog>();

/** The same catalog for the next session; the same object each time it is asked for. */
function freshSession(catalog: Catalog, session: Catalog['session']): Catalog {
  if (catalog.session === session) return catalog;
  let fresh = sessions.get(catalog);
  if (fresh?.session !== session) {
    fresh = { ...catalog, session };
    sessions.set(catalog, fresh);
  }
  return fresh;
}

function replayBaseline(
  history: History,
  options: AnalysisOptions,
  previous: HistoryAnalysis | undefined,
): HistoryAnalysis['baseline'] {
  if (history.baseline === null) return null;
  const { text } = history.baseline;
  if (previous?.baseline && previous.baseline.script.text === text) return previous.baseline;
  const script = parseScript(text, { parser: options.parser, dialect: history.dialect });
  const empty = emptyCatalog(options.settings.major);
  let catalog = empty;
  for (const statement of script.statements) {
    catalog = runStatement({
      statement,
      before: catalog,
      firstNewId: 1,
      timeZone: options.settings.timeZone,
      parser: options.parser,
      inTransaction: false,
      filled: NOTHING_FILLED,
    }).after;
  }
  return { script, after: freshSession(catalog, empty.session) };
}

function analyzeMigration(
  migration: Migration,
  before: Catalog,
  options: {
    readonly parser: Parser;
    readonly settings: AnalysisSettings;
    readonly history: History;
    readonly previous: MigrationAnalysis | undefined;
    /** Statements of unchanged text are taken over whatever stands before them now. */
    readonly trusting: boolean;
  },
): MigrationAnalysis {
  const { parser, settings, history, previous, trusting } = options;
  const script = parseScript(migration.text, {
    parser,
    dialect: history.dialect,
    range: migration.range,
    previous: previous?.script,
  });
  if (script.dialect === 'mysql') return analyzeMysql(migration, script, before);
  const transactions = new TransactionTracker(migration, script.statements.length);
  const known = new KnownStatements(
    previous !== undefined && (trusting || previous.before === before) ? previous : null,
    script.statements.length,
  );
  const statements: StatementAnalysis[] = [];
  let usedTrust = false;
  let filled: ReadonlySet<number> = NOTHING_FILLED;
  let catalog = before;
  for (const statement of script.statements) {
    catalog = transactions.before(statement, catalog);
    const transaction = transactions.enter(statement, catalog);
    const exact = known.find(statement, catalog);
    const same = exact && sameSet(exact.filled, filled) && isInOne(exact.transaction, transaction) ? exact : undefined;
    const trusted = same ?? (trusting ? known.findAnywhere(statement) : undefined);
    if (trusted !== same) usedTrust = true;
    // What is taken over rests on what it rested on: where that is the same, the next statement need not compare.
    if (trusted !== undefined) ({ filled } = trusted);
    catalog = trusted?.before ?? catalog;
    // What is taken over is not wrapped once more: with every keystroke all statements of a file come through here.
    const ran =
      trusted ??
      runStatement({
        statement,
        before: catalog,
        firstNewId: before.nextId,
        timeZone: settings.timeZone,
        parser,
        inTransaction: transaction.id !== null,
        filled,
      });
    const effects = trusted ? movedEffects(trusted, statement) : ran.effects;
    const left = transactions.leave(statement, ran.after);
    const filledAfter = trusted?.filledAfter ?? withFilled(filled, effects);
    const isOld =
      trusted?.statement === statement && trusted.after === left && sameTransaction(trusted.transaction, transaction);
    statements.push(
      isOld
        ? trusted
        : {
            statement,
            before: catalog,
            after: left,
            effects,
            transaction,
            filled,
            filledAfter,
          },
    );
    catalog = left;
    filled = filledAfter;
  }
  const analysis = { migration, script, statements, before, after: transactions.finish(catalog) };
  if (usedTrust) onTrust.add(analysis);
  if (previous !== undefined) {
    earlierAnalyses.note(analysis, previous);
  }
  return analysis;
}

/** What the analysis of an edited file took over from, for as long as it is the newest one: equal parts are found there by their place. */
export function earlierAnalysis(migration: MigrationAnalysis): MigrationAnalysis | undefined {
  return earlierAnalyses.of(migration);
}

/** Analyses in which statements do not follow on each other: an exact analysis must not take them over as a whole. */
const onTrust = new WeakSet<MigrationAnalysis>();

/** What an earlier analysis of the file knew. */
class KnownStatements {
  readonly #all: readonly StatementAnalysis[];
  /** How many fewer statements there are now. */
  readonly #fewer: number;
  #asked = 0;
  /** Made when many are asked for: with a keystroke one or two are. */
  #byText: Map<string, StatementAnalysis[]> | null = null;

  /** @param count how many statements there are now */
  constructor(previous: MigrationAnalysis | null, count: number) {
    this.#all = previous?.statements ?? [];
    this.#fewer = this.#all.length - count;
  }

  /** The same text on the same catalog. */
  find(statement: Statement, before: Catalog): StatementAnalysis | undefined {
    if (this.#all.length === 0) return undefined;
    const same = this.#there(statement);
    if (same !== undefined) return same.before === before ? same : undefined;
    return this.#ofText(statement)?.find((each) => each.before === before);
  }

  /** The same text, whatever stood before it. */
  findAnywhere(statement: Statement): StatementAnalysis | undefined {
    if (this.#all.length === 0) return undefined;
    return this.#there(statement) ?? this.#ofText(statement)?.[0];
  }

  /** What the parser took over is at the same place, counted from the beginning or from the end. */
  #there(statement: Statement): StatementAnalysis | undefined {
    const first = this.#all[statement.index];
    if (first !== undefined && isSame(first.statement, statement)) return first;
    const last = this.#all[Math.max(statement.index + this.#fewer, 0)];
    return last !== undefined && isSame(last.statement, statement) ? last : undefined;
  }

  #ofText({ tree, text }: Statement): readonly StatementAnalysis[] | undefined {
    if (tree === null) return undefined;
    if (this.#asked++ < FEW)
      return this.#all.filter(({ statement }) => statement.text === text && statement.tree !== null);
    if (this.#byText === null) {
      this.#byText = new Map();
      for (const each of this.#all) {
        if (each.statement.tree === null) continue;
        const alike = this.#byText.get(each.statement.text);
        if (alike === undefined) this.#byText.set(each.statement.text, [each]);
        else alike.push(each);
      }
    }
    return this.#byText.get(text);
  }
}

const FEW = 4;

/** The same, or the same at another place. */
function isSame(a: Statement, b: Statement): boolean {
  if (a === b) return true;
  if (a.tree !== null || b.tree !== null) return a.tree === b.tree;
  // What was not read.
  return (
    a.text === b.text &&
    a.notAnalysed === b.notAnalysed &&
    a.error?.message === b.error?.message &&
    (a.error?.offset ?? 0) - a.start === (b.error?.offset ?? 0) - b.start
  );
}

/** MySQL commits every DDL statement by itself, and no catalog of it is replayed. */
function analyzeMysql(migration: Migration, script: Script, catalog: Catalog): MigrationAnalysis {
  const alone: TransactionState = { id: null, openedBy: null, first: null };
  const statements = mysqlScriptEffects(script).flatMap((effects, index): StatementAnalysis[] => {
    const statement = script.statements[index];
    if (statement === undefined) return [];
    const untouched = { before: catalog, after: catalog, filled: NOTHING_FILLED, filledAfter: NOTHING_FILLED };
    return [{ statement, effects, transaction: alone, ...untouched }];
  });
  return { migration, script, statements, before: catalog, after: catalog };
}

/** The new relations that have rows after a statement. */
function withFilled(filled: ReadonlySet<number>, { effects }: StatementEffects): ReadonlySet<number> {
  let after = filled;
  for (const { relation, work, newRelation } of effects) {
    if (!newRelation || relation.id === null || after.has(relation.id) || !work.includes('rows')) continue;
    after = new Set([...after, relation.id]);
  }
  return after;
}

/** The same transaction of a script, entered at the same statement. */
export function sameTransaction(a: TransactionState, b: TransactionState): boolean {
  return a === b || (a.id === b.id && a.openedBy === b.openedBy && a.first === b.first);
}

/** SET LOCAL, for one, does nothing outside of a transaction. */
function isInOne(a: TransactionState, b: TransactionState): boolean {
  return (a.id === null) === (b.id === null);
}

function sameSet(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const id of b) if (!a.has(id)) return false;
  return true;
}

/** Effects of a statement that was moved: of what tells its place in the file only opaque parts are shown with it. */
function movedEffects({ effects, statement: old }: StatementAnalysis, statement: Statement): StatementEffects {
  const by = statement.start - old.start;
  if (by === 0 || effects.opaque.length === 0) return effects;
  const lines = statement.startLine - old.startLine;
  const opaque = effects.opaque.map((part) => ({ ...part, offset: part.offset + by, line: part.line + lines }));
  return { ...effects, opaque };
}
