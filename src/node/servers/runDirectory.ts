import { chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './runProgram.ts';
import type { ServerUser } from './serverUser.ts';

const MARKER = 'host.json';

/**
 * A folder for one throw-away server: `<cache>/runs/<random>/data`. It carries a marker with the process that made it,
 * so that another start can tell a running server from what a crashed host left behind.
 */
export async function makeRunDirectory(cache: string, user: ServerUser | null): Promise<string> {
  const runs = join(cache, 'runs');
  await mkdir(runs, { recursive: true, mode: 0o755 });
  const directory = await mkdtemp(join(runs, 's-'));
  await writeFile(
    join(directory, MARKER),
    JSON.stringify({ pid: process.pid, started: await processStart(process.pid) }),
  );
  // The folder belongs to the server's user, who writes the data and its log there; nobody else may look in.
  if (user !== null) await chown(directory, user.uid, user.gid);
  return directory;
}

/** Removes servers and data whose host process is gone. Never throws: leftovers must not hinder a start. */
export async function removeLeftovers(cache: string): Promise<void> {
  const runs = join(cache, 'runs');
  for (const name of await readdir(runs).catch(() => [])) {
    const directory = join(runs, name);
    try {
      if ((await isHostAlive(directory)) === false) await removeRun(directory);
    } catch {
      // Another user's.
    }
  }
}

/** Does the process live that made a run's folder? Null: nobody can tell; it is just being made (no marker yet), or another user's. */
export async function isHostAlive(directory: string): Promise<boolean | null> {
  try {
    const marker = JSON.parse(await readFile(join(directory, MARKER), 'utf8')) as {
      pid: number;
      started: string | null;
    };
    return isAlive(marker.pid) && (await processStart(marker.pid)) === marker.started;
  } catch {
    return null;
  }
}

/** Ends the server in a run's folder and removes the folder. */
export async function removeRun(directory: string): Promise<void> {
  await stopPostmaster(directory);
  await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

async function stopPostmaster(directory: string): Promise<void> {
  const data = join(directory, 'data');
  const pid = Number.parseInt(await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => ''), 10);
  if (Number.isNaN(pid) || !isAlive(pid)) return;
  // The number may have been given to somebody else since: the command line must name this very folder.
  const commandLine = await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(
    async () => (await runProgram('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ output: '' }))).output,
  );
  if (!commandLine.includes(data)) return;
  process.kill(pid, 'SIGQUIT');
  for (let waited = 0; waited < 2_000 && isAlive(pid); waited += 20)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process started, in the kernel's own count: tells a pid that was used again. Null where there is no /proc. */
export async function processStart(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => null);
  // Field 22; the second field is the program's name in parentheses and may hold anything.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}
