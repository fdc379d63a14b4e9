import type { ServerMajor } from '../../core/catalog/catalog.ts';
import { SERVER_MAJORS } from '../../core/catalog/catalog.ts';
import { findBinaries } from '../servers/binaries.ts';
import { ServerError } from '../servers/serverError.ts';
import { reachableCache, serverUser } from '../servers/serverUser.ts';

/**
 * A PostgreSQL major that this machine can start without fetching anything: the one wanted, else the newest that is there.
 * Null: none is.
 */
export async function availableMajor(wanted: ServerMajor, cacheDirectory: string): Promise<ServerMajor | null> {
  const user = await serverUser();
  const cache = reachableCache(cacheDirectory, user);
  for (const major of [wanted, ...SERVER_MAJORS.toSorted((a, b) => b - a)]) {
    try {
      await findBinaries({ major, cache, user });
      return major;
    } catch (error) {
      if (!(error instanceof ServerError) || !['no binaries', 'consent needed'].includes(error.reason)) throw error;
    }
  }
  return null;
}
