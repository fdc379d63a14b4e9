import type { StagingTarget } from '../staging/scratchServer.ts';
import { startTestServer, withTestServer, type ServerHooks, type TestServer } from './testServer.ts';

/** An embedded server that nobody has asked for so long is stopped. */
const IDLE = 5 * 60_000;

interface Warm {
  readonly major: number;
  readonly server: TestServer;
  readonly stop: () => Promise<void>;
}

/**
 * Keeps one embedded server between tests, so that the second one starts at once: for an editor, which lives long. It is
 * stopped when nobody has asked for five minutes, and ends with the process.
 */
export class WarmServer {
  #warm: Warm | null = null;
  #timer: NodeJS.Timeout | null = null;
  #users = 0;

  /** Runs `work` with the server; other targets than embedded ones are made and dropped as always. */
  async use<T>(target: StagingTarget, hooks: ServerHooks, work: (server: TestServer) => Promise<T>): Promise<T> {
    if (target.kind !== 'embedded') return withTestServer(target, hooks, work);
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#warm?.major !== target.options.major && this.#users === 0) await this.stop();
    // Another major is asked for while the server is in use.
    if (this.#warm !== null && this.#warm.major !== target.options.major) return withTestServer(target, hooks, work);
    this.#users += 1;
    try {
      this.#warm ??= { major: target.options.major, ...(await startTestServer(target, hooks)) };
      return await work(this.#warm.server);
    } catch (error) {
      // A server that died must not be met again.
      if (this.#users === 1) await this.stop();
      throw error;
    } finally {
      this.#users -= 1;
      if (this.#users === 0) {
        this.#timer = setTimeout(() => void this.stop(), IDLE);
        this.#timer.unref();
      }
    }
  }

  async stop(): Promise<void> {
    const warm = this.#warm;
    this.#warm = null;
    if (warm !== null) await warm.stop();
  }
}
