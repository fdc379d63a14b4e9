import type { Client } from 'pg';
import { backendPid, withServerCancel } from '../apply/cancellation.ts';
import { endWithUs } from './endWithUs.ts';
import { measureMigration, type Measured, type MeasureRequest } from './measure.ts';

/** Three sessions of one database. */
export interface RunSessions {
  /** Runs the migration. */
  readonly work: Client;
  /** Looks on. */
  readonly watch: Client;
  /** Cancels, and does nothing else. */
  readonly control: Client;
}

/** What every measured run is told, whatever it runs. */
export interface RunContext extends RunSessions {
  /** The server's. */
  readonly major: number;
  /** The server runs on this machine and is ours alone. */
  readonly local: boolean;
  /** What is being done, for the message of a cancel. */
  readonly phase: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Measures one migration so that it can be cancelled on the server.
 *
 * @throws as `measureMigration`
 */
export async function watchedRun(
  { control, ...context }: RunContext,
  request: Pick<MeasureRequest, 'migration' | 'clock' | 'onStatement' | 'rollBack'>,
): Promise<Measured> {
  const { work, phase, signal } = context;
  const backend = await backendPid(work);
  await endWithUs(work);
  return withServerCancel({ control, backend, signal, phase }, () =>
    measureMigration({ ...context, ...request, backend }),
  );
}
