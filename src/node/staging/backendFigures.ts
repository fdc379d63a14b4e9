import type { Client } from 'pg';
import type { BackendFigures, Scan } from '../../core/report/stagingRun.ts';
import type { ServerRelations } from './serverObjects.ts';

/**
 * What the server counts for a session: I/O and WAL (18 and later), temporary files of the database, scans.
 * Counters become visible when a session is idle outside a transaction, at once after `pg_stat_force_next_flush` (15).
 */
export class FigureReader {
  readonly #watch: Client;
  readonly #work: Client;
  readonly #backend: number;
  readonly #major: number;

  constructor(sessions: {
    readonly watch: Client;
    readonly work: Client;
    readonly backend: number;
    readonly major: number;
  }) {
    this.#watch = sessions.watch;
    this.#work = sessions.work;
    this.#backend = sessions.backend;
    this.#major = sessions.major;
  }

  /** Outside a transaction of the working session. Null before 15, where nobody can tell when the counters are there. */
  async counters(): Promise<Counters | null> {
    if (this.#major < 15) return null;
    await this.#work.query('SELECT pg_catalog.pg_stat_force_next_flush()');
    const { rows } = await this.#watch.query<Record<keyof Counters, string | null>>(this.#sql(), [this.#backend]);
    const [row] = rows;
    if (row === undefined) return null;
    return Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, value === null ? null : Number(value)]),
    ) as unknown as Counters;
  }

  #sql(): string {
    const own = this.#major >= 18;
    return `
      SELECT d.temp_files AS "temporaryFiles", d.temp_bytes AS "temporaryBytes",
             ${own ? 'i.read' : 'NULL'} AS "readBytes", ${own ? 'i.written' : 'NULL'} AS "writtenBytes",
             ${own ? 'i.extended' : 'NULL'} AS "extendedBytes", ${own ? 'i.fsyncs' : 'NULL'} AS fsyncs,
             ${own ? 'w.wal_bytes' : 'NULL'} AS "walBytes", ${own ? 'w.wal_records' : 'NULL'} AS "walRecords",
             ${own ? 'w.wal_fpi' : 'NULL'} AS "walFullPageImages"
        FROM pg_catalog.pg_stat_database d
        ${
          own
            ? `CROSS JOIN LATERAL (SELECT coalesce(sum(b.read_bytes), 0) AS read, coalesce(sum(b.write_bytes), 0) AS written,
                                          coalesce(sum(b.extend_bytes), 0) AS extended, coalesce(sum(b.fsyncs), 0) AS fsyncs
                                     FROM pg_catalog.pg_stat_get_backend_io($1) b WHERE b.object IN ('relation', 'temp relation')) i
               CROSS JOIN LATERAL (SELECT * FROM pg_catalog.pg_stat_get_backend_wal($1)) w`
            : 'CROSS JOIN (SELECT $1::int4) AS unused'
        }
       WHERE d.datname = pg_catalog.current_database()`;
  }

  /** Reads of user tables so far in the working session's transaction, by OID. */
  async scansInTransaction(): Promise<ScanCounts> {
    return scanCounts(this.#work, 'pg_stat_xact_user_tables');
  }

  /** The same of the whole database, for what runs outside a transaction block. Null before 15. */
  async scansOfDatabase(): Promise<ScanCounts | null> {
    if (this.#major < 15) return null;
    await this.#work.query('SELECT pg_catalog.pg_stat_force_next_flush()');
    return scanCounts(this.#watch, 'pg_stat_user_tables');
  }
}

interface Counters {
  readonly temporaryFiles: number;
  readonly temporaryBytes: number;
  readonly readBytes: number | null;
  readonly writtenBytes: number | null;
  readonly extendedBytes: number | null;
  readonly fsyncs: number | null;
  readonly walBytes: number | null;
  readonly walRecords: number | null;
  readonly walFullPageImages: number | null;
}

/** What lies between two readings. */
export function figuresBetween(before: Counters | null, after: Counters | null): BackendFigures | null {
  if (before === null || after === null) return null;
  const between = (name: keyof Counters): number => Math.max(0, (after[name] ?? 0) - (before[name] ?? 0));
  const own = after.readBytes !== null;
  return {
    io: own
      ? {
          readBytes: between('readBytes'),
          writtenBytes: between('writtenBytes'),
          extendedBytes: between('extendedBytes'),
          fsyncs: between('fsyncs'),
        }
      : null,
    wal: own
      ? { bytes: between('walBytes'), records: between('walRecords'), fullPageImages: between('walFullPageImages') }
      : null,
    temporary: { files: between('temporaryFiles'), bytes: between('temporaryBytes') },
  };
}

export type ScanCounts = ReadonlyMap<
  number,
  { readonly sequential: number; readonly read: number; readonly written: number }
>;

async function scanCounts(
  client: Client,
  view: 'pg_stat_xact_user_tables' | 'pg_stat_user_tables',
): Promise<ScanCounts> {
  const { rows } = await client.query<{ oid: string; sequential: string; read: string; written: string }>(
    `SELECT t.relid::int8 AS oid, t.seq_scan AS sequential, t.seq_tup_read AS read,
            t.n_tup_ins + t.n_tup_upd + t.n_tup_del AS written
       FROM pg_catalog.${view} t WHERE t.seq_scan + t.n_tup_ins + t.n_tup_upd + t.n_tup_del > 0`,
  );
  return new Map(
    rows.map((row) => [
      Number(row.oid),
      { sequential: Number(row.sequential), read: Number(row.read), written: Number(row.written) },
    ]),
  );
}

/** Of relations that people know by name: what was added between two readings. */
export function scansBetween(
  before: ScanCounts | null,
  after: ScanCounts | null,
  known: readonly ServerRelations[],
): readonly Scan[] {
  if (before === null || after === null) return [];
  const scans: Scan[] = [];
  for (const [oid, counts] of after) {
    const relation = known.map((relations) => relations.get(oid)).find((found) => found !== undefined)?.name;
    const earlier = before.get(oid) ?? { sequential: 0, read: 0, written: 0 };
    const scan = {
      sequential: counts.sequential - earlier.sequential,
      rowsRead: counts.read - earlier.read,
      rowsWritten: counts.written - earlier.written,
    };
    if (relation !== undefined && scan.sequential + scan.rowsWritten > 0) scans.push({ relation, ...scan });
  }
  return scans.sort((a, b) => a.relation.localeCompare(b.relation));
}
