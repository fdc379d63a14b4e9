import type { EnvironmentTarget } from '../environments.ts';
import { RunError } from '../runError.ts';
import type { ServerIdentity } from '../serverIdentity.ts';

/** What is known of production, so that staging can tell it by more than one sign. Nothing here is connected to. */
export interface ProductionSigns {
  /** Names of the environments of class `production`. */
  readonly names: readonly string[];
  /** Their URLs, as far as this machine has them. */
  readonly urls: readonly string[];
  /** Their clusters' system identifiers, as far as they are known. */
  readonly systemIdentifiers: readonly string[];
}

/** What is about to be used, by what this machine says of it. `name` is for people: an environment's, or a command. */
export type GuardedTarget = Pick<EnvironmentTarget, 'name' | 'url'> & Partial<Pick<EnvironmentTarget, 'class'>>;

/** Before connecting. @throws RunError 'production' */
export function refuseProductionAddress(target: GuardedTarget, production: ProductionSigns): void {
  if (target.class === 'production' || production.names.includes(target.name))
    throw refusal(`${target.name} is an environment of class production.`);
  const server = serverOf(target.url);
  if (server !== null && production.urls.some((url) => serverOf(url) === server))
    throw refusal(`${target.name} has the same address (${server}) as an environment of class production.`);
}

/** After connecting, before anything is made. @throws RunError 'production' */
export function refuseProductionServer(
  target: GuardedTarget,
  identity: ServerIdentity,
  production: ProductionSigns,
): void {
  refuseProductionMarker(identity.database, identity.marker, production);
  const { systemIdentifier } = identity;
  if (systemIdentifier !== null && production.systemIdentifiers.includes(systemIdentifier))
    throw refusal(`${target.name} is the same cluster as production (system identifier ${systemIdentifier}).`);
}

/** @param marker the database's setting `lockkeeper.environment` @throws RunError 'production' */
export function refuseProductionMarker(database: string, marker: string | null, production: ProductionSigns): void {
  if (marker !== null && (marker === 'production' || production.names.includes(marker)))
    throw refusal(`the database ${database} says that it is ${marker} (its setting lockkeeper.environment).`);
}

/** A database of our own must be possible there. @throws RunError 'not possible' */
export function demandCreateDatabase(target: GuardedTarget, identity: ServerIdentity): void {
  if (identity.standby)
    throw new RunError('not possible', `${target.name} is a standby: no scratch database can be made there.`);
  if (!identity.mayCreateDatabases) {
    throw new RunError(
      'not possible',
      `The role of ${target.name} may not create databases. Give it CREATEDB (ALTER ROLE … CREATEDB), or measure on an embedded server.`,
    );
  }
}

function refusal(sign: string): RunError {
  return new RunError(
    'production',
    `Refused to profile there: ${sign} Profile on a staging server or an embedded one.`,
  );
}

/** `host:port`, lower case; null where the URL does not say. */
function serverOf(url: string): string | null {
  try {
    const { hostname, port, searchParams } = new URL(url);
    const host = hostname || searchParams.get('host');
    return host === null || host === '' ? null : `${host.toLowerCase()}:${port || searchParams.get('port') || '5432'}`;
  } catch {
    return null;
  }
}
