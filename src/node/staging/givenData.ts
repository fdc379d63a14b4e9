import type { Client } from 'pg';
import type { HistoryAnalysis, MigrationAnalysis } from '../../core/analyze.ts';
import type { FilledTable } from '../../core/report/stagingRun.ts';
import { appliedMigrations } from '../apply/appliedMigrations.ts';
import { RunError } from '../runError.ts';
import type { ScratchServer } from './servers/stagingServer.ts';
import { placeBySchema } from './schemaPlace.ts';
import { serverRelations } from './serverObjects.ts';
import { touchedTables } from './touchedTables.ts';

/**
 * How far the history is applied in a database that came with data: the place from which it has to be replayed, at most
 * that of the wanted migration.
 *
 * @throws RunError 'migration' if the wanted one is applied there already; 'history' where nobody can tell; 'not possible'
 *   in place, where nothing may be replayed
 */
export async function appliedPrefix(
  client: Client,
  { history }: { readonly history: HistoryAnalysis },
  server: ScratchServer,
  place: number,
): Promise<number> {
  const found = await appliedMigrations(client, history.history);
  const wanted = history.migrations[place]?.migration.id ?? '';
  const where = server.snapshot.source;
  if (!found.present && place > 0) {
    const from = await placeBySchema(client, history, place);
    if (from !== null && (from === place || !server.inPlace)) return from;
    const { major } = history.settings;
    const otherMajor =
      major === server.identity.major
        ? ''
        : ` on PostgreSQL ${major}, to which this project is set (it is ${server.identity.major} there)`;
    throw new RunError(
      'history',
      `Which migrations are applied in ${where} can't be told: it has no ${found.table}, and its schema is not the one that the history makes before ${wanted}${otherMajor}. Profile on a scratch database or an embedded server.`,
    );
  }
  const applied = new Set(found.migrations.filter(({ state }) => state === 'applied').map(({ id }) => id));
  if (applied.has(wanted))
    throw new RunError('migration', `${wanted} is applied in ${where} already, by ${found.table}.`);
  const broken = found.migrations.find(({ state }) => state === 'failed');
  if (broken)
    throw new RunError(
      'history',
      `${broken.id} failed in ${where}, by ${found.table}: nothing can be measured after it.`,
    );
  const missing = history.migrations.findIndex(({ migration }, index) => index < place && !applied.has(migration.id));
  const from = missing === -1 ? place : missing;
  const gap = history.migrations.slice(from, place).find(({ migration }) => applied.has(migration.id));
  if (gap) {
    const first = history.migrations[from]?.migration.id ?? '';
    throw new RunError('history', `${first} is not applied in ${where}, but ${gap.migration.id} after it is.`);
  }
  if (server.inPlace && from < place) {
    const first = history.migrations[from]?.migration.id ?? '';
    throw new RunError(
      'not possible',
      `${first}, which comes before ${wanted}, is not applied in ${where}: in place nothing can be applied first. Profile on a clone.`,
    );
  }
  return from;
}

/** The tables that a migration touches, with the rows that they hold: none of them made by Lockkeeper. */
export async function tablesAsTheyAre(client: Client, migration: MigrationAnalysis): Promise<FilledTable[]> {
  const names = new Set(touchedTables(migration));
  const touched = [...(await serverRelations(client)).values()].filter(({ name }) => names.has(name));
  const tables: FilledTable[] = [];
  for (const { oid, name } of touched) {
    const { rows } = await client.query<{ rows: string; bytes: string }>(
      `SELECT (SELECT count(*) FROM ${name}) AS rows,
              (SELECT coalesce(sum(pg_catalog.pg_total_relation_size(t.relid)), pg_catalog.pg_total_relation_size($1::oid))
                 FROM pg_catalog.pg_partition_tree($1::oid::regclass) t) AS bytes`,
      [oid],
    );
    const count = Number(rows[0]?.rows ?? 0);
    tables.push({
      table: name,
      role: 'touched',
      rows: count,
      wanted: count,
      bytes: Number(rows[0]?.bytes ?? 0),
      shortfall: null,
    });
  }
  return tables;
}
