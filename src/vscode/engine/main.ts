import { parentPort } from 'node:worker_threads';
import { loadParser } from '../../node/wasm.ts';
import { serve } from './channel.ts';
import type { FromEngine, Handler, ToEngine } from './channel.ts';
import { Engine } from './engine.ts';
import { describeFailure } from './failure.ts';
import type { EngineMethods } from './protocol.ts';

/** The engine's worker: its own thread, so that no text is too big for the editor. */
const port = parentPort;
if (port === null) throw new Error('engine.cjs runs in a worker thread.');

const parser = loadParser();
const engine = parser.then((ready) => new Engine(ready, (name, value) => send(name, value)));

const handlers: { readonly [M in keyof EngineMethods]: EngineMethods[M] } = {
  open: async (parameters) => (await engine).open(parameters),
};

const send = serve(
  {
    postMessage: (message: FromEngine) => {
      port.postMessage(message);
    },
    onMessage: (listener: (message: ToEngine) => void) => {
      port.on('message', listener);
    },
  },
  handlers as Readonly<Record<string, Handler>>,
  describeFailure,
);
