// What `lint` needs of a workspace too, apart from workspace.ts so that `lint` loads neither rollback nor policy.
import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { AnalysisSettings } from '../core/analyze.ts';
import { DEFAULT_SERVER_MAJOR, SERVER_MAJORS } from '../core/catalog/catalog.ts';
import type { ServerMajor } from '../core/catalog/catalog.ts';
import { CONFIG_FILE } from '../core/config.ts';
import type { Config } from '../core/config.ts';
import type { Project } from '../node/project.ts';
import { UsageError } from './command.ts';
import type { Invocation } from './command.ts';

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
  // Who names paths, or pipes a text, knows what there is.
  if (call.operands.length > 0 || call.flag('stdin')) return;
  for (const { root, reason } of project.unsupported)
    call.terminal.error(`lockkeeper: ${root} is not read: ${reason}\n`);
}

/** A mistyped `--since`, or one that a shallow clone does not hold, must not pass for "everything is new". @throws UsageError */
export function demandSince(call: Invocation, project: Project): void {
  const since = call.value('since');
  if (since !== undefined && project.comparedWith() === null) {
    throw new UsageError(`--since ${since}: git knows no such branch, tag or commit in ${project.root}.`);
  }
}
