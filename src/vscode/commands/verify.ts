import { ProgressLocation, window } from 'vscode';
import type { Services } from '../services.ts';
import { addressesWith, pickEnvironment, pickHistory } from './pick.ts';
import { showRunResult } from './runResult.ts';

/** Asks an environment whether all came out as it should: invalid indexes, unvalidated constraints, row counts. */
export async function verify(services: Services, argument: unknown): Promise<void> {
  const history = await pickHistory(services, argument);
  const environment = await pickEnvironment(services, history.folder, 'Verify which environment?');
  const addresses = await addressesWith(services, history.folder, environment);
  const result = await window.withProgress(
    { location: ProgressLocation.Notification, title: `Verifying ${environment.name}`, cancellable: true },
    (progress, token) =>
      services.engine.call(
        'verify',
        { folder: history.folder, history: history.id, environment: environment.name, addresses },
        {
          token,
          onProgress: (step) => {
            progress.report(step);
          },
        },
      ),
  );
  await showRunResult(services, `Verified ${environment.name}`, result);
}
