import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { encodeId } from '../core/records/recordFile.ts';
import { stagingHtml } from '../core/report/stagingHtml.ts';
import { stagingJson } from '../core/report/stagingJson.ts';
import { stagingMarkdown } from '../core/report/stagingMarkdown.ts';
import { stagingText } from '../core/report/stagingText.ts';
import type { StagingRun } from '../core/report/stagingRun.ts';
import { profileAllAndRecord } from '../node/workflow/profiling.ts';
import { EXIT, UsageError } from './command.ts';
import type { Command, ExitCode, Invocation } from './command.ts';
import { measuringPlace, SERVER_OPTIONS } from './measuringPlace.ts';
import { progressLine } from './progress.ts';
import { selectMigrations } from './selection.ts';
import { openWorkspace } from './workspace.ts';

export const profile: Command = {
  name: 'profile',
  summary: 'run a migration on staging and measure locks and time',
  operands: '[MIGRATION…]',
  description: [
    'Replays the history into an empty database, puts made-up rows into the tables that the migration touches, runs it',
    'statement by statement as its tool would, and records time, locks held, tables rewritten, and how long other sessions',
    'had to wait. On the staging environment whose URL this machine knows (in a scratch database beside the named one, which',
    'is dropped afterwards), else on an embedded PostgreSQL. Without a migration: all new ones. The result is kept as evidence.',
  ].join('\n'),
  options: [
    { name: 'environment', value: 'NAME', description: 'measure there; "embedded" for an embedded server' },
    ...SERVER_OPTIONS,
    {
      name: 'rows',
      value: 'N',
      description: 'rows in each touched table (default: sizes of lockkeeper.jsonc, else 100000)',
    },
    { name: 'report', value: 'DIR', description: 'write one self-contained HTML file a migration into this folder' },
    { name: 'fetch', description: 'consent to fetch PostgreSQL with npm, if none is found on this machine' },
    { name: 'format', value: 'text|json|markdown', description: 'how to print the result' },
  ],
  examples: ['lockkeeper profile', 'lockkeeper profile 20260301100000_orders --environment staging --rows 1000000'],
  endsInOrder: true,
  run: runProfile,
};

async function runProfile(call: Invocation): Promise<ExitCode> {
  const rows = readRows(call.value('rows'));
  const workspace = await openWorkspace(call);
  const selected = selectMigrations(workspace, call.operands);
  const { target, place } = await measuringPlace(call, workspace);
  const runs: StagingRun[] = [];
  let failed = false;
  for (const history of new Set(selected.map((one) => one.history))) {
    const migrations = selected.filter((one) => one.history === history).map(({ overview }) => overview.migration.id);
    const line = progressLine(call, place);
    try {
      const recorded = await profileAllAndRecord({
        history: history.analysis,
        migrations,
        parser: workspace.parser,
        target,
        ...(rows === undefined ? {} : { rows }),
        tableRows: workspace.tableRows,
        onProgress: ({ message }) => {
          line.show(message);
        },
        signal: call.signal,
        store: workspace.store,
        knowledge: workspace.knowledge,
      });
      runs.push(...recorded.map(({ run }) => run));
      failed ||= recorded.some(({ evidence }) => evidence.outcome === 'failed');
    } finally {
      line.clear();
    }
  }
  if (call.value('format') === undefined || call.value('format') === 'text') {
    call.terminal.out(runs.map((run) => stagingText(run, { colours: call.terminal.colour })).join('\n'));
  }
  if (call.value('format') === 'markdown') call.terminal.out(runs.map((run) => stagingMarkdown(run)).join('\n'));
  if (call.json) call.terminal.out(`[${runs.map((run) => stagingJson(run).trim()).join(',\n')}]\n`);
  const folder = call.value('report');
  if (folder !== undefined) await writeReports(resolve(call.terminal.cwd, folder), runs, call);
  return failed ? EXIT.against : EXIT.ok;
}

async function writeReports(folder: string, runs: readonly StagingRun[], call: Invocation): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const run of runs) {
    const file = join(folder, `${encodeId(run.migration)}.html`);
    await writeFile(file, stagingHtml(run));
  }
  call.terminal.error(`reports: ${folder}\n`);
}

function readRows(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(text);
  const rows = Number(match?.[1]) * { '': 1, k: 1e3, M: 1e6 }[(match?.[2] ?? '') as '' | 'k' | 'M'];
  if (!Number.isInteger(rows) || rows > 1e9)
    throw new UsageError(`--rows ${text}: a number of rows, such as 100000, 500k or 5M.`);
  return rows;
}
