import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerMajor } from '../../../src/core/catalog/catalog.ts';
import { withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { sharedServer } from '../../support/server.ts';
import { analysedFiles, runUp, upAndDown } from '../../support/upAndDown.ts';
import type { UpAndDown } from '../../support/upAndDown.ts';

const folder = fileURLToPath(new URL('../../../.cache/migrations', import.meta.url));

/** Projects that `scripts/fetch-migrations.ts` fetched and whose migrations have an order; none if it was not run. */
export function fetchedProjects(): readonly string[] {
  try {
    const text = readFileSync(join(folder, 'manifest.json'), 'utf8');
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

/** Undoes every migration of a fetched project where it stands in the project's history. What this server refuses is passed over, as `psql -f` does. */
export async function undoProject(project: string, major: ServerMajor): Promise<readonly CorpusResult[]> {
  const names = readdirSync(join(folder, project))
    .filter((name) => name.endsWith('.sql'))
    .sort();
  const files = names.map((name) => ({ path: name, text: readFileSync(join(folder, project, name), 'utf8') }));
  const analysis = analysedFiles(files, { major });
  const server = await sharedServer(major);
  const results: CorpusResult[] = [];
  await withScratchDatabase(server.url, (url) =>
    withClient(url, { settings: { client_min_messages: 'error' } }, async (client) => {
      for (const migration of analysis.migrations) {
        await client.query('BEGIN');
        const undone = await upAndDown(client, analysis, migration, { tolerant: true });
        const { claim, outcome, differences, message, rollback } = undone;
        const { id } = migration.migration;
        results.push({ project, migration: id, claim, outcome, differences, message, text: rollback.text });
        await runUp(client, migration, { tolerant: true });
        await client.query('COMMIT');
        await client.query('DISCARD ALL');
      }
    }),
  );
  return results;
}
