import type { Client } from 'pg';
import type { LockMode } from '../../core/effects/effect.ts';
import type { Phase, Wait, WaitedFor } from '../../core/report/stagingRun.ts';
import { heldModes, type HeldModes } from './serverObjects.ts';

/** What a second session saw of a statement while it ran. A supplement, never proof: what is brief is missed. */
export interface Samples {
  /** Every lock that was seen held at some moment; empty unless asked for. */
  readonly held: HeldModes;
  readonly waits: readonly Wait[];
  readonly phases: readonly Phase[];
  readonly waitedFor: readonly WaitedFor[];
}

export interface SamplingOptions {
  readonly watch: Client;
  readonly backend: number;
  readonly major: number;
  /** Of CONCURRENTLY and the like, which nothing else can see. */
  readonly locks: boolean;
}

/** Between two samples, milliseconds: at first (where locks are looked for, and else), and at most. In between a tenth of the time so far, so that watching costs little. */
const SOONEST = { locks: 10, otherwise: 20 } as const;
const LATEST = 250;

/**
 * Runs `work` and looks at its session meanwhile.
 * @param onTick called with each sample's time, for whoever wants to know that the statement is still running
 */
export async function sampled<T>(
  options: SamplingOptions,
  work: () => Promise<T>,
): Promise<{ value: T; seen: Samples }> {
  const gathering = new Gathering(options);
  const state = { running: true };
  let wake = (): void => undefined;
  const loop = (async () => {
    const begin = performance.now();
    let last = begin;
    for (;;) {
      const soonest = options.locks ? SOONEST.locks : SOONEST.otherwise;
      const pause = Math.min(LATEST, Math.max(soonest, (performance.now() - begin) / 10));
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pause);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      // Set while this slept, or while it asked.
      if (!isRunning(state)) return;
      const now = performance.now();
      await gathering.look(now - last);
      last = now;
    }
  })();
  // Its failure is that of the connection, which the statement itself will meet too, or the end of the loop will show.
  loop.catch(() => undefined);
  let value: T;
  try {
    value = await work();
  } finally {
    state.running = false;
    wake();
  }
  await loop;
  return { value, seen: gathering.samples() };
}

/** A function, since TypeScript would take an earlier look for final. */
function isRunning(state: { readonly running: boolean }): boolean {
  return state.running;
}

interface Row {
  readonly wait: string | null;
  readonly blockers: readonly { readonly session: string; readonly mutual: boolean }[] | null;
  readonly phase: string | null;
}

class Gathering {
  readonly #options: SamplingOptions;
  readonly #sql: string;
  readonly #held = new Map<number, Set<LockMode>>();
  readonly #waits = new Map<string, number>();
  readonly #phases = new Map<string, number>();
  readonly #blockers = new Map<string, number>();
  readonly #mutual = new Set<string>();

  constructor(options: SamplingOptions) {
    this.#options = options;
    this.#sql = sampleSql(options.major);
  }

  /** @param milliseconds since the last look: what is seen now is taken to have been so all that time */
  async look(milliseconds: number): Promise<void> {
    const { watch, backend, locks } = this.#options;
    // Planned once: planning would cost more than looking.
    const { rows } = await watch.query<Row>({ name: 'lockkeeper_sample', text: this.#sql, values: [backend] });
    const [row] = rows;
    if (row !== undefined) {
      if (row.wait !== null) add(this.#waits, row.wait, milliseconds);
      if (row.phase !== null) add(this.#phases, row.phase, milliseconds);
      const sessions = new Map((row.blockers ?? []).map(({ session }) => [session, false]));
      for (const { session, mutual } of row.blockers ?? []) if (mutual) sessions.set(session, true);
      for (const [session, mutual] of sessions) {
        add(this.#blockers, session, milliseconds);
        if (mutual) this.#mutual.add(session);
      }
    }
    if (!locks) return;
    for (const [oid, modes] of await heldModes(watch, backend))
      this.#held.set(oid, new Set([...(this.#held.get(oid) ?? []), ...modes]));
  }

  samples(): Samples {
    return {
      held: this.#held,
      waits: [...this.#waits]
        .map(([event, milliseconds]) => ({ event, milliseconds }))
        .sort((a, b) => b.milliseconds - a.milliseconds),
      phases: [...this.#phases].map(([name, milliseconds]) => ({ name, milliseconds })),
      waitedFor: [...this.#blockers]
        .map(([session, milliseconds]) => ({ session, milliseconds, mutual: this.#mutual.has(session) }))
        .sort((a, b) => b.milliseconds - a.milliseconds),
    };
  }
}

function add(times: Map<string, number>, name: string, milliseconds: number): void {
  times.set(name, (times.get(name) ?? 0) + milliseconds);
}

/**
 * ClientRead is the session between two statements. pg_blocking_pids is asked only while it waits for a lock: it stops
 * the lock table. The functions behind the views are asked, and for the one session: the views join databases and roles
 * of all of them, which is more work than the rest.
 */
function sampleSql(major: number): string {
  const phase = (command: string, view: string): string =>
    `SELECT '${command}: ' || p.phase FROM pg_catalog.${view} p WHERE p.pid = $1`;
  const phases = [
    phase('create index', 'pg_stat_progress_create_index'),
    phase('cluster', 'pg_stat_progress_cluster'),
    phase('vacuum', 'pg_stat_progress_vacuum'),
    phase('analyze', 'pg_stat_progress_analyze'),
    ...(major >= 14 ? ["SELECT 'copy' FROM pg_catalog.pg_stat_progress_copy p WHERE p.pid = $1"] : []),
  ];
  return `
    SELECT CASE WHEN a.wait_event_type IS NOT NULL AND a.wait_event_type <> 'Client'
                THEN a.wait_event_type || ': ' || a.wait_event END AS wait,
           CASE WHEN a.wait_event_type = 'Lock' THEN
             (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                       'session', coalesce(nullif(b.application_name, ''), 'process ' || b.pid),
                       'mutual', $1 = ANY (pg_catalog.pg_blocking_pids(b.pid))))
                FROM pg_catalog.pg_stat_activity b WHERE b.pid = ANY (pg_catalog.pg_blocking_pids($1))) END AS blockers,
           (${phases.join(' UNION ALL ')} LIMIT 1) AS phase
      FROM pg_catalog.pg_stat_get_activity($1) a WHERE a.state = 'active'`;
}
