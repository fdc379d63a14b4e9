import { lintHistory } from '../core/lint.ts';
import { SEVERITIES } from '../core/rules/rule.ts';
import type { Severity } from '../core/rules/rule.ts';
import { sizeLookup } from '../core/rules/sizes.ts';
import { repositoryRoot } from '../node/git.ts';
import type { Statistics } from '../core/statistics/statistics.ts';
import { LintFactsReader, today } from '../node/lintFacts.ts';
import type { Project } from '../node/project.ts';
import { EXIT, UsageError } from './command.ts';
import type { Command, ExitCode, Invocation } from './command.ts';
import { FIX_OPTION, demandFixable, fixTarget, hasFixToOffer } from './lintFixes.ts';
import { lintWriter } from './lintOutput.ts';
import { STDIN_OPTIONS } from './standardInput.ts';
import { openTargets } from './targets.ts';
import { packageVersion } from './version.ts';

export const lint: Command = {
  name: 'lint',
  summary: 'find what migrations would block, break or lose',
  operands: '[PATH…]',
  description: [
    'Without a path, the new migrations of every history in the workspace: those not on the default branch. Paths that',
    'are named always speak: a folder is one history, a file is read after what comes before it in its history.',
    'Earlier migrations only feed the catalog. Nothing is written without --fix, and no server is needed.',
    '',
    'Exit codes: 0 nothing as grave as --fail-on, 1 findings, 2 wrong call or configuration, 3 a file could not be read.',
  ].join('\n'),
  options: [
    {
      name: 'since',
      value: 'REF',
      description:
        'only migrations that this git ref does not hold where the branch left it (the merge base with HEAD)',
    },
    {
      name: 'fail-on',
      value: 'SEVERITY',
      description: 'exit with 1 from this severity on: error (default), warning, information, hint, or never',
    },
    {
      name: 'format',
      value: 'text|json|sarif|markdown',
      description: "people's text (default), JSON, SARIF 2.1.0 for code scanning, or Markdown for a pull request",
    },
    FIX_OPTION,
    ...STDIN_OPTIONS,
  ],
  examples: [
    'lockkeeper lint',
    'lockkeeper lint prisma/migrations',
    'lockkeeper lint --fix',
    'lockkeeper lint --since origin/main --format markdown',
    'lockkeeper lint --format sarif > lockkeeper.sarif',
    'cat new.sql | lockkeeper lint --stdin --stdin-filename migrations/0043_new.sql',
  ],
  run: runLint,
};

async function runLint(call: Invocation): Promise<ExitCode> {
  const threshold = failThreshold(call);
  const { targets, config, project } = await openTargets(call);
  const writer = lintWriter(call, {
    version: packageVersion,
    repository: call.format === 'sarif' ? (repositoryRoot(project.root) ?? project.root) : project.root,
  });
  const reader = new LintFactsReader(project);
  const date = today();
  const severities = new Set<Severity>();
  let said: ReadonlySet<string> | undefined;
  let statistics: readonly Statistics[] = [];
  let offerFixes = false;
  if (call.flag('fix')) demandFixable(call, project);
  for (const named of targets) {
    const found = { ...named, analysis: named.analyse() };
    const facts = reader.read(found.analysis, found.speaks, date);
    statistics = facts.statistics ?? statistics;
    const more = { config, facts, ...(said ? { said } : {}) };
    const target = call.flag('fix') ? await fixTarget(call, found, { ...more, top: project.root }) : found;
    const { analysis, speaks, mayEdit } = target;
    const options = { speaks, mayEdit, fixes: writer.showsFixes, ...more };
    const result = lintHistory(analysis, options);
    offerFixes ||= hasFixToOffer(call, result.files, { analysis, options });
    ({ said } = result);
    for (const { findings } of result.files) for (const { severity } of findings) severities.add(severity);
    writer.add(target, result.files);
  }
  const nothing = nothingNew(call, project);
  call.terminal.out(await writer.finish({ nothing, sizes: sizeLookup(config.sizes, statistics), offerFixes }));
  const worst = SEVERITIES.findIndex((severity) => severities.has(severity));
  return worst >= 0 && worst <= threshold ? EXIT.against : EXIT.ok;
}

/** The last severity, as an index, that makes the command fail; -1: none does. @throws UsageError */
function failThreshold(call: Invocation): number {
  const failOn = call.value('fail-on') ?? 'error';
  const threshold = failOn === 'never' ? -1 : SEVERITIES.findIndex((severity) => severity === failOn);
  if (threshold < 0 && failOn !== 'never') {
    throw new UsageError(`--fail-on ${failOn}: it is one of ${SEVERITIES.join(', ')}, never.`);
  }
  return threshold;
}

/** Why no migration spoke: silence must not pass for "in order". */
function nothingNew(call: Invocation, project: Project): string {
  if (call.operands.length > 0) return 'No migrations there.';
  const count = project.histories.reduce((sum, { migrations }) => sum + migrations.length, 0);
  if (count === 0) return `No migrations were found in ${project.root}.`;
  const compared = project.comparedWith();
  const where = compared === null ? 'none is later than "adoptedAt"' : `all ${String(count)} are on ${compared}`;
  return `No new migrations: ${where}. Name a file or a folder to look at older ones.`;
}
