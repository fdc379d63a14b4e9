import pg from 'pg';
import { quoteIdentifier } from '../../../core/sql/quote.ts';
import { databaseUrl, describeUrl, withClient } from '../../connection.ts';
import { RunError } from '../../runError.ts';
import { serverIdentity } from '../../serverIdentity.ts';
import {
  demandCreateDatabase,
  refuseProductionAddress,
  refuseProductionMarker,
  refuseProductionServer,
} from '../guards.ts';
import { createOwnDatabase, dropLeftDatabases } from '../ownDatabases.ts';
import { dropBeside, withDestroy } from './scratchDatabase.ts';
import { databaseBytes, databaseFacts, type DatabaseFacts } from './snapshot.ts';
import type { Made, ScratchHooks, TemplateTarget } from './stagingServer.ts';

/**
 * A clone of a golden database on the environment's server: a snapshot of production, masked or not, that somebody keeps
 * there. Files are copied without WAL; from 18 on they are cloned where the file system can. The golden database is only
 * read.
 *
 * @throws RunError 'production', 'not possible'; ConnectionError
 */
export async function createClone(target: TemplateTarget, hooks: ScratchHooks): Promise<Made> {
  const { environment, production, golden } = target;
  refuseProductionAddress(environment, production);
  hooks.onProgress(`Connecting to ${describeUrl(environment.url)}`);
  const { name, identity, facts } = await withClient(environment.url, { signal: hooks.signal }, async (client) => {
    const found = await serverIdentity(client);
    refuseProductionServer(environment, found, production);
    demandCreateDatabase(environment, found);
    const about = await databaseFacts(client, golden);
    if (about === null)
      throw new RunError('not possible', `There is no database ${golden} on the server of ${environment.name}.`);
    refuseProductionMarker(golden, about.marker, production);
    await dropLeftDatabases(client);
    hooks.onProgress(`Cloning ${golden}`);
    try {
      // Of unknown size: a golden database is rarely small.
      const template = { name: golden, bytes: about.bytes ?? Number.MAX_SAFE_INTEGER };
      return { name: await createOwnDatabase(client, { major: found.major, template }), identity: found, facts: about };
    } catch (error) {
      throw cloneError(error, target, about);
    }
  });
  const url = databaseUrl(environment.url, name);
  return withDestroy(
    () => dropBeside(environment.url, name),
    async () => ({
      url,
      identity,
      place: 'template',
      environment: environment.name,
      holdsData: true,
      inPlace: false,
      snapshot: {
        source: `a clone of ${golden}`,
        takenAt: facts.takenAt,
        bytes: await withClient(url, { signal: hooks.signal }, databaseBytes),
      },
    }),
  );
}

/** SQLSTATEs: https://www.postgresql.org/docs/current/errcodes-appendix.html */
function cloneError(error: unknown, { golden, environment }: TemplateTarget, facts: DatabaseFacts): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  const name = quoteIdentifier(golden);
  switch (error.code) {
    case '55006': // object_in_use
      return new RunError(
        'not possible',
        `${golden} can't be cloned while sessions are in it${facts.sessions > 0 ? ` (${facts.sessions} now)` : ''}. ` +
          `Keep a golden database that nobody connects to: ALTER DATABASE ${name} ALLOW_CONNECTIONS false;`,
        { sqlState: error.code, cause: error },
      );
    case '42501': // insufficient_privilege
      return new RunError(
        'not possible',
        `The role of ${environment.name} may not clone ${golden}. Its owner can allow that: ALTER DATABASE ${name} IS_TEMPLATE true;`,
        { sqlState: error.code, cause: error },
      );
    case '53100': // disk_full
      return new RunError(
        'not possible',
        `The server of ${environment.name} has no room for a clone of ${golden}: ${error.message}.`,
        { sqlState: error.code, cause: error },
      );
    default:
      return error;
  }
}
