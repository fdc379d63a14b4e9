import type { LockQueueRun } from '../../core/report/stagingRun.ts';
import { withClient } from '../connection.ts';
import { RunError } from '../runError.ts';
import { asTemplate, withSibling } from './clones.ts';
import { lockQueueRun, queuePlace } from './lockQueue.ts';
import { rounded } from './measuredRun.ts';
import { prepareAt, prepareFirst, type Profile } from './series.ts';
import type { ScratchServer } from './servers/stagingServer.ts';

/** The lock queue does not depend on the table's size. */
const ROWS = 200;

/** Each wanted migration behind a long transaction, on a clone of a small database; null where none would have to wait. */
export async function lockQueueRuns(profile: Profile, server: ScratchServer): Promise<(LockQueueRun | null)[]> {
  const { history, wanted, session, phase, progress, control, signal } = profile;
  const places = wanted.map((place) => {
    const migration = history.migrations[place];
    return migration === undefined ? null : queuePlace(migration);
  });
  const last = places.findLastIndex((one) => one !== null);
  if (last === -1) return places.map(() => null);
  const sizing = { rows: (table: string) => Math.min(ROWS, profile.largest(table)), fraction: null, share: 0.000_001 };
  return withSibling(server, undefined, async (database, name) => {
    const results: (LockQueueRun | null)[] = wanted.map(() => null);
    const { filled } = await prepareFirst(profile, database, sizing);
    for (const [index, place] of wanted.entries()) {
      const queue = places[index] ?? null;
      const migration = history.migrations[place];
      if (index > last || migration === undefined) break;
      try {
        if (index > 0) await prepareAt(profile, database, { place, from: wanted[index - 1] ?? 0, filled, sizing });
      } catch (error) {
        // The run itself has shown it: what comes after a migration that fails can't be measured.
        if (error instanceof RunError && error.reason === 'replay failed') break;
        throw error;
      }
      if (queue === null) continue;
      phase.name = `running ${migration.migration.id} behind a long transaction`;
      progress(`${migration.migration.id} behind a long transaction`);
      const template = await asTemplate(database.url, name);
      const result = await withSibling(server, template, ({ url }) =>
        withClient(url, { applicationName: 'lockkeeper watch' }, (watch) =>
          withClient(url, session, (work) =>
            lockQueueRun(
              {
                url,
                work,
                watch,
                control,
                major: server.identity.major,
                local: server.place === 'embedded',
                migration,
                phase: phase.name,
                signal,
              },
              queue,
            ),
          ),
        ),
      );
      results[index] = result === null ? null : rounded(result);
    }
    return results;
  });
}
