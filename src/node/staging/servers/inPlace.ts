import type { MigrationAnalysis } from '../../../core/analyze.ts';
import { isTransactionControl } from '../../apply/executionPlan.ts';
import { describeUrl, withClient } from '../../connection.ts';
import { RunError } from '../../runError.ts';
import { serverIdentity } from '../../serverIdentity.ts';
import { refuseProductionAddress, refuseProductionServer } from '../guards.ts';
import { databaseBytes } from './snapshot.ts';
import type { InPlaceTarget, Made, ScratchHooks } from './stagingServer.ts';

/**
 * The environment's own database: what runs there is rolled back. Its locks are real for the length of the run, so
 * others on that database wait. Nothing is made, so there is nothing to destroy.
 *
 * @throws RunError 'production', 'not possible'; ConnectionError
 */
export async function useInPlace(target: InPlaceTarget, hooks: ScratchHooks): Promise<Made> {
  const { environment, production } = target;
  refuseProductionAddress(environment, production);
  demandInPlace(hooks.migrations ?? []);
  hooks.onProgress(`Connecting to ${describeUrl(environment.url)}`);
  return withClient(environment.url, { signal: hooks.signal }, async (client) => {
    const identity = await serverIdentity(client);
    refuseProductionServer(environment, identity, production);
    if (identity.standby)
      throw new RunError('not possible', `${environment.name} is a standby: nothing can be run there.`);
    return {
      server: {
        url: environment.url,
        identity,
        place: 'in-place',
        environment: environment.name,
        holdsData: true,
        inPlace: true,
        snapshot: { source: `${environment.name} itself`, takenAt: identity.now, bytes: await databaseBytes(client) },
      },
      destroy: () => Promise.resolve(),
    };
  });
}

/**
 * Refuses what can't be undone by a ROLLBACK, before anything is run: what PostgreSQL runs outside a transaction only,
 * what ends the transaction itself, and what nobody can look into.
 *
 * @throws RunError 'not possible', naming file and line
 */
export function demandInPlace(migrations: readonly MigrationAnalysis[]): void {
  for (const { migration, statements } of migrations) {
    for (const { statement, effects } of statements) {
      const why = obstacle(statement.kind, statement.text, effects.transactional);
      if (why === null) continue;
      throw new RunError(
        'not possible',
        `${migration.path}, line ${statement.startLine}: ${statement.kind} ${why}, so this migration can't be measured in place. Measure on a clone or a scratch database.`,
      );
    }
  }
}

/** What remains after a ROLLBACK: values that sequences gave are not given back, messages and remote work are. */
function obstacle(kind: string, text: string, transactional: boolean): string | null {
  if (!transactional) return 'runs outside a transaction only';
  if (isTransactionControl(kind) || kind.endsWith(' PREPARED'))
    return 'belongs to a transaction of its own, and all of it must be rolled back';
  if (kind === 'CALL') return 'may end the transaction that is to be rolled back';
  if (kind === 'DO' && /\b(COMMIT|ROLLBACK)\b/i.test(text)) return 'holds a COMMIT or ROLLBACK';
  if (/\b(dblink\w*|pg_file_write|lo_export|pg_terminate_backend|pg_reload_conf|setval)\s*\(/i.test(text))
    return 'calls a function whose work no ROLLBACK undoes';
  return null;
}
