import { commands, window } from 'vscode';
import type { CheckResult, GateSummary, HistorySummary } from '../engine/protocol.ts';
import type { Services } from '../services.ts';
import { productionApplyIsOn } from '../settings.ts';
import { pickEnvironment, pickHistory, saveFirst } from './pick.ts';

type MissingItem = GateSummary['missing'][number];

/** Says whether the new migrations may go to an environment, and if not, all that is missing. */
export async function check(services: Services, argument: unknown): Promise<void> {
  const history = await pickHistory(services, argument);
  await saveFirst(history.migrations);
  const environment = await pickEnvironment(services, history.folder, 'Check the gate of which environment?');
  const addresses = await services.environments.addresses(history.folder);
  const result = await services.engine.call('check', {
    folder: history.folder,
    history: history.id,
    environment: environment.name,
    addresses,
    allowProduction: productionApplyIsOn(),
    purpose: 'check',
  });
  if (result.gates.length === 0) {
    void window.showInformationMessage(`Nothing to check for ${environment.name}: no new migrations in ${history.id}.`);
  } else if (result.gates.every(({ open }) => open)) {
    const names = result.gates.map(({ migration }) => migration).join(', ');
    void window.showInformationMessage(`The gate of ${environment.name} is open for ${names}. ${result.policySource}`);
  } else {
    await showMissing(history, result);
  }
}

/** A closed gate: the list of what is missing; each entry leads to the command that brings it. */
export async function showMissing(history: HistorySummary, result: CheckResult): Promise<void> {
  const items = result.gates.flatMap((gate) =>
    gate.missing.map((missing) => ({
      label: missing.text,
      description: gate.migration,
      detail: actionOf(missing).title,
      gate,
      missing,
    })),
  );
  const picked = await window.showQuickPick(items, {
    title: `The gate of ${result.environment.name} is closed: ${String(items.length)} missing`,
    placeHolder: `Choose what to do next. ${result.policySource}`,
    matchOnDescription: true,
    ignoreFocusOut: true,
  });
  if (picked === undefined) return;
  const target = { folder: history.folder, history: history.id, migration: picked.gate.migration };
  await commands.executeCommand(actionOf(picked.missing).command, { target });
}

function actionOf({ kind, toDo }: MissingItem): { readonly title: string; readonly command: string } {
  switch (kind) {
    case 'evidence':
      return { title: 'Profile on Staging', command: 'lockkeeper.profile' };
    case 'approval':
      return { title: 'Approve', command: 'lockkeeper.approve' };
    case 'switch':
      return { title: 'Open the setting', command: 'lockkeeper.openProductionSetting' };
    case 'record':
      return { title: toDo, command: 'lockkeeper.openMigration' };
  }
}
