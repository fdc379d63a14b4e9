import { randomBytes } from 'node:crypto';
import { withClient } from '../../connection.ts';
import { RunError } from '../../runError.ts';
import { serverIdentity } from '../../serverIdentity.ts';
import { refuseProductionAddress, refuseProductionServer } from '../guards.ts';
import { abandonedLeases, dropLease, endLease, keepLease } from './leases.ts';
import { databaseBytes, holdsTables } from './snapshot.ts';
import type { CommandTarget, Made, ScratchHooks } from './stagingServer.ts';
import { lastLine, runUserCommand } from './userCommand.ts';

/** The settings' variables on the command line. In the editor they are settings of the machine, never of a workspace. */
export const CREATE_VARIABLE = 'LOCKKEEPER_STAGING_COMMAND';
export const DESTROY_VARIABLE = 'LOCKKEEPER_STAGING_DESTROY_COMMAND';

/**
 * A database that a command of the user's own makes (a branch of a hosted database, a container, a restored snapshot):
 * its last line of output is the URL. The destroy command gets the same LOCKKEEPER_STAGING_ID, and LOCKKEEPER_STAGING_URL
 * where this process still knows it. What a crashed run made is destroyed first.
 *
 * @throws RunError 'not possible', 'production', 'cancelled'; ConnectionError
 */
export async function createByCommand(target: CommandTarget, hooks: ScratchHooks): Promise<Made> {
  const { create, destroy, folder, leases, production } = target;
  for (const lease of await abandonedLeases(leases)) {
    hooks.onProgress('Ending what a crashed run left');
    // Must not hinder this run: `lockkeeper clean` tries it again, and says why it failed.
    await endLease(leases, lease).catch(() => undefined);
  }
  const id = randomBytes(8).toString('hex');
  if (destroy !== null) await keepLease(leases, { id, destroy, folder });
  let url: string | undefined;
  const end = async (): Promise<void> => {
    if (destroy === null) return;
    try {
      await endLease(leases, { id, destroy, folder }, url);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new RunError(
        'not possible',
        `What the staging command made (LOCKKEEPER_STAGING_ID ${id}) could not be destroyed, and is still there: ${why} The next run tries it again, or "lockkeeper clean".`,
        { cause: error },
      );
    }
  };
  try {
    hooks.onProgress('Running the staging command');
    const printed = await runUserCommand({
      line: create,
      folder,
      variables: { LOCKKEEPER_STAGING_ID: id },
      signal: hooks.signal,
    });
    url = demandUrl(lastLine(printed));
    const given = url;
    const guarded = { name: 'the URL that the staging command printed', url: given };
    refuseProductionAddress(guarded, production);
    const found = await withClient(given, { signal: hooks.signal }, async (client) => {
      const identity = await serverIdentity(client);
      refuseProductionServer(guarded, identity, production);
      if (identity.standby)
        throw new RunError('not possible', 'The staging command gave a standby: nothing can be run there.');
      return { identity, holdsData: await holdsTables(client), bytes: await databaseBytes(client) };
    });
    const { identity, holdsData, bytes } = found;
    return {
      server: {
        url: given,
        identity,
        place: 'command',
        environment: null,
        holdsData,
        inPlace: false,
        snapshot: { source: 'what the staging command made', takenAt: null, bytes },
      },
      destroy: end,
    };
  } catch (error) {
    // Production is not to be destroyed either: whatever the command did, it is left as it is.
    if (error instanceof RunError && error.reason === 'production') await dropLease(leases, id);
    else await end().catch(() => undefined);
    throw error;
  }
}

/** Not repeated in the message: it may hold a password. */
function demandUrl(line: string): string {
  if (/^postgres(ql)?:\/\/\S+$/.test(line)) return line;
  throw new RunError(
    'not possible',
    `The last line that the staging command printed is not a URL of the form postgresql://user@host:5432/database. Set ${CREATE_VARIABLE} to a command that prints one.`,
  );
}
