import { DEFAULT_SERVER_MAJOR } from '../../core/catalog/catalog.ts';
import { migrationDigest } from '../../core/digest.ts';
import { duration, shortened } from '../../core/report/figures.ts';
import { STALL_THRESHOLD, type MeasuredStatement, type StagingRun } from '../../core/report/stagingRun.ts';
import { BEGINNING } from '../../core/report/slimRun.ts';
import { compareRuns } from '../../core/report/stagingComparison.ts';
import { STAGING_REPORT_CSS } from '../../core/report/stagingCss.ts';
import { stagingHtml, stagingReportBody } from '../../core/report/stagingHtml.ts';
import { stagingJson } from '../../core/report/stagingJson.ts';
import { stagingMarkdown } from '../../core/report/stagingMarkdown.ts';
import { encodeId } from '../../core/records/recordFile.ts';
import { identifiersOfProduction } from '../../node/statistics/files.ts';
import { productionFacts } from '../../node/workflow/productionFacts.ts';
import { profileAndRecord } from '../../node/workflow/profiling.ts';
import type { ProfileRequest as StagingRequest } from '../../node/profile.ts';
import { calibrationFrom } from '../../node/workflow/calibrating.ts';
import { chooseStagingTarget, environmentTarget, namedEnvironment } from '../../node/workflow/stagingTarget.ts';
import type { RequestContext } from './channel.ts';
import type { Engine } from './engine.ts';
import { RequestError } from './failure.ts';
import type { MeasuredPlace, Parameters, ReportDocument, ReportFile } from './protocol.ts';
import { allAddresses, serverCache } from './requests.ts';
import { TextPlaces } from './textPlaces.ts';

/** Requests about staging runs: *Profile on Staging*, its report, and what the editor shows of it. */

export async function profile(
  engine: Engine,
  { key, environment, server, command, addresses, mayDownload, options }: Parameters<'profile'>,
  { signal, progress }: RequestContext,
): Promise<ReportDocument> {
  await engine.reread();
  const { folder, history } = engine.locate(key);
  const { config, root } = folder.project;
  const target = await chooseStagingTarget({
    policy: folder.policySource.policy,
    addresses: allAddresses(folder, addresses),
    wanted: environment ?? (server === 'embedded' ? 'embedded' : undefined),
    server,
    // The list that it was chosen from says so.
    consent: true,
    command: command === null ? undefined : { ...command, folder: root },
    productionIdentifiers: await identifiersOfProduction(root, folder.policySource.policy),
    major: config.postgresVersion ?? DEFAULT_SERVER_MAJOR,
    cacheDirectory: serverCache(),
    mayFetch: () => mayDownload,
  });
  const calibrated = await calibrationOf(engine, { key, addresses, options }, signal);
  await profileAndRecord({
    history: history.reading.analysis,
    migration: key.migration,
    parser: history.input.parser,
    target,
    ...options.sizing,
    rollback: options.rollback,
    lockQueue: options.lockQueue,
    ...calibrated,
    ...(await productionFacts(root, config, folder.policySource.policy)),
    onProgress: ({ message, increment }) => {
      progress(increment === undefined ? { message } : { message, increment });
    },
    signal,
    store: folder.store,
    knowledge: history.knowledge,
    stagingBudget: config.stagingBudget,
  });
  await engine.learn();
  const shown = report(engine, { key });
  if (shown === null) throw new RequestError('not found', `The staging run of ${key.migration} was not kept.`);
  return shown;
}

/** Only where an environment to ask was chosen. */
async function calibrationOf(
  engine: Engine,
  { key, addresses, options }: Pick<Parameters<'profile'>, 'key' | 'addresses' | 'options'>,
  signal: AbortSignal,
): Promise<Pick<StagingRequest, 'calibration' | 'notes'>> {
  if (options.calibrate === null) return {};
  const { folder, history } = engine.locate(key);
  const environment = namedEnvironment(folder.policySource.policy, options.calibrate);
  const target = environmentTarget(environment, allAddresses(folder, addresses));
  const found = await calibrationFrom(target, history.reading.analysis.history, history.knowledge, signal);
  return 'calibration' in found ? { calibration: found.calibration } : { notes: [`Not calibrated: ${found.none}`] };
}

/** The last staging run of the migration, of whatever text; null: none that this version can read. */
export function report(engine: Engine, { key, compare = false }: Parameters<'report'>): ReportDocument | null {
  const runs = engine.locate(key).history.stagingRuns(key.migration);
  const [before, last] = [runs.at(-2), runs.at(-1)];
  if (last === undefined) return null;
  const comparison = compare && before !== undefined ? compareRuns(before, last) : null;
  return {
    key,
    title: `Staging: ${key.migration}`,
    html: stagingReportBody(last, { goTo: true, comparison }),
    css: STAGING_REPORT_CSS,
    runs: runs.length,
    compared: comparison !== null,
  };
}

/** The last report as one file, for whoever has no Lockkeeper. Null: there is none. */
export function exportReport(engine: Engine, { key, format }: Parameters<'exportReport'>): ReportFile | null {
  const runs = engine.locate(key).history.stagingRuns(key.migration);
  const [before, last] = [runs.at(-2), runs.at(-1)];
  if (last === undefined) return null;
  const name = `${encodeId(key.migration)}.staging.${{ html: 'html', json: 'json', markdown: 'md' }[format]}`;
  const comparison = before === undefined ? null : compareRuns(before, last);
  switch (format) {
    case 'html':
      return { name, text: stagingHtml(last, comparison) };
    case 'json':
      return { name, text: stagingJson(last) };
    case 'markdown':
      return { name, text: stagingMarkdown(last, comparison) };
  }
}

/**
 * What was measured of each statement of an editor's text, at the statement's end. Of a text that was changed since,
 * statements that read as before keep their figures and are marked; changed ones have none.
 */
export function measurements(engine: Engine, { key }: Parameters<'measurements'>): readonly MeasuredPlace[] {
  const { history, overview } = engine.locate(key);
  const run = history.stagingRuns(key.migration).at(-1);
  if (run === undefined) return [];
  const { migration, analysis } = overview;
  const stale = run.digest !== migrationDigest(migration);
  const places = new TextPlaces(migration.text);
  // By their beginnings: evidence of thousands of statements keeps no more of them.
  const free = new Map<string, MeasuredStatement[]>();
  for (const one of run.statements) {
    const start = one.text.slice(0, BEGINNING);
    free.set(start, [...(free.get(start) ?? []), one]);
  }
  return analysis.statements.flatMap(({ statement }): MeasuredPlace[] => {
    const text = shortened(statement.text, 300);
    const alike = free.get(text.slice(0, BEGINNING)) ?? [];
    const at = alike.findIndex(
      (one) => text === one.text || (one.text.length === BEGINNING && text.startsWith(one.text)),
    );
    const [measured] = at === -1 ? [] : alike.splice(at, 1);
    if (measured === undefined) return [];
    return [{ place: places.place(statement.start, statement.end), ...words(run, measured, stale), stale }];
  });
}

function words(run: StagingRun, one: MeasuredStatement, stale: boolean): { label: string; detail: string } {
  const longest = Math.max(
    0,
    ...run.stalls.filter(({ statement }) => statement === one.index).map(({ milliseconds }) => milliseconds),
  );
  const stalled = longest >= STALL_THRESHOLD ? `, others waited ${duration(longest)}` : '';
  const rows = run.tables.filter(({ role }) => role === 'touched').reduce((sum, table) => sum + table.rows, 0);
  return {
    label: `${duration(one.milliseconds)}${stalled}${stale ? ' (before the last change)' : ''}`,
    detail: `Measured ${run.at.slice(0, 16).replace('T', ' ')} UTC on PostgreSQL ${run.server.version.split(' ')[0] ?? ''} with ${rows.toLocaleString('en')} rows in the touched tables.${stale ? ' The migration was changed since: profile it again.' : ''}`,
  };
}
