import { archiveOffers } from '../../core/rollback/archive.ts';
import { synthesizeRollback } from '../../core/rollback/rollback.ts';
import { rollbackTestPassed, rollbackTestSummary } from '../../core/report/rollbackTest.ts';
import { rollbackTestMarkdown } from '../../core/report/rollbackTestMarkdown.ts';
import { DEFAULT_SERVER_MAJOR } from '../../core/catalog/catalog.ts';
import { WarmServer } from '../../node/rollbackTest/warmServer.ts';
import { testRollbacks } from '../../node/testRollback.ts';
import { prepareRevert } from '../../node/workflow/revertFile.ts';
import { identifiersOfProduction } from '../../node/statistics/files.ts';
import { chooseStagingTarget } from '../../node/workflow/stagingTarget.ts';
import { recordRollbackTest } from '../../node/workflow/testingRollback.ts';
import type { RequestContext } from './channel.ts';
import type { Engine } from './engine.ts';
import type { ArchiveOfferHere, Parameters, RevertProposal, RollbackTestReport } from './protocol.ts';
import { allAddresses, serverCache } from './requests.ts';
import { TextPlaces } from './textPlaces.ts';

/** Requests about the way back: *Test Rollback*, *Compare with Mine*, *Create Revert Migration*, *Keep Rows*. */

const warm = new WarmServer();

export async function testRollback(
  engine: Engine,
  { key, environment, addresses, mayDownload, both }: Parameters<'testRollback'>,
  { signal, progress }: RequestContext,
): Promise<RollbackTestReport> {
  await engine.reread();
  const { folder, history, overview } = engine.locate(key);
  const { config } = folder.project;
  const target = await chooseStagingTarget({
    policy: folder.policySource.policy,
    addresses: allAddresses(folder, addresses),
    wanted: environment ?? 'embedded',
    // The list that it was chosen from says so.
    consent: true,
    empty: true,
    productionIdentifiers: await identifiersOfProduction(folder.project.root, folder.policySource.policy),
    major: config.postgresVersion ?? DEFAULT_SERVER_MAJOR,
    cacheDirectory: serverCache(),
    mayFetch: () => mayDownload,
  });
  const hooks = {
    signal,
    onProgress: (message: string) => {
      progress({ message });
    },
  };
  const tests = await warm.use(target, hooks, (server) =>
    testRollbacks({
      history: history.reading.analysis,
      migrations: [key.migration],
      parser: history.input.parser,
      target: server,
      sources: both ? 'both' : 'written',
      onProgress: ({ message }) => {
        progress({ message });
      },
      signal,
    }),
  );
  const own = { store: folder.store, knowledge: history.knowledge };
  const [first] = tests;
  if (first !== undefined) await recordRollbackTest(first, own);
  await engine.learn();
  const written = overview.migration.rollback;
  return {
    passed: first !== undefined && rollbackTestPassed(first),
    summary: first === undefined ? '' : rollbackTestSummary(first),
    markdown: rollbackTestMarkdown(tests),
    written: written === null ? null : written.text.slice(written.range.start, written.range.end),
    synthesized: synthesizeRollback(overview.analysis, history.reading.analysis.history).text,
  };
}

export function revertMigration(engine: Engine, { key }: Parameters<'revertMigration'>): RevertProposal {
  const { history, overview } = engine.locate(key);
  const { revert, files, schema, byHand } = prepareRevert(
    overview.analysis,
    history.reading.analysis.history,
    history.root,
  );
  return {
    files,
    schema: schema.map(({ path, text }) => ({ path, text })),
    notes: [
      ...revert.order,
      ...byHand.map((what) => `By hand in schema.prisma: ${what}.`),
      ...(revert.later.length > 0
        ? [
            `It is made for the schema right after ${key.migration}; later migrations are not looked at: ${revert.later.join(', ')}.`,
          ]
        : []),
    ],
  };
}

/** What could be kept before it is destroyed, at its places in an editor's text. Only of new migrations. */
export function archive(engine: Engine, { key, dropAfter }: Parameters<'archive'>): readonly ArchiveOfferHere[] {
  const { overview } = engine.locate(key);
  if (!overview.isNew) return [];
  const { migration, analysis } = overview;
  const places = new TextPlaces(migration.text);
  return archiveOffers(analysis, { dropAfter }).flatMap(({ statement, title, insert }) => {
    const found = analysis.statements.find((one) => one.statement.index === statement)?.statement;
    return found === undefined ? [] : [{ title, insert, place: places.place(found.start, found.end) }];
  });
}
