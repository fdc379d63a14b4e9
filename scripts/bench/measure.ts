import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';

/** One thing that is timed. */
export interface Candidate {
  readonly name: string;
  readonly run: () => void;
}

/**
 * Times candidates in turns (a, b, a, b …), so that whatever else the machine does hits all of them alike.
 *
 * @returns median milliseconds of each candidate, in their order
 */
export function interleaved(candidates: readonly Candidate[], rounds: number): number[] {
  const times = candidates.map((): number[] => []);
  for (const candidate of candidates) candidate.run();
  for (let round = 0; round < rounds; round += 1) {
    candidates.forEach((candidate, index) => {
      const started = performance.now();
      candidate.run();
      times[index]?.push(performance.now() - started);
    });
  }
  return times.map((list) => quantile(list, 0.5));
}

export function timed<T>(run: () => T): { readonly milliseconds: number; readonly value: T } {
  const started = performance.now();
  const value = run();
  return { milliseconds: performance.now() - started, value };
}

/** The value below which the share `q` of the values lies. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** A process run to its end; findings (exit code 1) are no failure here. */
export function command(name: string, file: string, args: readonly string[]): Candidate {
  return {
    name,
    run: () => {
      const { error, status, stderr } = spawnSync(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      if (error) throw error;
      if (status === null || status > 1)
        throw new Error(`${name} ended with ${String(status)}: ${stderr.toString().slice(0, 400)}`);
    },
  };
}

/** One line of the bench's table. */
export interface Figure {
  readonly what: string;
  readonly measured: string;
  readonly goal: string;
  readonly reached: boolean | null;
}

/** Prints the table; says what missed its goal. */
export function printFigures(figures: readonly Figure[]): void {
  const width = Math.max(...figures.map(({ what }) => what.length));
  for (const { what, measured, goal, reached } of figures) {
    const verdict = reached === null ? 'not run' : reached ? 'reached' : 'MISSED';
    process.stdout.write(`${what.padEnd(width)}  ${measured.padEnd(34)}  goal: ${goal.padEnd(26)} ${verdict}\n`);
  }
}
