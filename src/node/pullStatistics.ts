import { parseStatistics } from '../core/statistics/parseStatistics.ts';
import type { Statistics } from '../core/statistics/statistics.ts';
import { STATISTICS_QUERY } from '../core/statistics/statisticsQuery.ts';
import { throwIfAborted } from './apply/cancellation.ts';
import { withClient, type SessionOptions } from './connection.ts';
import type { EnvironmentTarget } from './environments.ts';
import { rememberProductionServer } from './productionServers.ts';
import { RunError } from './runError.ts';

export interface PullRequest {
  readonly environment: EnvironmentTarget;
  /** Where production's cluster is remembered, so that staging refuses it; left out: it is not. */
  readonly productionServersFile?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Reads only, gives way at once to whoever wants a lock, and never takes long. */
const SESSION: SessionOptions = {
  applicationName: 'lockkeeper statistics',
  lockTimeout: 2_000,
  statementTimeout: 60_000,
  settings: { default_transaction_read_only: 'on' },
};

/**
 * *Pull Statistics*: sizes and shapes of an environment's database, from its catalogs alone: one query in a read-only
 * transaction. No table is read, and no value of one.
 *
 * @throws ConnectionError; RunError 'cancelled', 'not possible'
 */
export async function pullStatistics(request: PullRequest): Promise<Statistics> {
  const { environment, signal } = request;
  throwIfAborted(signal, 'connecting');
  const text = await withClient(environment.url, { ...SESSION, signal }, async (client) => {
    await client.query('BEGIN READ ONLY');
    try {
      const { rows } = await client.query<{ statistics: string }>(STATISTICS_QUERY);
      return rows[0]?.statistics ?? '';
    } catch (error) {
      throw refusal(error, environment.name);
    } finally {
      await client.query('ROLLBACK').catch(() => undefined);
    }
  });
  const { statistics, problems } = parseStatistics(text);
  if (statistics === null)
    throw new RunError('not possible', `${environment.name} gave no statistics: ${problems[0] ?? 'nothing at all'}.`);
  const { systemIdentifier } = statistics.database;
  if (environment.class === 'production' && request.productionServersFile !== undefined && systemIdentifier !== null)
    await rememberProductionServer(request.productionServersFile, systemIdentifier);
  return { ...statistics, environment: environment.name };
}

/** SQLSTATEs: https://www.postgresql.org/docs/current/errcodes-appendix.html */
function refusal(error: unknown, environment: string): unknown {
  const state = error instanceof Error && 'code' in error ? error.code : null;
  switch (state) {
    case '55P03': // lock_not_available
      return new RunError(
        'not possible',
        `A table of ${environment} is locked exclusively for more than 2 seconds, by a migration perhaps. Nothing was read; try again later.`,
        { sqlState: '55P03', cause: error },
      );
    case '57014': // query_canceled: by statement_timeout
      return new RunError(
        'not possible',
        `Reading the statistics of ${environment} took more than a minute and was given up. "lockkeeper stats query" prints the query, to be run without that limit.`,
        { sqlState: '57014', cause: error },
      );
    default:
      return error;
  }
}
