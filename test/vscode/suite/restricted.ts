import { suiteRunner } from './support/runner.ts';
import { restricted } from './parts/restricted.ts';

/** The same branch in a folder that is not trusted. */
export const run = suiteRunner(() => {
  restricted();
});
