import type { Client } from 'pg';
import type { HistoryAnalysis } from '../../core/analyze.ts';
import { catalogCheck } from '../integrity/catalogComparison.ts';

/** Older places are not looked at: each comparison reads the whole schema. */
const LOOKED_AT = 10;

/**
 * Where in the history a database stands, by its schema alone, for tools that keep no books (plain SQL files) and for
 * clones without them: the last place, not after the wanted one, whose replayed catalog the database has.
 *
 * @returns null: the schema is none of those
 */
export async function placeBySchema(client: Client, history: HistoryAnalysis, wanted: number): Promise<number | null> {
  for (let place = wanted; place >= 0 && place > wanted - LOOKED_AT; place -= 1) {
    const migration = history.migrations[place];
    if (migration === undefined) continue;
    if ((await catalogCheck(client, history, migration.before)).state === 'passed') return place;
  }
  return null;
}
