import { readdir, readFile } from 'node:fs/promises';
import { cpuUsage } from 'node:process';

/** Processor times at one moment, milliseconds since this or that start: only differences say something. */
interface Reading {
  /** The backend was ready to run, and another process had the processor. */
  readonly waited: number;
  /** The backend ran. */
  readonly ran: number;
  /** All processors of the machine worked, for whomever. */
  readonly busy: number;
  /** Of that: the backend's server, all its processes, and this process. */
  readonly own: number;
}

/** Linux counts in these, whatever the kernel's own clock: USER_HZ. */
const TICK = 10;

/**
 * How long a backend of this machine waited for a processor because *other programs* had it. What it waited for its own
 * parallel workers is its own time. Linux only.
 * https://www.kernel.org/doc/html/latest/scheduler/sched-stats.html#proc-pid-schedstat,
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export class ProcessorClock {
  readonly #backend: number;
  readonly #server: number;
  readonly #siblings: readonly number[];

  private constructor(backend: number, server: number, siblings: readonly number[]) {
    this.#backend = backend;
    this.#server = server;
    this.#siblings = siblings;
  }

  /** @returns null where the kernel does not tell. Sessions that begin later count as other programs' until they end. */
  static async of(backend: number): Promise<ProcessorClock | null> {
    if (process.platform !== 'linux') return null;
    const own = await processStat(backend);
    if (own === null) return null;
    const pids = (await readdir('/proc').catch((): string[] => [])).filter((name) => /^\d+$/.test(name)).map(Number);
    const all = await Promise.all(pids.map(async (pid) => ({ pid, stat: await processStat(pid) })));
    const siblings = all.filter(({ stat }) => stat?.parent === own.parent).map(({ pid }) => pid);
    const clock = new ProcessorClock(backend, own.parent, siblings);
    return (await clock.read()) === null ? null : clock;
  }

  async read(): Promise<Reading | null> {
    const [schedule, machine, server, ...siblings] = await Promise.all([
      text(`/proc/${this.#backend}/schedstat`),
      text('/proc/stat'),
      processStat(this.#server),
      ...this.#siblings.map(processStat),
    ]);
    const [ran, waited] = schedule.split(' ').map(Number);
    // user nice system idle iowait irq softirq: all but the two idle ones.
    const ticks = /^cpu +(.*)$/m.exec(machine)?.[1]?.split(' ').map(Number);
    if (ran === undefined || waited === undefined || !(ran > 0) || ticks === undefined || server === null) return null;
    const busy = ticks.slice(0, 7).reduce((sum, one, place) => sum + (place === 3 || place === 4 ? 0 : one), 0);
    const { user, system } = cpuUsage();
    // What ended meanwhile, parallel workers above all, is in the server's own count of its children.
    const own = server.used + server.children + siblings.reduce((sum, one) => sum + (one?.used ?? 0), 0);
    return { waited: waited / 1e6, ran: ran / 1e6, busy: busy * TICK, own: own * TICK + (user + system) / 1e3 };
  }
}

/**
 * Milliseconds between two readings that other programs made the backend wait: of its whole wait their share of what the
 * processors did meanwhile. Less than they can have had in a few ticks of the clock is nothing.
 */
export function waitForOthers(before: Reading | null, after: Reading | null): number | null {
  if (before === null || after === null) return null;
  const waited = after.waited - before.waited;
  const ran = after.ran - before.ran;
  const own = after.own - before.own;
  const others = after.busy - before.busy - own;
  if (others <= 3 * TICK) return 0;
  const rivals = others + Math.max(0, own - ran);
  return Math.min(waited, others) * Math.min(1, others / rivals);
}

/** Fields 4 and 14 to 17: parent, own user and system time, that of children that have ended; ticks. */
async function processStat(pid: number): Promise<{ parent: number; used: number; children: number } | null> {
  const content = await text(`/proc/${pid}/stat`);
  // The name before may hold blanks and parentheses.
  const fields = content
    .slice(content.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [parent, user, system, childrenUser, childrenSystem] = [1, 11, 12, 13, 14].map((place) => fields[place] ?? NaN);
  if (parent === undefined || Number.isNaN(childrenSystem)) return null;
  return {
    parent,
    used: (user ?? 0) + (system ?? 0),
    children: (childrenUser ?? 0) + (childrenSystem ?? 0),
  };
}

function text(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
