import { suiteRunner } from './support/runner.ts';
import { empty } from './parts/empty.ts';

/** A folder without migrations. */
export const run = suiteRunner(() => {
  empty();
});
