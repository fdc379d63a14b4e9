import { statisticsSummary } from '../../core/report/statisticsSummary.ts';
import { productionServersFile } from '../../node/productionServers.ts';
import { pullStatistics as pull } from '../../node/pullStatistics.ts';
import { writeStatistics } from '../../node/statistics/files.ts';
import { environmentTarget, namedEnvironment } from '../../node/workflow/stagingTarget.ts';
import type { RequestContext } from './channel.ts';
import type { Engine } from './engine.ts';
import type { Parameters, PulledStatistics } from './protocol.ts';
import { allAddresses } from './requests.ts';

/** Reads an environment's sizes and shapes, never a value, and writes them into the folder. Findings follow by themselves. */
export async function pullStatistics(
  engine: Engine,
  { folder: path, environment: name, addresses }: Parameters<'pullStatistics'>,
  { signal, progress }: RequestContext,
): Promise<PulledStatistics> {
  const folder = engine.locateFolder(path);
  const environment = namedEnvironment(folder.policySource.policy, name);
  progress({ message: 'one read-only query of the catalogs' });
  const statistics = await pull({
    environment: environmentTarget(environment, allAddresses(folder, addresses)),
    productionServersFile: productionServersFile(),
    signal,
  });
  const file = await writeStatistics(folder.project.root, name, statistics);
  await engine.reread();
  return { file, summary: statisticsSummary(statistics) };
}
