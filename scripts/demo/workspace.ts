import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const EXAMPLE = 'examples/saas';
const MIGRATIONS = 'prisma/migrations';
/** What the branch adds; everything before it is on `main` and applied. */
export const UNSAFE = '20260301100000_order_customer_reference';

/**
 * A copy of the example as a developer has it: `main` with the applied migrations, and a branch with one new migration.
 * Without git it is a plain folder, and `lockkeeper` takes every migration for new.
 *
 * @returns the workspace's path
 */
export function makeWorkspace(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(EXAMPLE, folder, { recursive: true, filter: (path) => !path.includes(UNSAFE) && !path.includes('safe-form') });
  const git = (...args: string[]): void => {
    spawnSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
      cwd: folder,
      stdio: 'ignore',
    });
  };
  git('init', '--quiet', '--initial-branch=main');
  git('add', '-A');
  git('commit', '--quiet', '-m', 'What production runs today');
  git('checkout', '--quiet', '-b', 'order-references');
  cpSync(join(EXAMPLE, MIGRATIONS, UNSAFE), join(folder, MIGRATIONS, UNSAFE), { recursive: true });
  return folder;
}

/** The branch thinks again: the unsafe migration goes, its safe form comes. Returns the new migrations' ids. */
export function takeSafeForm(folder: string): readonly string[] {
  rmSync(join(folder, MIGRATIONS, UNSAFE), { recursive: true });
  const safe = join(EXAMPLE, 'safe-form/migrations');
  cpSync(safe, join(folder, MIGRATIONS), { recursive: true });
  return readdirSync(safe).sort();
}
