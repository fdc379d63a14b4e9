import { Worker } from 'node:worker_threads';
import { EventEmitter } from 'vscode';
import type { CancellationToken, Event } from 'vscode';
import { Owner } from '../lifecycle.ts';
import type { Failure, FromEngine, Progress, ToEngine } from './channel.ts';
import type { EngineEvents, MethodName, Parameters, Result } from './protocol.ts';

/** A request that failed, worded for people by the engine. */
export class EngineError extends Error {
  readonly reason: string;
  constructor(failure: Failure) {
    super(failure.message);
    this.name = 'EngineError';
    this.reason = failure.reason;
  }
}

export interface CallOptions {
  readonly token?: CancellationToken;
  readonly onProgress?: (progress: Progress) => void;
}

interface Pending {
  readonly settled: Promise<void>;
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** So many unexpected ends of the engine are answered with a new one. */
const MOST_RESTARTS = 3;

/**
 * The engine: parser, analysis and all that needs a machine, in a worker thread, so that neither a big file nor a
 * parser that aborts holds up the editor. Started on first use; started again when it ends by itself.
 */
export class EngineClient extends Owner {
  readonly #script: string;
  readonly #pending = new Map<number, Pending>();
  readonly #findings = this._register(new EventEmitter<EngineEvents['findings']>());
  readonly #workspace = this._register(new EventEmitter<EngineEvents['workspace']>());
  readonly #restarted = this._register(new EventEmitter<undefined>());
  readonly #gaveUp = this._register(new EventEmitter<string>());
  #worker: Worker | null = null;
  #nextId = 1;
  #restarts = 0;

  readonly onFindings: Event<EngineEvents['findings']> = this.#findings.event;
  readonly onWorkspace: Event<EngineEvents['workspace']> = this.#workspace.event;
  /** A new engine knows nothing: its listener sends folders and open texts again. */
  readonly onRestarted: Event<undefined> = this.#restarted.event;
  /** It ended too often; the message of the last end. */
  readonly onGaveUp: Event<string> = this.#gaveUp.event;

  /** @param script path of the engine's bundle */
  constructor(script: string) {
    super();
    this.#script = script;
  }

  /** @throws EngineError */
  call<M extends MethodName>(method: M, parameters: Parameters<M>, options: CallOptions = {}): Promise<Result<M>> {
    const id = this.#nextId++;
    return new Promise<Result<M>>((resolve, reject) => {
      if (this.disposed) {
        reject(new EngineError({ message: 'Lockkeeper has been switched off.', reason: 'stopped' }));
        return;
      }
      const listener = options.token?.onCancellationRequested(() => {
        this.#post({ type: 'cancel', id });
      });
      let tellSettled = (): void => undefined;
      const settled = new Promise<void>((resolveSettled) => {
        tellSettled = resolveSettled;
      });
      const settle = () => {
        this.#pending.delete(id);
        listener?.dispose();
        tellSettled();
      };
      this.#pending.set(id, {
        settled,
        resolve: (result) => {
          settle();
          resolve(result);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
        onProgress: options.onProgress,
      });
      this.#post({ type: 'request', id, method, parameters });
    });
  }

  /** Starts over after the engine gave up. */
  restart(): void {
    this.#restarts = 0;
    this.#end('restart');
    this.#restarted.fire(undefined);
  }

  /** Stops what runs and waits until it has cleaned up, but not for ever: the editor gives an extension five seconds. */
  async shutDown(): Promise<void> {
    const running = [...this.#pending.entries()];
    for (const [id] of running) this.#post({ type: 'cancel', id });
    const cleaned = Promise.all(running.map(([, { settled }]) => settled));
    await Promise.race([cleaned, new Promise((resolve) => setTimeout(resolve, 4000))]);
    this.dispose();
  }

  override dispose(): void {
    super.dispose();
    this.#end('stopped');
  }

  #post(message: ToEngine): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(message);
  }

  #start(): Worker {
    const worker = new Worker(this.#script);
    worker.unref();
    worker.on('message', (message: FromEngine) => {
      this.#receive(message);
    });
    let cause = 'it ended by itself';
    worker.on('error', (error) => {
      cause = error.message;
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#ended(cause);
    });
    return worker;
  }

  #receive(message: FromEngine): void {
    if (message.type === 'event') {
      if (message.name === 'findings') this.#findings.fire(message.value as EngineEvents['findings']);
      if (message.name === 'workspace') this.#workspace.fire(message.value as EngineEvents['workspace']);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (message.type === 'progress') pending?.onProgress?.(message.progress);
    else if (message.type === 'result') pending?.resolve(message.result as never);
    else pending?.reject(new EngineError(message.failure));
  }

  #ended(cause: string): void {
    this.#worker = null;
    this.#fail(`Lockkeeper's engine stopped: ${cause}.`, 'engine stopped');
    if (this.disposed) return;
    if (this.#restarts++ < MOST_RESTARTS) this.#restarted.fire(undefined);
    else this.#gaveUp.fire(cause);
  }

  #end(reason: string): void {
    const worker = this.#worker;
    this.#worker = null;
    this.#fail('Lockkeeper has been switched off.', reason);
    void worker?.terminate();
  }

  #fail(message: string, reason: string): void {
    for (const pending of [...this.#pending.values()]) pending.reject(new EngineError({ message, reason }));
  }
}
