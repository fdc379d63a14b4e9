import { join } from 'node:path';
import { COMPOSE_FILES, composeDatabases, composeUrl, type ComposeDatabase } from '../core/composeDatabases.ts';
import { readTextFile, UnreadableFileError } from './files.ts';

/** A database of the team's own compose file, to be proposed for a development environment. */
export interface ComposeProposal extends ComposeDatabase {
  /** The file's name. */
  readonly file: string;
  /** Holds the password, where the file has it: never print it. */
  readonly url: string;
}

/** Characters: nobody writes a larger one by hand. */
const LONGEST = 1_000_000;

/** What the folder's compose file publishes. Reads one file; connects to nothing. */
export function composeProposals(root: string): readonly ComposeProposal[] {
  for (const file of COMPOSE_FILES) {
    const text = textOf(join(root, file));
    if (text === null) continue;
    const found = text.length > LONGEST ? [] : composeDatabases(text);
    return found.map((database) => ({ ...database, file, url: composeUrl(database) }));
  }
  return [];
}

/** Null: there is no such file that can be read. */
function textOf(path: string): string | null {
  try {
    return readTextFile(path).text;
  } catch (error) {
    if (error instanceof UnreadableFileError) return null;
    throw error;
  }
}
