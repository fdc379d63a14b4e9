import { relative } from 'node:path';
import { statisticsSummary } from '../core/report/statisticsSummary.ts';
import { statisticsText } from '../core/statistics/statistics.ts';
import { STATISTICS_QUERY } from '../core/statistics/statisticsQuery.ts';
import { productionServersFile } from '../node/productionServers.ts';
import { openProject } from '../node/project.ts';
import { pullStatistics } from '../node/pullStatistics.ts';
import { statisticsPath, writeStatistics } from '../node/statistics/files.ts';
import { trustedPolicy } from '../node/trustedPolicy.ts';
import { environmentTarget, namedEnvironment } from '../node/workflow/stagingTarget.ts';
import { knownAddresses } from './addresses.ts';
import { EXIT, UsageError } from './command.ts';
import type { Command, ExitCode, Invocation } from './command.ts';
import { findRoot, tellProblems } from './settings.ts';

export const stats: Command = {
  name: 'stats',
  summary: "pull production's sizes and shapes, never a value",
  operands: 'pull ENVIRONMENT | query',
  description: [
    'pull reads row counts, bytes, index sizes, null fractions, distinct counts, widths, correlations and write counters from',
    "the catalogs of an environment's database, in one read-only query with short time-outs, and writes them to",
    '.lockkeeper/statistics/ENVIRONMENT.json, to be committed: names and numbers, no value of any row. No table is read.',
    'query prints that query, for somebody else to run where you may not: its single cell is the content of that file.',
  ].join('\n'),
  options: [{ name: 'print', description: 'print the statistics, write nothing' }],
  examples: [
    'lockkeeper stats pull production',
    'lockkeeper stats query | psql -XAt "$PRODUCTION_URL" > .lockkeeper/statistics/production.json',
  ],
  endsInOrder: true,
  run: runStats,
};

async function runStats(call: Invocation): Promise<ExitCode> {
  const [what, name, ...more] = call.operands;
  if (what === 'query' && name === undefined) {
    call.terminal.verbatim(`${STATISTICS_QUERY};\n`);
    return EXIT.ok;
  }
  if (what !== 'pull' || more.length > 0)
    throw new UsageError('stats what? "stats pull ENVIRONMENT" or "stats query".');
  const project = openProject(findRoot(call));
  tellProblems(call, project);
  const { policy } = trustedPolicy(project.root, project.config);
  if (name === undefined) {
    const known = policy.environments.map((one) => one.name).join(', ');
    throw new UsageError(`stats pull of which environment? One of: ${known}.`);
  }
  const environment = environmentTarget(namedEnvironment(policy, name), await knownAddresses(call, policy));
  const statistics = await pullStatistics({
    environment,
    productionServersFile: productionServersFile(call.terminal.environment),
    signal: call.signal,
  });
  if (call.flag('print')) {
    call.terminal.verbatim(statisticsText(statistics));
    return EXIT.ok;
  }
  const file = await writeStatistics(project.root, name, statistics);
  if (call.json) {
    const { takenAt, serverVersion, relations } = statistics;
    call.terminal.out(
      `${JSON.stringify({ environment: name, file: statisticsPath(name), takenAt, serverVersion, relations: relations.size })}\n`,
    );
  } else {
    call.terminal.out(statisticsSummary(statistics));
    call.terminal.out(`Written to ${relative(call.terminal.cwd, file)}: names and numbers, no values. Commit it.\n`);
  }
  return EXIT.ok;
}
