import type { CommandEntry } from './command.ts';

/**
 * Commands that only read files, and have to start fast: `start.ts` runs them from a program of their own, without what
 * speaks to servers.
 */
export const QUICK_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'lint',
    summary: 'find what migrations would block, break or lose',
    load: async () => (await import('./lint.ts')).lint,
  },
  {
    name: 'explain',
    summary: 'say what each statement locks and costs',
    load: async () => (await import('./explain.ts')).explain,
  },
];
