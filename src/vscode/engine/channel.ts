/**
 * Requests between the extension and its engine (a worker thread): a request with a name and plain parameters, at
 * most one answer, progress in between, and cancel. Both ends see only values that structured clone can carry.
 */

export type ToEngine =
  | { readonly type: 'request'; readonly id: number; readonly method: string; readonly parameters: unknown }
  | { readonly type: 'cancel'; readonly id: number };

export type FromEngine =
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'failure'; readonly id: number; readonly failure: Failure }
  | { readonly type: 'progress'; readonly id: number; readonly progress: Progress }
  | { readonly type: 'event'; readonly name: string; readonly value: unknown };

/** A failure in people's words, as `failure.ts` words it. */
export interface Failure {
  /** Empty only where the person stopped it, and nothing has to be said of that. */
  readonly message: string;
  /** A word to branch on: 'cancelled', 'wrong password', 'download needed' … */
  readonly reason: string;
}

export interface Progress {
  readonly message: string;
  /** Per cent done since the last one, where that is known. */
  readonly increment?: number;
}

export interface RequestContext {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}

/** The engine's end: what `postMessage` and `on('message')` of a `MessagePort` offer. */
export interface Port<Out, In> {
  readonly postMessage: (message: Out) => void;
  readonly onMessage: (listener: (message: In) => void) => void;
}

export type Handler = (parameters: never, context: RequestContext) => unknown;

/**
 * Answers requests with `handlers`, by method name. A handler that throws gives a failure, never an unanswered request.
 *
 * @param describe words an error for people
 * @returns sends an event to the other end
 */
export function serve(
  port: Port<FromEngine, ToEngine>,
  handlers: Readonly<Record<string, Handler>>,
  describe: (error: unknown) => Failure,
): (name: string, value: unknown) => void {
  const running = new Map<number, AbortController>();
  const answer = async (id: number, method: string, parameters: unknown): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const handler = handlers[method];
      if (handler === undefined) throw new Error(`The engine knows no request "${method}".`);
      const result = await handler(parameters as never, {
        signal: controller.signal,
        progress: (progress) => {
          port.postMessage({ type: 'progress', id, progress });
        },
      });
      port.postMessage({ type: 'result', id, result });
    } catch (error) {
      const failure = describe(error);
      // Whatever a cancel made fail; what state it leaves is said by those errors that are about the cancel itself.
      const stopped = { message: failure.reason === 'cancelled' ? failure.message : '', reason: 'cancelled' };
      port.postMessage({ type: 'failure', id, failure: controller.signal.aborted ? stopped : failure });
    } finally {
      running.delete(id);
    }
  };
  port.onMessage((message) => {
    if (message.type === 'cancel') running.get(message.id)?.abort();
    else void answer(message.id, message.method, message.parameters);
  });
  return (name, value) => {
    port.postMessage({ type: 'event', name, value });
  };
}
