import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * System identifiers of the clusters where environments of class `production` were met (by apply and verify), so that
 * staging can refuse them under any host name. A small file of the user's, no secrets in it.
 */
export function productionServersFile(environment: NodeJS.ProcessEnv = process.env): string {
  const state = environment['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  return join(state, 'lockkeeper', 'production-servers.json');
}

/** Empty where nothing was remembered yet, or the file can't be read. */
export async function knownProductionServers(file: string): Promise<readonly string[]> {
  try {
    const content: unknown = JSON.parse(await readFile(file, 'utf8'));
    return Array.isArray(content) ? content.filter((one): one is string => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

/** Adds one; keeps the file as it is if it is known already. */
export async function rememberProductionServer(file: string, systemIdentifier: string): Promise<void> {
  const known = await knownProductionServers(file);
  if (known.includes(systemIdentifier)) return;
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, `${JSON.stringify([...known, systemIdentifier], null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, file);
}
