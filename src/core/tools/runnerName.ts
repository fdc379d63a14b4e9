import { TOOLS } from './registry.ts';
import { RUNNERS } from './runners.ts';
import type { History } from './tool.ts';

/** What runs a history's scripts, as its makers write it; null: plain SQL, run by whatever. */
export function runnerName({ tool, runner }: Pick<History, 'tool' | 'runner'>): string | null {
  if (tool !== 'plain') return TOOLS[tool].name;
  return runner && runner !== 'folders' ? RUNNERS[runner].name : null;
}
