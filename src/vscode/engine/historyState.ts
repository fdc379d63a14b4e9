import path from 'node:path';
import { analyzeHistory } from '../../core/analyze.ts';
import type { HistoryAnalysis, MigrationAnalysis } from '../../core/analyze.ts';
import type { Config } from '../../core/config.ts';
import { DEFAULT_SERVER_MAJOR } from '../../core/catalog/catalog.ts';
import { historyOverview, saidAfter } from '../../core/overview.ts';
import type { Knowledge, MigrationOverview } from '../../core/overview.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { NO_FACTS } from '../../core/rules/facts.ts';
import type { LintFacts } from '../../core/rules/facts.ts';
import type { Finding } from '../../core/rules/rule.ts';
import type { ScannedHistory } from '../../core/report/scanReport.ts';
import { stagingRuns } from '../../core/report/readStagingRun.ts';
import type { StagingRun } from '../../core/report/stagingRun.ts';
import { scanHistory } from '../../core/scanHistory.ts';
import { sizeLookup } from '../../core/rules/sizes.ts';
import type { SizeLookup } from '../../core/rules/sizes.ts';
import type { Parser } from '../../core/sql/parser.ts';
import { withText } from '../../core/tools/history.ts';
import type { History } from '../../core/tools/tool.ts';
import { editorFinding, editorFix } from './editorFinding.ts';
import { hoverText } from './hoverText.ts';
import { fileImpact } from './fileImpact.ts';
import type { EditorFinding, FileFindings, FileImpact, FixableFinding, Place, StatementHover } from './protocol.ts';
import { TextPlaces } from './textPlaces.ts';

/** Texts of the editors, saved or not, by absolute path. */
export type OpenTexts = ReadonlyMap<string, { readonly text: string; readonly version: number }>;

export interface HistoryInput {
  /** The workspace folder, as the editor names it. */
  readonly folder: string;
  readonly config: Config;
  /** As on disk. */
  readonly history: History;
  readonly parser: Parser;
  /** Ids of the migrations that speak. */
  readonly newIds: ReadonlySet<string>;
  /** What environments demand, read where it can be trusted. */
  readonly policy: Policy;
  /** What lint may know besides the texts. It may ask git: not for every keystroke. */
  readonly readFacts: (analysis: HistoryAnalysis) => LintFacts;
  /** Rules that speak once in a project, and have spoken in the histories before this one. */
  readonly saidBefore: () => ReadonlySet<string>;
}

export interface Reading {
  readonly analysis: HistoryAnalysis;
  readonly overviews: readonly MigrationOverview[];
}

/** One history of a folder: as on disk with the editors' texts laid over it, analysed and linted. */
export class HistoryState {
  readonly input: HistoryInput;
  #knowledge: Knowledge;
  #reading: Reading | null = null;
  #facts: LintFacts = NO_FACTS;
  #saidBefore: ReadonlySet<string> = new Set();
  readonly #files: ReadonlySet<string>;
  /** What was sent last, by migration path. */
  readonly #sent: Map<string, readonly Finding[]>;
  readonly #places = new Map<string, { readonly text: string; readonly places: TextPlaces }>();

  /** @param earlier the same history as read before: its analysis is used again where nothing changed */
  constructor(input: HistoryInput, knowledge: Knowledge, earlier: HistoryState | undefined) {
    this.input = input;
    this.#knowledge = knowledge;
    this.#reading = earlier?.reading ?? null;
    if (earlier !== undefined) this.#facts = earlier.#facts;
    this.#sent = new Map(earlier === undefined ? [] : earlier.#sent);
    const written = input.history.migrations.flatMap(({ rollback }) => rollback ?? []);
    this.#files = new Set([...input.history.migrations, ...written].map((file) => this.pathOf(file)));
  }

  get id(): string {
    return this.input.history.id;
  }

  /** The folder that the migrations' paths are relative to. */
  get root(): string {
    return path.join(this.input.folder, this.input.history.root);
  }

  /** Where each migration is applied, as far as an environment was asked. */
  get applied(): Knowledge['applied'] {
    return this.#knowledge.applied;
  }

  get knowledge(): Knowledge {
    return this.#knowledge;
  }

  get reading(): Reading {
    if (this.#reading === null) throw new TypeError(`${this.id} has not been read`);
    return this.#reading;
  }

  /** Absolute path of a file of the history. */
  pathOf(file: { readonly path: string }): string {
    return path.join(this.root, file.path);
  }

  holds(file: string): boolean {
    return this.#files.has(file);
  }

  overview(migration: string): MigrationOverview | undefined {
    return this.reading.overviews.find((one) => one.migration.id === migration);
  }

  /** Rules that speak once in a project, and have spoken here or before. */
  get said(): ReadonlySet<string> {
    return saidAfter(this.reading.overviews, this.#saidBefore);
  }

  /** A history before this one said something else than when this one was judged last: judged again. */
  listen(): void {
    const before = this.input.saidBefore();
    const same = before.size === this.#saidBefore.size && [...before].every((rule) => this.#saidBefore.has(rule));
    if (!same && this.#reading !== null) this.#reading = this.#judge(this.#reading.analysis);
  }

  /** Records, evidence and what else lies on disk changed: statuses are worked out anew. */
  learn(knowledge: Knowledge): void {
    this.#knowledge = knowledge;
    if (this.#reading !== null) this.#reading = this.#judge(this.#reading.analysis);
  }

  /** An environment was asked what is applied there. */
  tellApplied(environment: string, states: NonNullable<Knowledge['applied']>): void {
    const others = [...(this.#knowledge.applied ?? [])].map(
      ([id, known]) => [id, known.filter((state) => state.environment !== environment)] as const,
    );
    const applied = new Map(others);
    for (const [id, asked] of states) applied.set(id, [...(applied.get(id) ?? []), ...asked]);
    this.learn({ ...this.#knowledge, applied });
  }

  /** As it lies on disk, whatever the editors hold. */
  readingOnDisk(): Reading {
    const analysis = this.#analyze(this.input.history, false);
    return this.#judge(analysis, this.input.readFacts(analysis));
  }

  /**
   * Analyses with the editors' texts; only what changed is looked at again.
   *
   * @param options.provisional some of it may be taken on trust, and nothing is asked of git: it has to be read once more
   */
  read(texts: OpenTexts, { provisional = false } = {}): void {
    const { history } = this.input;
    let current = history;
    for (const [file, { text }] of texts) if (this.holds(file)) current = withText(current, this.#relative(file), text);
    const analysis = this.#analyze(current, provisional);
    if (!provisional) this.#facts = this.input.readFacts(analysis);
    this.#reading = this.#judge(analysis);
  }

  /** The files whose findings are others than were told last. */
  changedFindings(texts: OpenTexts): readonly FileFindings[] {
    const changed: FileFindings[] = [];
    for (const overview of this.reading.overviews) {
      const { migration, lint } = overview;
      const findings = lint?.findings ?? [];
      const before = this.#sent.get(migration.path);
      if (before === findings || (findings.length === 0 && (before?.length ?? 0) === 0)) continue;
      this.#sent.set(migration.path, findings);
      const file = this.pathOf(migration);
      changed.push({
        path: file,
        version: texts.get(file)?.version ?? null,
        findings: findings.map((finding) => this.#editorFinding(finding, overview)),
      });
    }
    return changed;
  }

  /** The findings of a file that a place in it touches, one by one: the fixes of many take a while. */
  *fixes(file: string, { startLine, startColumn, endLine, endColumn }: Place): Generator<FixableFinding> {
    const overview = this.reading.overviews.find(({ migration }) => this.pathOf(migration) === file);
    if (overview === undefined) return;
    const { migration, lint } = overview;
    const places = this.#placesOf(migration.path, migration.text);
    const [from, to] = [places.offset(startLine, startColumn), places.offset(endLine, endColumn)];
    for (const finding of lint?.findings ?? []) {
      if (finding.end < from || to < finding.start) continue;
      yield {
        finding: this.#editorFinding(finding, overview),
        fixes: overview.fixesOf(finding).map((fix) => editorFix(fix, { places, root: this.root })),
      };
    }
  }

  /** Absolute paths of the files that findings were told of. */
  told(): readonly string[] {
    return [...this.#sent].filter(([, findings]) => findings.length > 0).map(([file]) => path.join(this.root, file));
  }

  hover(file: string, line: number, column: number): StatementHover | null {
    const migration = this.#analysisOf(file);
    if (migration === undefined) return null;
    const places = this.#placesOf(migration.migration.path, migration.migration.text);
    const offset = places.offset(line, column);
    const found = migration.statements.find(({ statement }) => statement.start <= offset && offset < statement.end);
    if (found === undefined) return null;
    const { start, end, kind } = found.statement;
    return { place: places.place(start, end), kind, markdown: hoverText(found, this.sizes()) };
  }

  /** For the code lens and inlay hints of a file. */
  impact(file: string, hints: boolean): FileImpact | null {
    const analysis = this.#analysisOf(file);
    if (analysis === undefined || this.input.history.dialect !== 'postgresql') return null;
    const { id: migration, path: name, text } = analysis.migration;
    return {
      key: { folder: this.input.folder, history: this.id, migration },
      isNew: this.input.newIds.has(migration),
      stagingRuns: this.stagingRuns(migration).length,
      ...fileImpact(analysis, this.#placesOf(name, text), { sizes: this.sizes(), hints }),
    };
  }

  /** The staging runs of a migration that this version can read, of whatever text; the newest comes last. */
  stagingRuns(migration: string): readonly StagingRun[] {
    const { records, evidence } = this.#knowledge;
    return stagingRuns([...records.records, ...evidence], { history: this.id, migration });
  }

  /** What the old migrations would do if they ran today. */
  scan(): ScannedHistory {
    const { config, newIds } = this.input;
    const speaks = ({ id }: { readonly id: string }): boolean => newIds.has(id);
    const { analysis } = this.reading;
    return {
      id: this.id,
      scanned: scanHistory(analysis, { speaks, config, facts: this.#facts }),
      count: analysis.migrations.filter(({ migration }) => !speaks(migration)).length,
      pathOf: (file) => path.join(this.root, file),
    };
  }

  /** How large tables are, as far as anybody told. */
  sizes(): SizeLookup | null {
    return sizeLookup(this.input.config.sizes, this.#facts.statistics ?? []);
  }

  /** As the history names its files. */
  #relative(file: string): string {
    return path.relative(this.root, file).split(path.sep).join('/');
  }

  #analysisOf(file: string): MigrationAnalysis | undefined {
    return this.reading.analysis.migrations.find(({ migration }) => this.pathOf(migration) === file);
  }

  #analyze(history: History, provisional: boolean): HistoryAnalysis {
    const { config, parser } = this.input;
    const settings = { major: config.postgresVersion ?? DEFAULT_SERVER_MAJOR, timeZone: config.timeZone };
    const previous = this.#reading?.analysis;
    return analyzeHistory(history, { parser, settings, provisional, ...(previous ? { previous } : {}) });
  }

  #judge(analysis: HistoryAnalysis, facts = this.#facts): Reading {
    const { config, policy } = this.input;
    this.#saidBefore = this.input.saidBefore();
    const overviews = historyOverview({
      analysis,
      isNew: ({ id }) => this.input.newIds.has(id),
      config,
      policy,
      knowledge: this.#knowledge,
      facts,
      said: this.#saidBefore,
    });
    return { analysis, overviews };
  }

  #editorFinding(finding: Finding, { migration, analysis, isNew }: MigrationOverview): EditorFinding {
    const start = analysis.statements[finding.statement]?.statement.start ?? null;
    const places = this.#placesOf(migration.path, migration.text);
    return editorFinding(finding, { places, statementStart: isNew ? start : null });
  }

  #placesOf(file: string, text: string): TextPlaces {
    const kept = this.#places.get(file);
    if (kept?.text === text) return kept.places;
    const places = new TextPlaces(text);
    this.#places.set(file, { text, places });
    return places;
  }
}
