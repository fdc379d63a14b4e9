import { scanReport, scanText } from '../core/report/scanReport.ts';
import type { ScannedHistory } from '../core/report/scanReport.ts';
import { sizeLookup } from '../core/rules/sizes.ts';
import { scanHistory } from '../core/scanHistory.ts';
import type { Statistics } from '../core/statistics/statistics.ts';
import { LintFactsReader, today } from '../node/lintFacts.ts';
import { EXIT, UsageError } from './command.ts';
import type { Command, ExitCode, Invocation } from './command.ts';
import { openTargets } from './targets.ts';

export const scan: Command = {
  name: 'scan',
  summary: 'rank the old migrations by what they would do if they ran today',
  operands: '[PATH…]',
  description: [
    'The other way round than lint: the migrations that are on the default branch, the worst first, by kind of work and by',
    'the sizes that tables have now. To see where the next change of a table would hurt, and what your tool has got away with.',
    'Paths that are named are scanned whole. Nothing is asked of anybody: the exit code is 0.',
  ].join('\n'),
  options: [{ name: 'limit', value: 'N', description: 'at most so many (default 20)' }],
  examples: ['lockkeeper scan', 'lockkeeper scan --limit 5 prisma/migrations', 'lockkeeper scan --format json'],
  run: runScan,
};

async function runScan(call: Invocation): Promise<ExitCode> {
  const limit = Number(call.value('limit') ?? 20);
  if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit: a whole number from 1 on.');
  const { targets, config, project } = await openTargets(call);
  const reader = new LintFactsReader(project);
  let statistics: readonly Statistics[] = [];
  const histories = targets.map(({ analyse, speaks, displayName }): ScannedHistory => {
    const analysis = analyse();
    const isNew = call.operands.length > 0 ? () => false : speaks;
    const facts = reader.read(analysis, isNew, today());
    statistics = facts.statistics ?? statistics;
    return {
      id: analysis.history.id,
      scanned: scanHistory(analysis, { speaks: isNew, config, facts }),
      count: analysis.migrations.filter(({ migration }) => !isNew(migration)).length,
      pathOf: displayName,
    };
  });
  const report = scanReport(histories, sizeLookup(config.sizes, statistics));
  call.terminal.out(
    call.json ? `${JSON.stringify({ ...report, rows: report.rows.slice(0, limit) })}\n` : scanText(report, { limit }),
  );
  return EXIT.ok;
}
