import { qualifiedName } from '../sql/quote.ts';

/** What `.lockkeeper/statistics/<environment>.json` may hold at most, in characters; 100 000 relations fit. */
export const LARGEST_STATISTICS_FILE = 128 * 1024 * 1024;

/** Sizes and shapes of a database at one moment, never a value of it. The content of `.lockkeeper/statistics/<environment>.json`. */
export interface Statistics {
  readonly format: 1;
  /** The environment that it is about, if the file says so. */
  readonly environment: string | null;
  /** RFC 3339, UTC, by the server's own clock. */
  readonly takenAt: string;
  /** `SHOW server_version`: `16.4 (Debian 16.4-1)`. */
  readonly serverVersion: string;
  readonly database: DatabaseFacts;
  /** By `schema.name`, each part quoted where it has to be (`qualifiedName`). */
  readonly relations: ReadonlyMap<string, RelationStatistics>;
}

export interface DatabaseFacts {
  readonly bytes: number | null;
  /** `pg_control_system().system_identifier`, where the role may ask for it: staging refuses this cluster. */
  readonly systemIdentifier: string | null;
  /** When the counters of writes began, RFC 3339; null: never reset. */
  readonly statisticsSince: string | null;
  /** Seconds from there to `takenAt`. */
  readonly countedSeconds: number | null;
  /** Settings that decide how long work takes: shared_buffers, maintenance_work_mem … */
  readonly settings: Readonly<Record<string, string>>;
}

export interface RelationStatistics {
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'partitioned table' | 'materialized view';
  /** Estimated as the planner does it; of a partitioned table the sum of its leaves. Null: never vacuumed nor analysed. */
  readonly rows: number | null;
  /** The table with its TOAST, without indexes; of a partitioned table the sum of its leaves. */
  readonly bytes: number;
  readonly indexBytes: number;
  /** Bytes by index name. */
  readonly indexes: Readonly<Record<string, number>>;
  /** By column name; empty for what was never analysed, for partitions (see their root), and where the role may not look. */
  readonly columns: Readonly<Record<string, ColumnStatistics>>;
  /** Of a partition: the name of the outermost partitioned table, as `relations` has it. */
  readonly partitionOf: string | null;
  readonly writes: WriteCounts;
  /** When it was last analysed, RFC 3339. */
  readonly analyzedAt: string | null;
}

/** As in pg_stats: https://www.postgresql.org/docs/current/view-pg-stats.html */
export interface ColumnStatistics {
  /** 0 to 1. */
  readonly nullFraction: number;
  /** More than 0: that many different values; less: that fraction of the rows, negated; 0: unknown. */
  readonly distinct: number;
  /** Average bytes of a value that is not NULL. */
  readonly width: number;
  /** Between the order on disk and the order of the values, -1 to 1; null for types without an order. */
  readonly correlation: number | null;
}

/** Rows written since `DatabaseFacts.statisticsSince`. */
export interface WriteCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/**
 * How large a relation is in production: its rows and its own bytes (with TOAST, without indexes).
 *
 * @returns null where the statistics do not know the relation
 */
export function relationSize(
  statistics: Statistics,
  schema: string,
  name: string,
): { readonly rows: number | null; readonly bytes: number; readonly indexBytes: number } | null {
  const found = statistics.relations.get(qualifiedName(schema, name));
  return found ? { rows: found.rows, bytes: found.bytes, indexBytes: found.indexBytes } : null;
}

/** Rows written a second, on average since the counters began; null where nobody knows when that was. */
export function writesPerSecond(statistics: Statistics, relation: RelationStatistics): number | null {
  const seconds = statistics.database.countedSeconds ?? 0;
  const { inserted, updated, deleted } = relation.writes;
  return seconds > 0 ? (inserted + updated + deleted) / seconds : null;
}

/** The file's text: one relation after the other by name, so that a change shows as one in a diff. */
export function statisticsText(statistics: Statistics): string {
  const relations = [...statistics.relations]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, relation]) => relation);
  return `${JSON.stringify({ ...statistics, relations }, null, 2)}\n`;
}
