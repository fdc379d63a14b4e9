import { explainLines } from '../core/explain.ts';
import { explainText } from '../core/report/explainText.ts';
import { EXIT, UsageError } from './command.ts';
import type { Command, ExitCode, Invocation } from './command.ts';
import { openTargets } from './targets.ts';

export const explain: Command = {
  name: 'explain',
  summary: 'say what each statement locks and costs',
  operands: '[PATH…]',
  description: [
    'For each statement: the relations that it touches, the strongest lock on each, and the work that grows with the',
    'table. A folder is one history. With --format json, JSON lines: one object a statement.',
  ].join('\n'),
  options: [],
  examples: ['lockkeeper explain prisma/migrations', 'lockkeeper explain --format json migrations > effects.jsonl'],
  run: runExplain,
};

async function runExplain(call: Invocation): Promise<ExitCode> {
  const { targets } = await openTargets(call);
  if (targets.length === 0)
    throw new UsageError('there is nothing to explain here. Name a file or a folder of migrations.');
  for (const { analyse, speaks, displayName } of targets) {
    const analysis = analyse();
    if (call.json) {
      for (const { migration, line } of explainLines(analysis)) {
        if (!speaks(migration)) continue;
        call.terminal.out(`${JSON.stringify({ ...line, file: displayName(line.file) })}\n`);
      }
    } else {
      const told = new Set<string>();
      for (const each of analysis.migrations.filter(({ migration }) => speaks(migration))) {
        call.terminal.out(
          explainText(each, { colours: call.terminal.colour, name: displayName(each.migration.path), told }),
        );
      }
    }
  }
  return EXIT.ok;
}
