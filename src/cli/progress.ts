import type { Invocation } from './command.ts';
import { visibleControls } from './visibleControls.ts';

/** One line on standard error that says what is being done; nothing where nobody watches. */
export interface ProgressLine {
  readonly show: (message: string) => void;
  readonly clear: () => void;
}

/** @param title stays in front of every message */
export function progressLine(call: Invocation, title: string): ProgressLine {
  if (!process.stderr.isTTY) {
    let last = '';
    return {
      // In a log each step once, without what changes within a step.
      show: (message) => {
        const step = message.replace(/ .*$/s, '');
        if (step !== last && !call.json) call.terminal.error(`${title}: ${message}\n`);
        last = step;
      },
      clear: () => undefined,
    };
  }
  const width = process.stderr.columns || 80;
  return {
    show: (message) => {
      process.stderr.write(`\r\u001b[2K${visibleControls(`${title}: ${message}`).slice(0, width - 1)}`);
    },
    clear: () => {
      process.stderr.write('\r\u001b[2K');
    },
  };
}
