import { CancellationError, window } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { readRows, readShares } from '../../core/staging/sizingText.ts';
import type { EnvironmentSummary, ProfileRequest } from '../engine/protocol.ts';
import { pick } from './pick.ts';

/** What *Profile on Staging* can be told, beyond where it runs. */
export type ProfileOptions = ProfileRequest['options'];

/** As a plain *Profile on Staging* runs. */
export const DEFAULT_OPTIONS: ProfileOptions = { sizing: {}, rollback: true, lockQueue: true, calibrate: null };

/**
 * Asks for everything that has a default, one list after the other.
 *
 * @param question.sized the rows are made up, so that there is something to choose
 * @param question.environments those with a URL, for the calibration
 * @throws CancellationError
 */
export async function askOptions(question: {
  readonly sized: boolean;
  readonly environments: readonly EnvironmentSummary[];
}): Promise<ProfileOptions> {
  const sizing = question.sized ? await askSizing() : {};
  const parts = await askParts(question.sized ? question.environments : []);
  return { sizing, ...parts };
}

interface SizingChoice extends QuickPickItem {
  readonly ask: () => Promise<ProfileOptions['sizing']>;
}

const SIZINGS: readonly SizingChoice[] = [
  {
    label: 'Sizes in two minutes',
    description: "three shares of production's rows, as large as the time allows",
    ask: () => Promise.resolve({}),
  },
  {
    label: 'Another time budget…',
    description: 'more time, larger shares, better estimates',
    ask: async () => ({
      budget:
        1000 * (await ask('Seconds for all sizes, filling included', '600', seconds, 'A whole number of seconds')),
    }),
  },
  {
    label: "Shares of production's rows…",
    description: 'measured at each, and estimated from them',
    ask: async () => ({
      sizes: await ask("Percentages of production's rows", '5, 10, 20', readShares, 'Percentages such as 5, 10, 20'),
    }),
  },
  {
    label: 'A number of rows…',
    description: 'once, and nothing is estimated',
    ask: async () => ({
      rows: await ask('Rows in each touched table', '1M', readRows, 'A number such as 100000, 500k or 5M'),
    }),
  },
];

async function askSizing(): Promise<ProfileOptions['sizing']> {
  const choice = await pick(SIZINGS, ({ label, description = '' }) => ({ label, description }), 'With how many rows?');
  return choice.ask();
}

async function ask<T>(title: string, value: string, read: (text: string) => T | null, expected: string): Promise<T> {
  const text = await window.showInputBox({
    title,
    value,
    ignoreFocusOut: true,
    validateInput: (typed) => (read(typed) === null ? `${expected}.` : null),
  });
  const answer = text === undefined ? null : read(text);
  if (answer === null) throw new CancellationError();
  return answer;
}

function seconds(text: string): number | null {
  const value = Number(text.trim());
  return Number.isInteger(value) && value > 0 && value <= 86_400 ? value : null;
}

/** What else is run, each by itself. */
async function askParts(environments: readonly EnvironmentSummary[]): Promise<Omit<ProfileOptions, 'sizing'>> {
  const rollback: QuickPickItem = { label: 'Run the rollback too', picked: true };
  const lockQueue: QuickPickItem = {
    label: 'Run it behind a long transaction too',
    description: 'shows what waits behind it, and that lock_timeout ends that',
    picked: true,
  };
  const calibration: QuickPickItem = {
    label: 'Scale estimates by what earlier migrations took',
    description: 'in an environment, read in a read-only session',
  };
  const picked = await window.showQuickPick([rollback, lockQueue, ...(environments.length > 0 ? [calibration] : [])], {
    title: 'What else?',
    canPickMany: true,
  });
  if (picked === undefined) throw new CancellationError();
  return {
    rollback: picked.includes(rollback),
    lockQueue: picked.includes(lockQueue),
    calibrate: picked.includes(calibration) ? await askEnvironment(environments) : null,
  };
}

async function askEnvironment(environments: readonly EnvironmentSummary[]): Promise<string> {
  const [only, ...more] = environments;
  if (only && more.length === 0) return only.name;
  return (await pick(environments, ({ name }) => ({ label: name }), 'By which environment?')).name;
}
