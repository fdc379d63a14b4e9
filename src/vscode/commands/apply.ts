import { CancellationError, ProgressLocation, window } from 'vscode';
import type { CheckResult } from '../engine/protocol.ts';
import type { Services } from '../services.ts';
import { productionApplyIsOn } from '../settings.ts';
import { showMissing } from './check.ts';
import { addressesWith, pickEnvironment, pickHistory, saveFirst } from './pick.ts';
import { showRunResult } from './runResult.ts';

/** Applies the new migrations to an environment, through its gate and after the person confirmed both by name. */
export async function apply(services: Services, argument: unknown): Promise<void> {
  const history = await pickHistory(services, argument);
  await saveFirst(history.migrations);
  const environment = await pickEnvironment(services, history.folder, 'Apply to which environment?');
  const addresses = await addressesWith(services, history.folder, environment);
  const target = { folder: history.folder, history: history.id, environment: environment.name, addresses };
  const gate = { ...target, allowProduction: productionApplyIsOn() };
  const result = await services.engine.call('check', { ...gate, purpose: 'apply' });
  if (result.gates.length === 0) {
    void window.showInformationMessage(
      `Nothing to apply to ${environment.name}: all migrations of ${history.id} are there.`,
    );
    return;
  }
  if (!result.gates.every(({ open }) => open)) {
    await showMissing(history, result);
    return;
  }
  await confirm(result);
  const migrations = result.gates.map(({ migration }) => migration);
  const outcome = await window.withProgress(
    { location: ProgressLocation.Notification, title: `Applying to ${environment.name}`, cancellable: true },
    (progress, token) =>
      services.engine.call(
        'apply',
        { ...gate, migrations },
        {
          token,
          onProgress: (step) => {
            progress.report(step);
          },
        },
      ),
  );
  await showRunResult(services, `Applied to ${environment.name}`, outcome);
}

async function confirm({ environment, gates, database }: CheckResult): Promise<void> {
  const kind = environment.class === environment.name ? '' : ` (${environment.class})`;
  const yes = `Apply to ${environment.name}`;
  const names = gates.map(({ migration }) => `• ${migration}`).join('\n');
  const choice = await window.showWarningMessage(
    `Apply ${String(gates.length)} migration${gates.length === 1 ? '' : 's'} to ${environment.name}${kind}?`,
    { modal: true, detail: `${names}\n\nDatabase: ${database ?? 'unknown'}` },
    yes,
  );
  if (choice !== yes) throw new CancellationError();
}
