import { parentPort } from 'node:worker_threads';
import { serve } from './channel.ts';
import type { FromEngine, Handler, ToEngine } from './channel.ts';
import { cleanUp, leftovers } from './cleanRequests.ts';
import { Engine } from './engine.ts';
import { describeFailure } from './failure.ts';
import type { EngineMethods } from './protocol.ts';
import { apply, check, verify } from './environmentRequests.ts';
import { pullStatistics } from './statisticsRequests.ts';
import { approvalOffer, approve, proposedAddresses, rollback } from './requests.ts';
import { archive, revertMigration, testRollback } from './rollbackRequests.ts';
import { exportReport, measurements, profile, report } from './stagingRequests.ts';

/** The engine's worker: a thread of its own, so that no text is too big for the editor. */
const port = parentPort;
if (port === null) throw new Error('engine.cjs runs in a worker thread.');

const engine = new Engine((name, value) => {
  send(name, value);
});

const handlers: EngineMethods = {
  open: (parameters) => engine.open(parameters),
  filesChanged: (parameters) => engine.filesChanged(parameters),
  setText: (parameters) => {
    engine.setText(parameters);
  },
  closeText: (parameters) => {
    engine.closeText(parameters);
  },
  hover: (parameters) => engine.hover(parameters),
  fixes: (parameters, context) => engine.fixes(parameters, context),
  impact: (parameters) => engine.impact(parameters),
  scan: () => engine.scan(),
  schemaFiles: (parameters) => engine.schemaFiles(parameters),
  status: (parameters) => engine.status(parameters),
  rollback: (parameters) => rollback(engine, parameters),
  testRollback: (parameters, context) => testRollback(engine, parameters, context),
  revertMigration: (parameters) => revertMigration(engine, parameters),
  archive: (parameters) => archive(engine, parameters),
  profile: (parameters, context) => profile(engine, parameters, context),
  report: (parameters) => report(engine, parameters),
  exportReport: (parameters) => exportReport(engine, parameters),
  measurements: (parameters) => measurements(engine, parameters),
  approvalOffer: (parameters) => approvalOffer(engine, parameters),
  approve: (parameters) => approve(engine, parameters),
  check: (parameters, context) => check(engine, parameters, context),
  apply: (parameters, context) => apply(engine, parameters, context),
  verify: (parameters, context) => verify(engine, parameters, context),
  leftovers: (parameters, context) => leftovers(engine, parameters, context),
  cleanUp: (parameters, context) => cleanUp(engine, parameters, context),
  composeDatabases: (parameters) => proposedAddresses(engine, parameters),
  pullStatistics: (parameters, context) => pullStatistics(engine, parameters, context),
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
