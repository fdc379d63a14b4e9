import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { analyzeHistory } from '../core/analyze.ts';
import type { AnalysisSettings, HistoryAnalysis } from '../core/analyze.ts';
import type { Config } from '../core/config.ts';
import { historyOverview, saidAfter } from '../core/overview.ts';
import type { Knowledge, MigrationOverview } from '../core/overview.ts';
import type { Policy } from '../core/policy/policy.ts';
import type { Parser } from '../core/sql/parser.ts';
import type { AppliedState } from '../core/status.ts';
import type { History } from '../core/tools/tool.ts';
import { LintFactsReader, today } from '../node/lintFacts.ts';
import { openProject } from '../node/project.ts';
import type { Project } from '../node/project.ts';
import { evidenceStore } from '../node/records.ts';
import { trustedPolicy } from '../node/trustedPolicy.ts';
import type { TrustedPolicy } from '../node/trustedPolicy.ts';
import { loadParserFor } from '../node/wasm.ts';
import { readKnowledge } from '../node/workflow/knowledge.ts';
import type { Invocation, Option } from './command.ts';
import { analysisSettings, demandSince, findRoot, tellProblems } from './settings.ts';

/** For commands that a gate decides. */
export const POLICY_REF: Option = {
  name: 'policy-ref',
  value: 'REF',
  description: "read what environments demand from this git ref (default: the remote's default branch)",
};

/** A workspace opened for a command: everything that the files tell. */
export interface OpenWorkspace {
  readonly project: Project;
  readonly cwd: string;
  readonly parser: Parser;
  readonly settings: AnalysisSettings;
  readonly policy: Policy;
  /** Where the policy was read. */
  readonly policySource: TrustedPolicy;
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
  readonly applied?: (
    project: Project,
    policy: Policy,
  ) => Promise<ReadonlyMap<string, ReadonlyMap<string, readonly AppliedState[]>>>;
}

/** Opens the workspace around the current folder (or `--root`): histories, analyses, records, evidence. */
export async function openWorkspace(call: Invocation, options: OpenOptions = {}): Promise<OpenWorkspace> {
  const project = openProject(findRoot(call), { since: call.value('since') });
  tellProblems(call, project);
  demandSince(call, project);
  const settings = analysisSettings(call, project.config);
  const store = evidenceStore(project.root, call.terminal.environment);
  const [parser, knowledge] = await Promise.all([loadParserFor(project.histories), readKnowledge(project.root, store)]);
  const policySource = trustedPolicy(project.root, project.config, call.value('policy-ref'));
  const applied = await options.applied?.(project, policySource.policy);
  const facts = new LintFactsReader(project);
  let said: ReadonlySet<string> = new Set();
  const histories = project.histories.map((history): OpenHistory => {
    const analysis = analyzeHistory(history, { parser, settings });
    const fresh = project.newMigrations(history);
    const appliedHere = applied?.get(history.id) ?? null;
    const isNew = ({ id }: { readonly id: string }): boolean => fresh.has(id);
    const migrations = historyOverview({
      analysis,
      isNew,
      config: project.config,
      policy: policySource.policy,
      knowledge: { ...knowledge, applied: appliedHere },
      facts: facts.read(analysis, isNew, today()),
      said,
    });
    said = saidAfter(migrations, said);
    return { history, folder: resolve(project.root, history.root), analysis, migrations };
  });
  return {
    project,
    cwd: call.terminal.cwd,
    parser,
    settings,
    policy: policySource.policy,
    policySource,
    knowledge,
    store,
    tableRows: tableRows(project.config),
    histories,
  };
}

/** Where throw-away servers keep binaries and data. */
export function serverCache(call: Invocation): string {
  const cache = call.terminal.environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'lockkeeper', 'servers');
}

function tableRows(config: Config): Record<string, number> {
  return Object.fromEntries(
    Object.entries(config.sizes).flatMap(([table, { rows }]) =>
      rows === null ? [] : [[table.includes('.') ? table : `public.${table}`, rows] as const],
    ),
  );
}
