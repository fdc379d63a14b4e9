import { suiteRunner } from './support/runner.ts';
import { oddFiles } from './parts/oddFiles.ts';
import { places } from './parts/places.ts';

/** A plain history of files that people really have. */
export const run = suiteRunner(() => {
  places();
  oddFiles();
});
