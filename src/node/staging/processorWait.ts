import { readFile } from 'node:fs/promises';

/**
 * How long a process of this machine has been ready to run and waited for a processor, milliseconds since it started: what
 * other programs cost it. Linux only; null elsewhere, and where the kernel does not count.
 * https://www.kernel.org/doc/html/latest/scheduler/sched-stats.html#proc-pid-schedstat
 */
export async function processorWait(pid: number): Promise<number | null> {
  if (process.platform !== 'linux') return null;
  try {
    const [ran, waited] = (await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ').map(Number);
    return ran === undefined || waited === undefined || !(ran > 0) || !(waited >= 0) ? null : waited / 1e6;
  } catch {
    return null;
  }
}
