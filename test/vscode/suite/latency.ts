import { suiteRunner } from './support/runner.ts';
import { latency } from './parts/latency.ts';

/** 5,000 lines of ordinary statements in one new file. */
export const run = suiteRunner(() => {
  latency();
});
