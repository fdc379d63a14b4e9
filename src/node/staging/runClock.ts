import { performance } from 'node:perf_hooks';

/** The time of one run. It stands still while something is done that the migration has nothing to do with. */
export class RunClock {
  #begin = performance.now();
  /** When it was stopped; null while it goes. */
  #stopped: number | null = null;

  /** Milliseconds since the run began. */
  readonly now = (): number => (this.#stopped ?? performance.now()) - this.#begin;

  /** The run begins now. */
  restart(): void {
    this.#begin = performance.now();
  }

  /** Does something between two statements that is no part of the run. */
  async aside<T>(work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    this.#stopped = began;
    try {
      return await work();
    } finally {
      this.#begin += performance.now() - began;
      this.#stopped = null;
    }
  }
}
