import path from 'node:path';
import type { Parser } from '../../core/sql/parser.ts';
import { TOOLS } from '../../core/tools/registry.ts';
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
import { readKnowledge } from './knowledge.ts';
import type { MigrationOverview } from '../../core/overview.ts';

const STATUS_KINDS: readonly StatusKind[] = ['lint', 'rollback', 'staging', 'approvals', 'integrity', 'applied'];

/** One folder of the workspace, read and analysed. */
export class FolderState {
  readonly folder: string;
  readonly name: string;
  readonly project: Project;
  readonly histories: readonly HistoryState[];

  private constructor(folder: string, name: string, project: Project, histories: readonly HistoryState[]) {
    this.folder = folder;
    this.name = name;
    this.project = project;
    this.histories = histories;
  }

  /** Reads the folder from disk. `earlier` is what was read before: its analyses are used again where nothing changed. */
  static async open(
    { folder, name }: { readonly folder: string; readonly name: string },
    parser: Parser,
    texts: OpenTexts,
    earlier: FolderState | undefined,
  ): Promise<FolderState> {
    const project = await openProject(folder);
    const histories = await Promise.all(
      project.histories.map(async (history) => {
        const newIds = new Set((await project.newMigrations(history)).map(({ id }) => id));
        const before = earlier?.histories.find(({ id }) => id === history.id);
        const state = new HistoryState(
          { project, history, parser, newIds },
          await readKnowledge(project, history),
          before,
        );
        state.read(texts);
        return state;
      }),
    );
    return new FolderState(folder, name, project, histories);
  }

  historyOf(file: string): HistoryState | undefined {
    return this.histories.find((history) => history.holds(file));
  }

  history(id: string): HistoryState | undefined {
    return this.histories.find((history) => history.id === id);
  }

  /** Records or evidence changed. */
  async learn(): Promise<void> {
    for (const history of this.histories) history.learn(await readKnowledge(this.project, history.input.history));
  }

  changedFindings(texts: OpenTexts): readonly FileFindings[] {
    return this.histories.flatMap((history) => history.changedFindings(texts));
  }

  summary(): FolderSummary {
    const { config, configProblems } = this.project;
    return {
      folder: this.folder,
      name: this.name,
      histories: this.histories.map((history) => this.#historySummary(history)),
      problems: configProblems.map((message) => ({ message, path: path.join(this.folder, 'lockkeeper.jsonc') })),
      environments: config.policy.environments.map(({ name, class: kind }) => ({ name, class: kind })),
    };
  }

  #historySummary(history: HistoryState): HistorySummary {
    const { tool, toolVersion, dialect, ignored } = history.input.history;
    return {
      folder: this.folder,
      id: history.id,
      tool,
      label: toolVersion === null ? TOOLS[tool].name : `${TOOLS[tool].name} ${toolVersion}`,
      root: history.root,
      dialect,
      major: this.project.config.major,
      majorAssumed: this.project.config.majorAssumed,
      migrations: history.reading.overviews.map((overview) => this.#migrationSummary(history, overview)),
      ignored,
    };
  }

  #migrationSummary(history: HistoryState, overview: MigrationOverview): MigrationSummary {
    return {
      key: { folder: this.folder, history: history.id, migration: overview.migration.id },
      path: history.pathOf(overview.migration),
      isNew: overview.isNew,
      status: overview.isNew ? statusLines(overview) : null,
    };
  }
}

export function statusLines({ status }: MigrationOverview): readonly StatusLine[] {
  return STATUS_KINDS.map((kind) => ({ kind, ...status[kind] }));
}
