import { performance } from 'node:perf_hooks';

/** What a bench is doing, on standard error: one line that is written over, or in a log each step once, as a plain line. */
export interface BenchProgress {
  /** @param detail what changes within a step: only for a terminal */
  readonly show: (step: string, detail?: string) => void;
  readonly clear: () => void;
}

export function benchProgress(): BenchProgress {
  const begin = performance.now();
  const seconds = (): string => `${String(Math.round((performance.now() - begin) / 1000)).padStart(4)} s  `;
  let last = '';
  if (!process.stderr.isTTY)
    return {
      show: (step) => {
        if (step !== last) process.stderr.write(`${seconds()}${step}\n`);
        last = step;
      },
      clear: () => undefined,
    };
  return {
    show: (step, detail) => {
      const text = `${seconds()}${step}${detail === undefined ? '' : `: ${detail}`}`;
      process.stderr.write(`\r\u001b[2K${text.slice(0, (process.stderr.columns || 80) - 1)}`);
    },
    clear: () => {
      process.stderr.write('\r\u001b[2K');
    },
  };
}
