import { commands, Disposable, workspace } from 'vscode';
import { apply } from './commands/apply.ts';
import { approve } from './commands/approve.ts';
import { check } from './commands/check.ts';
import { cleanUp } from './commands/cleanUp.ts';
import { forgetEnvironmentUrl, setEnvironmentUrl } from './commands/environments.ts';
import { showFixSteps } from './commands/fixSteps.ts';
import { profile, profileWithOptions } from './commands/profile.ts';
import {
  explainStatement,
  goToMigration,
  openConfiguration,
  openMigration,
  openProductionSetting,
  refresh,
  scanHistory,
  showRule,
} from './commands/show.ts';
import { compareWithLastRun, exportReport, openReport } from './commands/stagingReports.ts';
import { copyStatisticsQuery, pullStatistics } from './commands/statistics.ts';
import { createRevertMigration } from './commands/revertMigration.ts';
import { compareRollback, testRollback } from './commands/testRollback.ts';
import { verify } from './commands/verify.ts';
import { waive } from './commands/waive.ts';
import { writeRollback } from './commands/writeRollback.ts';
import { CommandError, showError } from './errors.ts';
import type { Services } from './services.ts';

interface Command {
  /** As in package.json, where the editor reads it; a test holds the two together. */
  readonly title: string;
  /** Runs something of the workspace's or connects somewhere: not in Restricted Mode. */
  readonly needsTrust: boolean;
  /** In the palette. Others are called by rows and links. */
  readonly palette: boolean;
  readonly run: (services: Services, argument: unknown) => Promise<void>;
}

/** Every command, once. The prefix `lockkeeper.` is added in `registerCommands` only. */
export const COMMANDS = {
  writeRollback: { title: 'Write Rollback', needsTrust: false, palette: true, run: writeRollback },
  testRollback: { title: 'Test Rollback', needsTrust: true, palette: true, run: testRollback },
  compareRollback: { title: 'Compare Rollback with Mine', needsTrust: true, palette: true, run: compareRollback },
  createRevertMigration: {
    title: 'Create Revert Migration',
    needsTrust: false,
    palette: true,
    run: createRevertMigration,
  },
  profile: { title: 'Profile on Staging', needsTrust: true, palette: true, run: profile },
  profileWithOptions: {
    title: 'Profile on Staging with Options…',
    needsTrust: true,
    palette: true,
    run: profileWithOptions,
  },
  openReport: { title: 'Open Staging Report', needsTrust: false, palette: true, run: openReport },
  compareWithLastRun: { title: 'Compare with Last Run', needsTrust: false, palette: true, run: compareWithLastRun },
  exportReport: { title: 'Export Staging Report…', needsTrust: false, palette: true, run: exportReport },
  approve: { title: 'Approve', needsTrust: true, palette: true, run: approve },
  check: { title: 'Check Gate', needsTrust: true, palette: true, run: check },
  apply: { title: 'Apply Migrations', needsTrust: true, palette: true, run: apply },
  verify: { title: 'Verify Environment', needsTrust: true, palette: true, run: verify },
  pullStatistics: { title: 'Pull Statistics', needsTrust: true, palette: true, run: pullStatistics },
  copyStatisticsQuery: {
    title: 'Copy Statistics Query',
    needsTrust: false,
    palette: true,
    run: copyStatisticsQuery,
  },
  cleanUp: { title: 'Clean Up', needsTrust: true, palette: true, run: cleanUp },
  setEnvironmentUrl: { title: 'Set Environment URL', needsTrust: true, palette: true, run: setEnvironmentUrl },
  forgetEnvironmentUrl: {
    title: 'Forget Environment URL',
    needsTrust: false,
    palette: true,
    run: forgetEnvironmentUrl,
  },
  explainStatement: { title: 'Explain Statement', needsTrust: false, palette: true, run: explainStatement },
  goToMigration: { title: 'Go to Migration…', needsTrust: false, palette: true, run: goToMigration },
  scanHistory: { title: 'Scan History', needsTrust: false, palette: true, run: scanHistory },
  openConfiguration: { title: 'Open lockkeeper.jsonc', needsTrust: false, palette: true, run: openConfiguration },
  refresh: { title: 'Refresh', needsTrust: false, palette: true, run: refresh },
  openMigration: { title: 'Open Migration', needsTrust: false, palette: false, run: openMigration },
  waive: { title: 'Accept a Finding', needsTrust: false, palette: false, run: waive },
  showFixSteps: { title: 'Show the Steps of a Fix', needsTrust: false, palette: false, run: showFixSteps },
  showRule: { title: 'Show Rule', needsTrust: false, palette: false, run: showRule },
  openProductionSetting: {
    title: 'Open the Production Setting',
    needsTrust: false,
    palette: false,
    run: openProductionSetting,
  },
} as const satisfies Readonly<Record<string, Command>>;

export type CommandId = `lockkeeper.${keyof typeof COMMANDS}`;

/** Registers the whole table; whatever a command throws is worded and shown in one place. */
export function registerCommands(services: Services): Disposable {
  const registrations = Object.entries<Command>(COMMANDS).map(([name, command]) =>
    commands.registerCommand(`lockkeeper.${name}`, async (argument: unknown) => {
      try {
        if (command.needsTrust && !workspace.isTrusted) throw restricted(command);
        await command.run(services, argument);
      } catch (error) {
        void showError(command.title, error, services.log);
      }
    }),
  );
  return Disposable.from(...registrations);
}

function restricted(command: Command): CommandError {
  return new CommandError(
    `"${command.title}" is off in Restricted Mode, because the files of this folder are not trusted.`,
    {
      title: 'Manage Workspace Trust',
      command: 'workbench.trust.manage',
    },
  );
}
