import path from 'node:path';
import { CONFIG_FILE } from '../../core/config.ts';
import { runnerName } from '../../core/tools/runnerName.ts';
import { TOOLS } from '../../core/tools/registry.ts';
import { loadParserFor } from '../../node/wasm.ts';
import { LintFactsReader, today } from '../../node/lintFacts.ts';
import { openProject } from '../../node/project.ts';
import type { Project } from '../../node/project.ts';
import { HistoryState } from './historyState.ts';
import type { OpenTexts } from './historyState.ts';
import type {
  FileFindings,
  FolderSummary,
  HistorySummary,
  MigrationSummary,
  StatusKind,
  StatusLine,
} from './protocol.ts';
import { trustedPolicy } from '../../node/trustedPolicy.ts';
import type { TrustedPolicy } from '../../node/trustedPolicy.ts';
import { evidenceStore } from '../../node/records.ts';
import { readKnowledge } from '../../node/workflow/knowledge.ts';
import { environmentAddresses } from '../../node/environments.ts';
import type { EnvironmentAddress } from '../../node/environments.ts';
import { DEFAULT_SERVER_MAJOR } from '../../core/catalog/catalog.ts';
import type { MigrationOverview } from '../../core/overview.ts';

const STATUS_KINDS: readonly StatusKind[] = ['lint', 'rollback', 'staging', 'approvals', 'integrity', 'applied'];

/** The status of a larger migration (its rollback above all) takes seconds: it waits until its row is opened. */
const MOST_STATEMENTS = 1000;

const NOTHING_SAID: ReadonlySet<string> = new Set();

/** One folder of the workspace, read and analysed. */
export class FolderState {
  readonly folder: string;
  readonly name: string;
  readonly project: Project;
  readonly histories: readonly HistoryState[];
  /** URLs that this machine knows by itself: variables, the user's environments.jsonc. */
  readonly addresses: ReadonlyMap<string, EnvironmentAddress>;

  /** What environments demand, read from the default branch where there is one. */
  readonly policySource: TrustedPolicy;
  /** What lint may know besides the texts. */
  readonly facts: LintFactsReader;

  private constructor(
    parts: Pick<FolderState, 'folder' | 'name' | 'project' | 'histories' | 'addresses' | 'policySource' | 'facts'>,
  ) {
    this.folder = parts.folder;
    this.name = parts.name;
    this.project = parts.project;
    this.histories = parts.histories;
    this.addresses = parts.addresses;
    this.policySource = parts.policySource;
    this.facts = parts.facts;
  }

  /** Reads the folder from disk. `earlier` is what was read before: its analyses are used again where nothing changed. */
  static async open(
    { folder, name }: { readonly folder: string; readonly name: string },
    texts: OpenTexts,
    earlier: FolderState | undefined,
  ): Promise<FolderState> {
    const project = openProject(folder);
    const parser = await loadParserFor(project.histories);
    const policySource = trustedPolicy(project.root, project.config);
    const facts = new LintFactsReader(project, earlier?.facts);
    const knowledge = await readKnowledge(folder, evidenceStore(project.root));
    const histories: HistoryState[] = [];
    for (const [index, history] of project.histories.entries()) {
      const newIds = project.newMigrations(history);
      const before = earlier?.histories.find(({ id }) => id === history.id);
      const state = new HistoryState(
        {
          folder,
          config: project.config,
          history,
          parser,
          newIds,
          policy: policySource.policy,
          readFacts: (analysis) => facts.read(analysis, ({ id }) => newIds.has(id), today()),
          saidBefore: () => histories[index - 1]?.said ?? NOTHING_SAID,
        },
        { ...knowledge, applied: before?.applied ?? null },
        before,
      );
      state.read(texts);
      histories.push(state);
    }
    const names = policySource.policy.environments.map((environment) => environment.name);
    const { byName: addresses } = await environmentAddresses(names);
    return new FolderState({ folder, name, project, histories, addresses, policySource, facts });
  }

  historyOf(file: string): HistoryState | undefined {
    return this.histories.find((history) => history.holds(file));
  }

  history(id: string): HistoryState | undefined {
    return this.histories.find((history) => history.id === id);
  }

  /** Where this user's evidence for the folder is kept; shared with the command line. */
  get store(): string {
    return evidenceStore(this.project.root);
  }

  /** Records or evidence changed. */
  async learn(): Promise<void> {
    for (const history of this.histories) history.learn(await readKnowledge(this.folder, this.store, history.applied));
  }

  /** What is said once in a project follows from the histories before. */
  listen(): void {
    for (const history of this.histories) history.listen();
  }

  changedFindings(texts: OpenTexts): readonly FileFindings[] {
    return this.histories.flatMap((history) => history.changedFindings(texts));
  }

  summary(): FolderSummary {
    const { configProblems, troubles, unsupported } = this.project;
    return {
      folder: this.folder,
      name: this.name,
      histories: this.histories.map((history) => this.#historySummary(history)),
      problems: [
        ...configProblems.map(({ message }) => ({
          message: `${CONFIG_FILE}: ${message}`,
          path: path.join(this.folder, CONFIG_FILE),
        })),
        ...troubles.map((trouble) => ({
          message: `${path.relative(this.project.root, trouble.path)}: ${trouble.message}`,
          path: trouble.path,
        })),
        ...unsupported.map(({ root, reason }) => ({ message: `${root} is not read: ${reason}`, path: null })),
      ],
      environments: this.policySource.policy.environments.map(({ name, class: kind }) => ({
        name,
        class: kind,
        source: this.addresses.get(name)?.source ?? null,
      })),
    };
  }

  #historySummary(history: HistoryState): HistorySummary {
    const { tool, toolVersion, dialect, ignored } = history.input.history;
    const name = runnerName(history.input.history) ?? TOOLS.plain.name;
    return {
      folder: this.folder,
      id: history.id,
      tool,
      label: toolVersion === null ? name : `${name} ${toolVersion}`,
      root: history.root,
      dialect,
      major: this.project.config.postgresVersion ?? DEFAULT_SERVER_MAJOR,
      majorAssumed: this.project.config.postgresVersion === null,
      migrations: history.reading.overviews.map((overview) => this.#migrationSummary(history, overview)),
      ignored,
    };
  }

  #migrationSummary(history: HistoryState, overview: MigrationOverview): MigrationSummary {
    return {
      key: { folder: this.folder, history: history.id, migration: overview.migration.id },
      path: history.pathOf(overview.migration),
      isNew: overview.isNew,
      status: overview.isNew && overview.analysis.statements.length <= MOST_STATEMENTS ? statusLines(overview) : null,
    };
  }
}

export function statusLines({ status }: MigrationOverview): readonly StatusLine[] {
  return STATUS_KINDS.map((kind) => ({ kind, ...status[kind] }));
}
