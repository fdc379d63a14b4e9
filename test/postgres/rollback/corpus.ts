import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from 'pg';
import type { ServerMajor } from '../../../src/core/catalog/catalog.ts';
import type { Statement } from '../../../src/core/sql/statement.ts';
import { withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { sharedServer } from '../../support/server.ts';
import { TRANSACTION_CONTROL, analysedFiles, insideTransaction, runUp, upAndDown } from '../../support/upAndDown.ts';
import type { UpAndDown } from '../../support/upAndDown.ts';

/** What `scripts/fetch-migrations.ts` fetched: the usual set, or the wider one (`--more`). Else a folder with a manifest. */
export type CorpusSet = 'usual' | 'more' | (string & {});

function folderOf(set: CorpusSet): string {
  if (set !== 'usual' && set !== 'more') return set;
  const name = set === 'usual' ? 'migrations' : 'migrations-more';
  return fileURLToPath(new URL(`../../../.cache/${name}`, import.meta.url));
}

/** Fetched projects whose migrations have an order; none if nothing was fetched. */
export function fetchedProjects(set: CorpusSet = 'usual'): readonly string[] {
  try {
    const text = readFileSync(join(folderOf(set), 'manifest.json'), 'utf8');
    const manifest = JSON.parse(text) as readonly { readonly project: string; readonly ordered: boolean }[];
    return manifest.filter(({ ordered }) => ordered).map(({ project }) => project);
  } catch {
    return [];
  }
}

export interface CorpusResult extends Pick<UpAndDown, 'claim' | 'outcome' | 'differences' | 'message'> {
  readonly project: string;
  readonly migration: string;
  readonly text: string;
}

/**
 * Undoes every migration of a fetched project where it stands in the project's history. Statements that this server
 * refuses (an extension that it lacks, a type that PostgreSQL no longer has) are taken out of the history before, so that
 * server and replay start from the same.
 */
export async function undoProject(
  project: string,
  major: ServerMajor,
  set: CorpusSet = 'usual',
): Promise<readonly CorpusResult[]> {
  const folder = folderOf(set);
  const names = readdirSync(join(folder, project))
    .filter((name) => name.endsWith('.sql'))
    .sort();
  const files = names.map((name) => ({ path: name, text: readFileSync(join(folder, project, name), 'utf8') }));
  const server = await sharedServer(major);
  const accepted = await withScratchDatabase(server.url, (url) =>
    withClient(url, QUIET, (client) => acceptedFiles(client, files, major)),
  );
  return withScratchDatabase(server.url, (url) =>
    withClient(url, QUIET, (client) => undoFiles(client, project, accepted, major)),
  );
}

const QUIET = { settings: { client_min_messages: 'error' } };

type Files = readonly { readonly path: string; readonly text: string }[];

/** The files without the statements that the server refuses. */
async function acceptedFiles(client: Client, files: Files, major: ServerMajor): Promise<Files> {
  const accepted: { path: string; text: string }[] = [];
  for (const { migration, script } of analysedFiles(files, { major }).migrations) {
    const texts: string[] = [];
    await client.query('BEGIN');
    for (const statement of script.statements) {
      if (await isAccepted(client, statement)) texts.push(`${statement.text};\n`);
    }
    await client.query('COMMIT');
    await client.query('DISCARD ALL');
    accepted.push({ path: migration.path, text: texts.join('') });
  }
  return accepted;
}

async function isAccepted(client: Client, statement: Statement): Promise<boolean> {
  if (TRANSACTION_CONTROL.test(statement.kind)) return true;
  await client.query('SAVEPOINT statement');
  try {
    await client.query(insideTransaction(statement.text));
    await client.query('RELEASE statement');
    return true;
  } catch {
    await client.query('ROLLBACK TO statement');
    return false;
  }
}

async function undoFiles(client: Client, project: string, files: Files, major: ServerMajor): Promise<CorpusResult[]> {
  const analysis = analysedFiles(files, { major });
  const results: CorpusResult[] = [];
  for (const migration of analysis.migrations) {
    await client.query('BEGIN');
    const { claim, outcome, differences, message, rollback } = await upAndDown(client, analysis, migration);
    const { id } = migration.migration;
    results.push({ project, migration: id, claim, outcome, differences, message, text: rollback.text });
    await runUp(client, migration);
    await client.query('COMMIT');
    await client.query('DISCARD ALL');
  }
  return results;
}
