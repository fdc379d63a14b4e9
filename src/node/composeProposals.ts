import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { COMPOSE_FILES, composeDatabases, composeUrl, type ComposeDatabase } from '../core/composeDatabases.ts';

/** A database of the team's own compose file, to be proposed for a development environment. */
export interface ComposeProposal extends ComposeDatabase {
  /** The file's name. */
  readonly file: string;
  /** Holds the password, where the file has it: never print it. */
  readonly url: string;
}

/** Nobody writes a larger one by hand. */
const LONGEST = 1_000_000;

/** What the folder's compose file publishes. Reads one file; connects to nothing. */
export async function composeProposals(root: string): Promise<readonly ComposeProposal[]> {
  for (const file of COMPOSE_FILES) {
    const text = await beginning(join(root, file));
    if (text !== null)
      return composeDatabases(text).map((database) => ({ ...database, file, url: composeUrl(database) }));
  }
  return [];
}

/** Null: there is no such file that can be read. */
async function beginning(path: string): Promise<string | null> {
  const file = await open(path).catch(() => null);
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    return size > LONGEST ? '' : await file.readFile('utf8');
  } catch {
    return null;
  } finally {
    await file.close();
  }
}
