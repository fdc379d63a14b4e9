import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { encodeId } from '../core/records/recordFile.ts';
import { stagingHtml } from '../core/report/stagingHtml.ts';
import { stagingJson } from '../core/report/stagingJson.ts';
import { stagingMarkdown } from '../core/report/stagingMarkdown.ts';
import { stagingText } from '../core/report/stagingText.ts';
import { comparisonText, compareRuns } from '../core/report/stagingComparison.ts';
import { calibrationFrom } from '../node/workflow/calibrating.ts';
import { environmentTarget, namedEnvironment } from '../node/workflow/stagingTarget.ts';
import { knownAddresses } from './addresses.ts';
import { readRows, readShares } from '../core/staging/sizingText.ts';
import { productionFacts } from '../node/workflow/productionFacts.ts';
import { profileAllAndRecord, type RecordedRun } from '../node/workflow/profiling.ts';
import type { ProfileRequest } from '../node/profile.ts';
import { EXIT, UsageError } from './command.ts';
import type { Command, ExitCode, Invocation } from './command.ts';
import { measuringPlace, SERVER_OPTIONS } from './measuringPlace.ts';
import { progressLine } from './progress.ts';
import { selectMigrations } from './selection.ts';
import { openWorkspace, type OpenHistory, type OpenWorkspace } from './workspace.ts';

export const profile: Command = {
  name: 'profile',
  summary: 'run a migration on staging and measure locks and time',
  operands: '[MIGRATION…]',
  description: [
    'Replays the history into an empty database, puts made-up rows into the tables that the migration touches, runs it',
    'statement by statement as its tool would, and records time, locks held, tables rewritten, and how long other sessions',
    "had to wait; then behind a long transaction, and the rollback. Where production's sizes are known (lockkeeper stats pull,",
    'or "sizes" in lockkeeper.jsonc), at three sizes, with an estimate for production. On the staging environment whose URL',
    'this machine knows (in a scratch database beside the named one, which is dropped afterwards), else on an embedded',
    'PostgreSQL. Without a migration: all new ones. The result is kept as evidence.',
  ].join('\n'),
  options: [
    { name: 'environment', value: 'NAME', description: 'measure there; "embedded" for an embedded server' },
    ...SERVER_OPTIONS,
    {
      name: 'rows',
      value: 'N',
      description:
        "rows in each touched table, once and without an estimate (default: by production's sizes, else 100000)",
    },
    {
      name: 'sizes',
      value: 'PERCENTS',
      description: "shares of production's rows to measure at: 5,10,20 (default: as the budget allows, at most these)",
    },
    { name: 'budget', value: 'SECONDS', description: 'time for the sizes, filling included (default: 120)' },
    {
      name: 'repeat',
      value: 'N',
      description: 'runs at each size, each on a fresh clone (default: 3; at one size 1)',
    },
    {
      name: 'calibrate',
      value: 'NAME',
      description:
        "scale estimates by how long earlier migrations really took in this environment (reads the migration tool's own table there)",
    },
    { name: 'compare', description: 'say what changed since the last run of the same migration' },
    { name: 'no-rollback', description: 'do not run the rollback' },
    { name: 'no-lock-queue', description: 'do not run it behind a long transaction' },
    { name: 'report', value: 'DIR', description: 'write one self-contained HTML file a migration into this folder' },
    { name: 'fetch', description: 'consent to fetch PostgreSQL with npm, if none is found on this machine' },
    { name: 'format', value: 'text|json|markdown', description: 'how to print the result' },
  ],
  examples: ['lockkeeper profile', 'lockkeeper profile 20260301100000_orders --environment staging --rows 1000000'],
  endsInOrder: true,
  run: runProfile,
};

async function runProfile(call: Invocation): Promise<ExitCode> {
  const sizing = readSizing(call);
  const workspace = await openWorkspace(call);
  const selected = selectMigrations(workspace, call.operands);
  const { target, place } = await measuringPlace(call, workspace);
  const { root, config } = workspace.project;
  const production = await productionFacts(root, config, workspace.policy);
  const recorded: RecordedRun[] = [];
  for (const history of new Set(selected.map((one) => one.history))) {
    const migrations = selected.filter((one) => one.history === history).map(({ overview }) => overview.migration.id);
    const calibrated = await calibrationOf(call, workspace, history);
    const line = progressLine(call, place);
    try {
      recorded.push(
        ...(await profileAllAndRecord({
          history: history.analysis,
          migrations,
          parser: workspace.parser,
          target,
          ...sizing,
          ...production,
          ...calibrated,
          onProgress: ({ message }) => {
            line.show(message);
          },
          signal: call.signal,
          store: workspace.store,
          knowledge: workspace.knowledge,
          stagingBudget: config.stagingBudget,
        })),
      );
    } finally {
      line.clear();
    }
  }
  print(call, recorded);
  const folder = call.value('report');
  if (folder !== undefined) await writeReports(resolve(call.terminal.cwd, folder), recorded, call);
  return recorded.some(({ evidence }) => evidence.outcome === 'failed') ? EXIT.against : EXIT.ok;
}

/** Only where `--calibrate` names the environment to ask. */
async function calibrationOf(
  call: Invocation,
  workspace: OpenWorkspace,
  { analysis }: OpenHistory,
): Promise<Pick<ProfileRequest, 'calibration' | 'notes'>> {
  const name = call.value('calibrate');
  if (name === undefined) return {};
  const addresses = await knownAddresses(call, workspace.policy);
  const environment = environmentTarget(namedEnvironment(workspace.policy, name), addresses);
  const found = await calibrationFrom(environment, analysis.history, workspace.knowledge, call.signal);
  if ('calibration' in found) return { calibration: found.calibration };
  call.terminal.error(`not calibrated: ${found.none}\n`);
  return { notes: [`Not calibrated: ${found.none}`] };
}

function print(call: Invocation, recorded: readonly RecordedRun[]): void {
  const comparing = call.flag('compare');
  const compared = ({ run, previous }: RecordedRun) => (comparing && previous ? compareRuns(previous, run) : null);
  if (call.value('format') === undefined || call.value('format') === 'text') {
    for (const one of recorded) {
      call.terminal.out(stagingText(one.run, { colours: call.terminal.colour }));
      const comparison = compared(one);
      if (comparison !== null) call.terminal.out(comparisonText(comparison));
      else if (comparing) call.terminal.out('  not compared: this is its first run on this machine\n');
      if (one.evidence.outcome === 'failed' && one.run.outcome === 'completed')
        call.terminal.out(`  kept as failed: ${one.evidence.summary}\n`);
    }
  }
  if (call.value('format') === 'markdown')
    call.terminal.out(recorded.map((one) => stagingMarkdown(one.run, compared(one))).join('\n'));
  if (call.json) {
    const items = recorded.map((one) => stagingJson(one.run, comparing ? { comparison: compared(one) } : {}).trim());
    call.terminal.out(`[${items.join(',\n')}]\n`);
  }
}

async function writeReports(folder: string, recorded: readonly RecordedRun[], call: Invocation): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { run, previous } of recorded) {
    const file = join(folder, `${encodeId(run.migration)}.html`);
    const comparison = call.flag('compare') && previous !== null ? compareRuns(previous, run) : null;
    await writeFile(file, stagingHtml(run, comparison));
  }
  call.terminal.error(`reports: ${folder}\n`);
}

type SizingOptions = Pick<ProfileRequest, 'rows' | 'sizes' | 'repeats' | 'budget' | 'rollback' | 'lockQueue'>;

function readSizing(call: Invocation): SizingOptions {
  const rows = rowsOf(call.value('rows'));
  const sizes = sharesOf(call.value('sizes'));
  if (rows !== undefined && sizes !== undefined) throw new UsageError('--rows and --sizes: give the one or the other.');
  const repeats = readNumber(call, 'repeat', 1, 50);
  const budget = readNumber(call, 'budget', 1, 86_400);
  return {
    ...(rows === undefined ? {} : { rows }),
    ...(sizes === undefined ? {} : { sizes }),
    ...(repeats === undefined ? {} : { repeats }),
    ...(budget === undefined ? {} : { budget: budget * 1000 }),
    rollback: !call.flag('no-rollback'),
    lockQueue: !call.flag('no-lock-queue'),
  };
}

function sharesOf(text: string | undefined): readonly number[] | undefined {
  if (text === undefined) return undefined;
  const shares = readShares(text);
  if (shares === null) throw new UsageError(`--sizes ${text}: percentages of production's rows, such as 5,10,20.`);
  return shares;
}

function readNumber(call: Invocation, name: string, least: number, most: number): number | undefined {
  const text = call.value(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UsageError(`--${name} ${text}: a whole number from ${least} to ${most}.`);
  return value;
}

function rowsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const rows = readRows(text);
  if (rows === null) throw new UsageError(`--rows ${text}: a number of rows, such as 100000, 500k or 5M.`);
  return rows;
}
