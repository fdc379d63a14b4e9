import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { existsSync } from 'node:fs';
import { analyzeHistory } from '../core/analyze.ts';
import type { AnalysisSettings, HistoryAnalysis } from '../core/analyze.ts';
import { DEFAULT_SERVER_MAJOR, SERVER_MAJORS } from '../core/catalog/catalog.ts';
import type { ServerMajor } from '../core/catalog/catalog.ts';
import { CONFIG_FILE } from '../core/config.ts';
import type { Config } from '../core/config.ts';
import { historyOverview } from '../core/overview.ts';
import type { Knowledge, MigrationOverview } from '../core/overview.ts';
import type { Policy } from '../core/policy/policy.ts';
import type { Parser } from '../core/sql/parser.ts';
import type { AppliedState } from '../core/status.ts';
import type { History } from '../core/tools/tool.ts';
import { openProject } from '../node/project.ts';
import type { Project } from '../node/project.ts';
import { evidenceStore } from '../node/records.ts';
import { loadParserFor } from '../node/wasm.ts';
import { readKnowledge } from '../node/workflow/knowledge.ts';
import { UsageError } from './command.ts';
import type { Invocation } from './command.ts';

/** A workspace opened for a command: everything that the files tell. */
export interface OpenWorkspace {
  readonly project: Project;
  readonly cwd: string;
  readonly parser: Parser;
  readonly settings: AnalysisSettings;
  readonly policy: Policy;
  readonly knowledge: Knowledge;
  /** Where the user's evidence lies. */
  readonly store: string;
  /** Rows by quoted table name, as typed in the configuration. */
  readonly tableRows: Readonly<Record<string, number>>;
  readonly histories: readonly OpenHistory[];
}

export interface OpenHistory {
  readonly history: History;
  /** Absolute. */
  readonly folder: string;
  readonly analysis: HistoryAnalysis;
  readonly migrations: readonly MigrationOverview[];
}

export interface OpenOptions {
  /** Asks environments what is applied; by history id, then migration id. */
  readonly applied?: (project: Project) => Promise<ReadonlyMap<string, ReadonlyMap<string, readonly AppliedState[]>>>;
}

/** Opens the workspace around the current folder (or `--root`): histories, analyses, records, evidence. */
export async function openWorkspace(call: Invocation, options: OpenOptions = {}): Promise<OpenWorkspace> {
  const project = openProject(findRoot(call));
  tellProblems(call, project);
  const settings = analysisSettings(call, project.config);
  const store = evidenceStore(project.root, call.terminal.environment);
  const [parser, knowledge] = await Promise.all([loadParserFor(project.histories), readKnowledge(project.root, store)]);
  const applied = await options.applied?.(project);
  const histories = project.histories.map((history): OpenHistory => {
    const analysis = analyzeHistory(history, { parser, settings });
    const fresh = project.newMigrations(history);
    const appliedHere = applied?.get(history.id) ?? null;
    return {
      history,
      folder: resolve(project.root, history.root),
      analysis,
      migrations: historyOverview({
        analysis,
        isNew: ({ id }) => fresh.has(id),
        config: project.config,
        policy: project.config.policy,
        knowledge: { ...knowledge, applied: appliedHere },
      }),
    };
  });
  return {
    project,
    cwd: call.terminal.cwd,
    parser,
    settings,
    policy: project.config.policy,
    knowledge,
    store,
    tableRows: tableRows(project.config),
    histories,
  };
}

/** The settings that the analysis assumes: `--postgres`, else the configuration, else defaults. @throws UsageError */
export function analysisSettings(call: Invocation, config: Config): AnalysisSettings {
  const asked = call.value('postgres');
  const major = SERVER_MAJORS.find((known) => String(known) === asked);
  if (asked !== undefined && major === undefined) {
    throw new UsageError(`--postgres ${asked}: Lockkeeper knows the major versions ${SERVER_MAJORS.join(', ')}.`);
  }
  const settled: ServerMajor = major ?? config.postgresVersion ?? DEFAULT_SERVER_MAJOR;
  return { major: settled, timeZone: config.timeZone };
}

/** `--root`, else the nearest folder upwards with lockkeeper.jsonc, else the repository's, else the current one. */
export function findRoot(call: Invocation): string {
  const given = call.value('root');
  if (given !== undefined) {
    const root = resolve(call.terminal.cwd, given);
    if (!existsSync(root)) throw new UsageError(`--root ${given}: there is no such folder.`);
    return root;
  }
  const start = realpathSync(call.terminal.cwd);
  return nearest(start, CONFIG_FILE) ?? nearest(start, '.git') ?? start;
}

function nearest(start: string, name: string): string | undefined {
  for (let folder = start; ; folder = resolve(folder, '..')) {
    if (existsSync(join(folder, name))) return folder;
    if (folder === resolve(folder, '..')) return undefined;
  }
}

/** Says what is wrong with configuration and files; a wrong configuration ends the command. @throws UsageError */
export function tellProblems(call: Invocation, project: Project): void {
  const errors = project.configProblems.filter(({ severity }) => severity === 'error');
  for (const { message } of project.configProblems.filter(({ severity }) => severity === 'warning')) {
    call.terminal.error(`lockkeeper: ${CONFIG_FILE}: ${message}\n`);
  }
  if (errors.length > 0) throw new UsageError(`${CONFIG_FILE}: ${errors.map(({ message }) => message).join('; ')}`);
  for (const { path, message } of project.troubles) call.terminal.error(`lockkeeper: ${path}: ${message}\n`);
}

/** Where throw-away servers keep binaries and data. */
export function serverCache(call: Invocation): string {
  const home = call.terminal.environment['XDG_CACHE_HOME'] ?? join(call.terminal.environment['HOME'] ?? '.', '.cache');
  return join(home, 'lockkeeper', 'servers');
}

function tableRows(config: Config): Record<string, number> {
  return Object.fromEntries(
    Object.entries(config.sizes).flatMap(([table, { rows }]) =>
      rows === null ? [] : [[table.includes('.') ? table : `public.${table}`, rows] as const],
    ),
  );
}
