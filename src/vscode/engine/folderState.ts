import path from 'node:path';
import { CONFIG_FILE } from '../../core/config.ts';
import { TOOLS } from '../../core/tools/registry.ts';
import { loadParserFor } from '../../node/wasm.ts';
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
import { evidenceStore } from '../../node/records.ts';
import { readKnowledge } from '../../node/workflow/knowledge.ts';
import { environmentAddresses } from '../../node/environments.ts';
import type { EnvironmentAddress } from '../../node/environments.ts';
import { DEFAULT_SERVER_MAJOR } from '../../core/catalog/catalog.ts';
import type { MigrationOverview } from '../../core/overview.ts';

const STATUS_KINDS: readonly StatusKind[] = ['lint', 'rollback', 'staging', 'approvals', 'integrity', 'applied'];

/** The status of a larger migration (its rollback above all) takes seconds: it waits until its row is opened. */
const MOST_STATEMENTS = 1000;

/** One folder of the workspace, read and analysed. */
export class FolderState {
  readonly folder: string;
  readonly name: string;
  readonly project: Project;
  readonly histories: readonly HistoryState[];
  /** URLs that this machine knows by itself: variables, the user's environments.jsonc. */
  readonly addresses: ReadonlyMap<string, EnvironmentAddress>;

  private constructor(parts: Pick<FolderState, 'folder' | 'name' | 'project' | 'histories' | 'addresses'>) {
    this.folder = parts.folder;
    this.name = parts.name;
    this.project = parts.project;
    this.histories = parts.histories;
    this.addresses = parts.addresses;
  }

  /** Reads the folder from disk. `earlier` is what was read before: its analyses are used again where nothing changed. */
  static async open(
    { folder, name }: { readonly folder: string; readonly name: string },
    texts: OpenTexts,
    earlier: FolderState | undefined,
  ): Promise<FolderState> {
    const project = openProject(folder);
    const parser = await loadParserFor(project.histories);
    const histories = await Promise.all(
      project.histories.map(async (history) => {
        const newIds = project.newMigrations(history);
        const before = earlier?.histories.find(({ id }) => id === history.id);
        const state = new HistoryState(
          { folder, config: project.config, history, parser, newIds },
          await readKnowledge(folder, evidenceStore(project.root), before?.applied ?? null),
          before,
        );
        state.read(texts);
        return state;
      }),
    );
    const names = project.config.policy.environments.map((environment) => environment.name);
    const { byName: addresses } = await environmentAddresses(names);
    return new FolderState({ folder, name, project, histories, addresses });
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

  changedFindings(texts: OpenTexts): readonly FileFindings[] {
    return this.histories.flatMap((history) => history.changedFindings(texts));
  }

  summary(): FolderSummary {
    const { config, configProblems, troubles, unsupported } = this.project;
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
      environments: config.policy.environments.map(({ name, class: kind }) => ({
        name,
        class: kind,
        source: this.addresses.get(name)?.source ?? null,
      })),
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
