import { suiteRunner } from './support/runner.ts';
import { manifest } from './parts/manifest.ts';
import { typing } from './parts/typing.ts';
import { lockImpact } from './parts/lockImpact.ts';
import { hover } from './parts/hover.ts';
import { quickFixes } from './parts/quickFixes.ts';
import { tree } from './parts/tree.ts';
import { scan } from './parts/scan.ts';
import { rollback } from './parts/rollback.ts';

/** The example SaaS on a branch with one new, unsafe migration. */
export const run = suiteRunner(() => {
  manifest();
  typing();
  hover();
  lockImpact();
  quickFixes();
  tree();
  rollback();
  scan();
});
