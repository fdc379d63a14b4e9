import { parentPort } from 'node:worker_threads';
import { loadParser } from '../../node/wasm.ts';
import { serve } from './channel.ts';
import type { FromEngine, Handler, ToEngine } from './channel.ts';
import { Engine } from './engine.ts';
import { describeFailure } from './failure.ts';
import type { EngineMethods } from './protocol.ts';
import { apply, check, verify } from './environmentRequests.ts';
import { approvalOffer, approve, profile, report, rollback } from './requests.ts';

/** The engine's worker: a thread of its own, so that no text is too big for the editor. */
const port = parentPort;
if (port === null) throw new Error('engine.cjs runs in a worker thread.');

const engine = loadParser().then(
  (parser) =>
    new Engine(parser, (name, value) => {
      send(name, value);
    }),
);

const handlers: EngineMethods = {
  open: async (parameters) => (await engine).open(parameters),
  filesChanged: async (parameters) => (await engine).filesChanged(parameters),
  setText: async (parameters) => {
    (await engine).setText(parameters);
  },
  closeText: async (parameters) => {
    (await engine).closeText(parameters);
  },
  hover: async (parameters) => (await engine).hover(parameters),
  status: async (parameters) => (await engine).status(parameters),
  rollback: async (parameters) => rollback(await engine, parameters),
  profile: async (parameters, context) => profile(await engine, parameters, context),
  report: async (parameters) => report(await engine, parameters),
  approvalOffer: async (parameters) => approvalOffer(await engine, parameters),
  approve: async (parameters) => approve(await engine, parameters),
  check: async (parameters, context) => check(await engine, parameters, context),
  apply: async (parameters, context) => apply(await engine, parameters, context),
  verify: async (parameters, context) => verify(await engine, parameters, context),
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
  handlers as unknown as Readonly<Record<string, Handler>>,
  describeFailure,
);
