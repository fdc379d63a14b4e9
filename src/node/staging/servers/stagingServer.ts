import type { MigrationAnalysis } from '../../../core/analyze.ts';
import type { EnvironmentTarget } from '../../environments.ts';
import type { ServerIdentity } from '../../serverIdentity.ts';
import type { EmbeddedServerOptions } from '../../servers/embedded.ts';
import type { ProductionSigns } from '../guards.ts';

/** Where to measure: one member a kind of server, one file of this folder each. */
export type StagingTarget = EmbeddedTarget | ScratchTarget | TemplateTarget | InPlaceTarget | CommandTarget;

export interface EmbeddedTarget {
  readonly kind: 'embedded';
  readonly options: Omit<EmbeddedServerOptions, 'signal' | 'onProgress' | 'durable'>;
}

/** An empty database beside the environment's own. */
export interface ScratchTarget {
  readonly kind: 'environment';
  readonly environment: EnvironmentTarget;
  readonly production: ProductionSigns;
}

/** A clone of a golden database on the environment's server. */
export interface TemplateTarget {
  readonly kind: 'template';
  readonly environment: EnvironmentTarget;
  readonly production: ProductionSigns;
  /** The golden database's name. */
  readonly golden: string;
}

/** The environment's own database, in a transaction that is rolled back. */
export interface InPlaceTarget {
  readonly kind: 'in-place';
  readonly environment: EnvironmentTarget;
  readonly production: ProductionSigns;
}

/** What a command of the user's own makes. */
export interface CommandTarget {
  readonly kind: 'command';
  readonly production: ProductionSigns;
  /** For the user's shell; prints a URL. From the user's settings, never from a repository. */
  readonly create: string;
  /** Ends what `create` began; null: nothing is to be ended. */
  readonly destroy: string | null;
  /** Where it runs. */
  readonly folder: string;
  /** Remembers what is to be destroyed if this process dies. */
  readonly leases: string;
}

export type ServerKind = 'embedded' | 'scratch database' | 'template' | 'in-place' | 'command';

/** A database to measure on. */
export interface ScratchServer {
  /** Holds a password: never print it. */
  readonly url: string;
  readonly identity: ServerIdentity;
  readonly place: ServerKind;
  /** Null for an embedded server and for a command's. */
  readonly environment: string | null;
  /** Schema and rows are there already; else it is empty, and ours to fill. */
  readonly holdsData: boolean;
  /** Not ours: all that is done must be rolled back. */
  readonly inPlace: boolean;
  readonly snapshot: ServerSnapshot;
}

/** The data that a server came with. */
export interface ServerSnapshot {
  /** For people: `a clone of app_golden`. */
  readonly source: string;
  /** How old the data is: when the snapshot was made, RFC 3339. Null: nobody says, or there is none. */
  readonly takenAt: string | null;
  readonly bytes: number;
}

export interface ScratchHooks {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (message: string) => void;
  /** What will be run, for kinds that can't run everything. */
  readonly migrations?: readonly MigrationAnalysis[];
}

/** A server that was made, with the way to be rid of it. */
export interface Made {
  readonly server: ScratchServer;
  /** Why the server went away, in its own words; null: nobody knows. */
  readonly lastWords?: () => Promise<string | null>;
  /** Removes all that `create` made. Errors say what is left and where. */
  readonly destroy: () => Promise<void>;
}
