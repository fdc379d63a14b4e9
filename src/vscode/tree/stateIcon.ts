import { ThemeColor, ThemeIcon } from 'vscode';
import type { StatusState } from '../../core/status.ts';

/** Shape and colour say the same, so that neither has to be told apart alone. */
const ICONS: Readonly<Record<StatusState, ThemeIcon>> = {
  ok: new ThemeIcon('pass', new ThemeColor('testing.iconPassed')),
  attention: new ThemeIcon('warning', new ThemeColor('list.warningForeground')),
  problem: new ThemeIcon('error', new ThemeColor('list.errorForeground')),
  missing: new ThemeIcon('circle-large-outline', new ThemeColor('list.warningForeground')),
  stale: new ThemeIcon('history', new ThemeColor('list.warningForeground')),
  none: new ThemeIcon('circle-outline', new ThemeColor('disabledForeground')),
};

/** For screen readers, which see no icon. */
const SPOKEN: Readonly<Record<StatusState, string>> = {
  ok: 'in order',
  attention: 'needs a look',
  problem: 'problem',
  missing: 'missing',
  stale: 'stale',
  none: 'not demanded',
};

const WORST_FIRST: readonly StatusState[] = ['problem', 'stale', 'attention', 'missing', 'ok', 'none'];

export function stateIcon(state: StatusState): ThemeIcon {
  return ICONS[state];
}

export function spokenState(state: StatusState): string {
  return SPOKEN[state];
}

/** The state that a whole migration shows. */
export function worstState(states: readonly StatusState[]): StatusState {
  return WORST_FIRST.find((state) => states.includes(state)) ?? 'none';
}
