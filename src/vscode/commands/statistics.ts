import { env, ProgressLocation, Uri, window } from 'vscode';
import { STATISTICS_QUERY } from '../../core/statistics/statisticsQuery.ts';
import type { Services } from '../services.ts';
import { addressesWith, pickEnvironment, pickFolder } from './pick.ts';

/** Pulls an environment's sizes and shapes into `.lockkeeper/statistics`, so that findings are weighed by them. */
export async function pullStatistics(services: Services, argument: unknown): Promise<void> {
  const { folder } = await pickFolder(services, argument);
  const environment = await pickEnvironment(services, folder, 'Pull the statistics of which environment?');
  const addresses = await addressesWith(services, folder, environment);
  const { file, summary } = await window.withProgress(
    { location: ProgressLocation.Notification, title: `Pulling statistics of ${environment.name}`, cancellable: true },
    (progress, token) =>
      services.engine.call(
        'pullStatistics',
        { folder, environment: environment.name, addresses },
        {
          token,
          onProgress: (step) => {
            progress.report(step);
          },
        },
      ),
  );
  services.log.info(summary);
  const show = 'Open File';
  const [head = ''] = summary.split('\n');
  const choice = await window.showInformationMessage(`${head}. Names and numbers, no values. Commit the file.`, show);
  if (choice === show) await window.showTextDocument(Uri.file(file));
}

/** For a database that only somebody else may ask: the query whose one cell is the content of the statistics file. */
export async function copyStatisticsQuery(): Promise<void> {
  await env.clipboard.writeText(`${STATISTICS_QUERY};\n`);
  void window.showInformationMessage(
    'Copied: one read-only query of the catalogs, for whoever may run it. Save its single cell as .lockkeeper/statistics/<environment>.json.',
  );
}
