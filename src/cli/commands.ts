import type { CommandEntry } from './command.ts';
import { QUICK_COMMANDS } from './quickCommands.ts';

/** All commands. */
export const COMMANDS: readonly CommandEntry[] = [
  ...QUICK_COMMANDS,
  {
    name: 'scan',
    summary: 'rank the old migrations by what they would do if they ran today',
    load: async () => (await import('./scan.ts')).scan,
  },
  {
    name: 'rollback',
    summary: 'write the down script of a migration',
    load: async () => (await import('./rollback.ts')).rollback,
  },
  {
    name: 'profile',
    summary: 'run a migration on staging and measure locks and time',
    load: async () => (await import('./profile.ts')).profile,
  },
  {
    name: 'test-rollback',
    summary: 'run a migration up, down and up again, and compare',
    load: async () => (await import('./testRollback.ts')).testRollback,
  },
  {
    name: 'stats',
    summary: "pull production's sizes and shapes, never a value",
    load: async () => (await import('./stats.ts')).stats,
  },
  {
    name: 'approve',
    summary: 'record an approval for the exact bytes of a migration',
    load: async () => (await import('./approve.ts')).approve,
  },
  {
    name: 'check',
    summary: 'say whether the gate of an environment is open',
    load: async () => (await import('./check.ts')).check,
  },
  {
    name: 'apply',
    summary: 'apply pending migrations behind the gate',
    load: async () => (await import('./apply.ts')).apply,
  },
  {
    name: 'verify',
    summary: 'check a database after migrations were applied',
    load: async () => (await import('./verify.ts')).verify,
  },
  {
    name: 'clean',
    summary: 'remove what crashed runs left behind',
    load: async () => (await import('./clean.ts')).clean,
  },
  {
    name: 'status',
    summary: 'show where every migration stands',
    load: async () => (await import('./status.ts')).status,
  },
];
