import type { MigrationAnalysis } from '../../core/analyze.ts';
import type { History } from '../../core/tools/tool.ts';
import { RunError } from '../runError.ts';

/** The dialect and the script must be something that a PostgreSQL server can be sent. @throws RunError 'tool' or 'script' */
export function demandRunnable(history: History, analysis: MigrationAnalysis): void {
  if (history.dialect !== 'postgresql')
    throw new RunError('tool', `${history.id} is a MySQL history: Lockkeeper checks its text, and runs nothing.`);
  const { script, migration } = analysis;
  const place = (offset: number): string => `${migration.path}, line ${lineAt(script.text, offset)}`;
  const problem = script.problems[0];
  if (problem) throw new RunError('script', `${place(problem.offset)}: ${problem.message}.`);
  for (const { statement } of analysis.statements) {
    if (statement.error) throw new RunError('script', `${place(statement.error.offset)}: ${statement.error.message}.`);
    // "Too large" is no obstacle to running it; a placeholder is.
    if (statement.notAnalysed !== null && !statement.notAnalysed.includes('large'))
      throw new RunError('script', `${place(statement.start)} cannot be run as it stands: ${statement.notAnalysed}.`);
  }
  const part = script.other.find((one) => one.kind !== 'tool directive');
  if (part) throw new RunError('script', `${place(part.start)} is a ${part.kind}, which only psql can run.`);
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
