import { gravest, lintHistory } from '../core/lint.ts';
import type { FileLint } from '../core/lint.ts';
import { lintJson } from '../core/report/lintJson.ts';
import { lintText } from '../core/report/lintText.ts';
import { SEVERITIES } from '../core/rules/rule.ts';
import { EXIT, UsageError } from './command.ts';
import type { Command, ExitCode, Invocation } from './command.ts';
import { openTargets } from './targets.ts';

export const lint: Command = {
  name: 'lint',
  summary: 'find what migrations would block, break or lose',
  operands: '[PATH…]',
  description: [
    'Without a path, the new migrations of every history in the workspace: those not on the default branch. Paths that',
    'are named always speak: a folder is one history, a file is read after what comes before it in its history.',
    'Earlier migrations only feed the catalog. Nothing is written, and no server is needed.',
  ].join('\n'),
  options: [
    { name: 'since', value: 'REF', description: 'only migrations that are not in this git ref' },
    {
      name: 'fail-on',
      value: 'SEVERITY',
      description: 'exit with 1 from this severity on: error (default), warning, information, hint, or never',
    },
  ],
  examples: [
    'lockkeeper lint',
    'lockkeeper lint prisma/migrations',
    'lockkeeper lint --since origin/main --format json',
  ],
  run: runLint,
};

async function runLint(call: Invocation): Promise<ExitCode> {
  const failOn = call.value('fail-on') ?? 'error';
  const threshold = failOn === 'never' ? -1 : SEVERITIES.findIndex((severity) => severity === failOn);
  if (threshold < 0 && failOn !== 'never') {
    throw new UsageError(`--fail-on ${failOn}: it is one of ${SEVERITIES.join(', ')}, never.`);
  }
  const { targets, config } = await openTargets(call);
  const names = new Map<FileLint, string>();
  const files = targets.flatMap(({ analysis, speaks, mayEdit, displayName }) => {
    const result = lintHistory(analysis, { speaks, mayEdit, config });
    for (const file of result.files) names.set(file, displayName(file.file));
    return result.files;
  });
  const nameOf = (file: FileLint): string => names.get(file) ?? file.file;
  call.terminal.out(
    call.json
      ? `${JSON.stringify(lintJson(files, nameOf))}\n`
      : lintText(files, { colours: call.terminal.colour, nameOf }),
  );
  const worst = gravest(files.flatMap(({ findings }) => findings));
  return worst !== null && SEVERITIES.indexOf(worst) <= threshold ? EXIT.against : EXIT.ok;
}
