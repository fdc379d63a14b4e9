import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isAlive, processStart } from '../../servers/runDirectory.ts';
import { runUserCommand } from './userCommand.ts';

/** Something that a command of the user's made, and how to be rid of it. */
export interface Lease {
  readonly id: string;
  /** RFC 3339. */
  readonly made: string;
  /** For the user's shell, with LOCKKEEPER_STAGING_ID. */
  readonly destroy: string;
  readonly folder: string;
  readonly pid: number;
  readonly started: string | null;
}

/** Where they are remembered; holds no URL. */
export function leasesFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const state = environment['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  return join(state, 'lockkeeper', 'leases');
}

export async function keepLease(folder: string, lease: Pick<Lease, 'id' | 'destroy' | 'folder'>): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const whole: Lease = {
    ...lease,
    made: new Date().toISOString(),
    pid: process.pid,
    started: await processStart(process.pid),
  };
  await writeFile(leaseFile(folder, lease.id), `${JSON.stringify(whole, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
}

export async function dropLease(folder: string, id: string): Promise<void> {
  await rm(leaseFile(folder, id), { force: true });
}

/** Those whose process is gone. */
export async function abandonedLeases(folder: string): Promise<Lease[]> {
  const found: Lease[] = [];
  for (const name of await readdir(folder).catch((): string[] => [])) {
    if (!/^[0-9a-f]{16}\.json$/.test(name)) continue;
    const lease = readLease(await readFile(join(folder, name), 'utf8').catch(() => ''));
    if (lease === null || `${lease.id}.json` !== name) continue;
    if (isAlive(lease.pid) && (await processStart(lease.pid)) === lease.started) continue;
    found.push(lease);
  }
  return found;
}

/** Runs the user's own destroy command for it. @throws RunError; the lease stays then */
export async function endLease(
  folder: string,
  lease: Pick<Lease, 'id' | 'destroy' | 'folder'>,
  url?: string,
): Promise<void> {
  const variables = { LOCKKEEPER_STAGING_ID: lease.id, ...(url === undefined ? {} : { LOCKKEEPER_STAGING_URL: url }) };
  await runUserCommand({ line: lease.destroy, folder: lease.folder, variables });
  await dropLease(folder, lease.id);
}

function leaseFile(folder: string, id: string): string {
  return join(folder, `${id}.json`);
}

function readLease(text: string): Lease | null {
  try {
    const { id, made, destroy, folder, pid, started } = JSON.parse(text) as Partial<Lease>;
    if (typeof id !== 'string' || typeof destroy !== 'string' || typeof folder !== 'string' || typeof pid !== 'number')
      return null;
    return { id, destroy, folder, pid, made: typeof made === 'string' ? made : '', started: started ?? null };
  } catch {
    return null;
  }
}
