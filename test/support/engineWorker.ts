import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FromEngine, ToEngine } from '../../src/vscode/engine/channel.ts';
import type { FileFindings, MethodName, Parameters, Result } from '../../src/vscode/engine/protocol.ts';

/** The editor's engine as built, in its worker thread, with a folder open. */
export interface EngineWorker {
  /** The latest of every file that had some, by absolute path. */
  readonly findings: ReadonlyMap<string, FileFindings>;
  /** @throws Error with the engine's words */
  readonly call: <M extends MethodName>(
    method: M,
    parameters: Parameters<M>,
    /** The request is cancelled as soon as its progress says so. */
    cancelAt?: (message: string) => boolean,
  ) => Promise<Result<M>>;
}

interface Waiting {
  readonly done: (result: never) => void;
  readonly failed: (error: Error) => void;
  readonly cancelAt: ((message: string) => boolean) | undefined;
}

/** Opens a folder in an engine of its own, without the editor around it; the worker ends with `use`. */
export async function withEngine<T>(folder: string, use: (engine: EngineWorker) => Promise<T>): Promise<T> {
  const worker = new Worker(resolve('dist/engine.cjs'), {
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      XDG_STATE_HOME: join(folder, '..', 'state'),
      XDG_CACHE_HOME: join(folder, '..', 'cache'),
    },
  });
  const findings = new Map<string, FileFindings>();
  const waiting = new Map<number, Waiting>();
  worker.on('error', (error: Error) => {
    for (const { failed } of waiting.values()) failed(error);
  });
  worker.on('message', (message: FromEngine) => {
    if (message.type === 'event' && message.name === 'findings')
      for (const file of message.value as readonly FileFindings[]) findings.set(file.path, file);
    if (message.type === 'result') waiting.get(message.id)?.done(message.result as never);
    if (message.type === 'progress' && waiting.get(message.id)?.cancelAt?.(message.progress.message) === true) {
      const request: ToEngine = { type: 'cancel', id: message.id };
      worker.postMessage(request);
    }
    if (message.type === 'failure') waiting.get(message.id)?.failed(new Error(message.failure.message));
  });
  let lastId = 0;
  const call: EngineWorker['call'] = (method, parameters, cancelAt) =>
    new Promise((done, failed) => {
      const id = ++lastId;
      waiting.set(id, { done, failed, cancelAt });
      const request: ToEngine = { type: 'request', id, method, parameters };
      worker.postMessage(request);
    });
  try {
    await call('open', { folders: [{ path: folder, name: 'workspace' }] });
    return await use({ findings, call });
  } finally {
    await worker.terminate();
  }
}
