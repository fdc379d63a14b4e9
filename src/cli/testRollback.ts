import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { HistoryAnalysis } from '../core/analyze.ts';
import { catalogFingerprint } from '../core/catalog/compare.ts';
import { rollbackTestJson } from '../core/report/rollbackTestJson.ts';
import { rollbackTestPassed } from '../core/report/rollbackTest.ts';
import type { RollbackTest } from '../core/report/rollbackTest.ts';
import { rollbackTestText } from '../core/report/rollbackTestText.ts';
import type { Migration } from '../core/tools/tool.ts';
import { analyzeHistory } from '../core/analyze.ts';
import { historiesOfPaths } from '../node/targets.ts';
import { recordRollbackTest } from '../node/workflow/testingRollback.ts';
import type { Sources } from '../node/rollbackTest/testMigration.ts';
import { availableMajor } from '../node/rollbackTest/availableMajor.ts';
import { withTestServer } from '../node/rollbackTest/testServer.ts';
import { testRollbacks } from '../node/testRollback.ts';
import type { StagingTarget } from '../node/staging/scratchServer.ts';
import { EXIT, UsageError } from './command.ts';
import type { Command, ExitCode, Invocation } from './command.ts';
import { EMPTY_SERVER_OPTION, measuringPlace } from './measuringPlace.ts';
import { progressLine } from './progress.ts';
import { selectMigrations } from './selection.ts';
import { openWorkspace } from './workspace.ts';
import type { OpenWorkspace } from './workspace.ts';

export const testRollback: Command = {
  name: 'test-rollback',
  summary: 'run a migration up, down and up again, and compare',
  operands: '[MIGRATION|PATH…]',
  description: [
    'Replays the history into an empty database, puts made-up rows into the tables that the migration touches, runs it,',
    'writes rows and values as only the new version can, runs the rollback, compares schema and rows with before, and runs',
    'it again. Tests the script that is written, else the one that `lockkeeper rollback` would write. Without an operand:',
    'all new migrations; a folder is one history, of a tool or of plain SQL, and all of it is tested. Same servers as',
    '`lockkeeper profile`. For migrations of the workspace the result is kept as evidence.',
    'With --format json, JSON lines: one object a migration, as soon as it is tested.',
  ].join('\n'),
  options: [
    { name: 'all', description: 'every migration of the workspace; what the server refuses is left out and named' },
    {
      name: 'script',
      value: 'WHICH',
      description: 'written (default: where there is one, else synthesized), synthesized, or both',
    },
    { name: 'jobs', value: 'N', description: 'so many databases at a time (default: 2)' },
    { name: 'rows', value: 'N', description: 'made-up rows in each touched table (default: 20)' },
    { name: 'timeout', value: 'SECONDS', description: 'cancel a script on the server after so long (default: 60)' },
    { name: 'environment', value: 'NAME', description: 'test there; "embedded" for an embedded server' },
    EMPTY_SERVER_OPTION,
    { name: 'fetch', description: 'consent to fetch PostgreSQL with npm, if none is found on this machine' },
  ],
  examples: [
    'lockkeeper test-rollback',
    'lockkeeper test-rollback 20260301100000_orders --environment embedded',
    'lockkeeper test-rollback --format json db/migrations > rollbacks.jsonl',
  ],
  endsInOrder: true,
  run: runTestRollback,
};

/** Migrations of one history to be tested. */
interface Selection {
  readonly analysis: HistoryAnalysis;
  readonly migrations: readonly string[];
  /** One of the workspace's own: the result is kept as evidence. */
  readonly own: boolean;
  readonly tolerant: boolean;
  readonly displayName: (migration: Migration) => string;
}

async function runTestRollback(call: Invocation): Promise<ExitCode> {
  const workspace = await openWorkspace(call);
  const sources = sourcesOf(call);
  const numbers = {
    jobs: numberOf(call, 'jobs') ?? 2,
    rows: numberOf(call, 'rows') ?? 20,
    timeout: (numberOf(call, 'timeout') ?? 60) * 1000,
  };
  const chosen = selected(call, workspace);
  const chosenPlace = await measuringPlace(call, workspace, { empty: true });
  const { selections, target, place } = await onWhatIsHere(call, workspace, chosen, chosenPlace);
  const line = progressLine(call, place);
  const total = selections.reduce((sum, { migrations }) => sum + migrations.length, 0);
  const done = new Set<string>();
  const tests: RollbackTest[] = [];
  const hooks = { signal: call.signal, onProgress: line.show };
  try {
    await withTestServer(target, hooks, async (server) => {
      for (const { analysis, migrations, own, tolerant, displayName } of selections) {
        const files = new Map(analysis.history.migrations.map((each) => [each.id, displayName(each)]));
        const found = await testRollbacks({
          history: analysis,
          migrations,
          parser: workspace.parser,
          target: server,
          sources,
          tolerant,
          ...numbers,
          onProgress: ({ message }) => {
            line.show(total > 1 ? `${done.size} of ${total}, ${message}` : message);
          },
          onTest: (test) => {
            done.add(`${analysis.history.id} ${test.migration}`);
            line.clear();
            const file = files.get(test.migration) ?? test.migration;
            if (call.json) call.terminal.out(`${JSON.stringify(rollbackTestJson(test, file))}\n`);
            else call.terminal.out(rollbackTestText(test));
          },
          signal: call.signal,
        });
        tests.push(...found);
        if (own)
          for (const test of found) await recordRollbackTest({ ...test, base: baseOf(test, workspace) }, workspace);
      }
    });
  } finally {
    line.clear();
  }
  if (!call.json && tests.length > 1) call.terminal.out(`${totals(tests)}\n`);
  return tests.every(rollbackTestPassed) ? EXIT.ok : EXIT.against;
}

/** The fingerprint that the workspace knows the schema by, whatever version it was tested on. */
function baseOf({ history, migration, base }: RollbackTest, { histories }: OpenWorkspace): string {
  const { analysis } = histories.find((one) => one.history.id === history) ?? {};
  const found = analysis?.migrations.find((one) => one.migration.id === migration);
  return found === undefined ? base : catalogFingerprint(found.before);
}

/**
 * Where nobody said a version, what is on this machine will do.
 */
async function onWhatIsHere(
  call: Invocation,
  workspace: OpenWorkspace,
  selections: readonly Selection[],
  { target, place }: Awaited<ReturnType<typeof measuringPlace>>,
): Promise<{ readonly selections: readonly Selection[]; readonly target: StagingTarget; readonly place: string }> {
  const same = { selections, target, place };
  const said = call.value('postgres') !== undefined || workspace.project.config.postgresVersion !== null;
  if (said || target.kind !== 'embedded' || call.flag('fetch')) return same;
  const major = await availableMajor(workspace.settings.major, target.options.cacheDirectory);
  if (major === null || major === workspace.settings.major) return same;
  call.terminal.error(
    `lockkeeper: testing on PostgreSQL ${major}, which is on this machine; --postgres N chooses another.\n`,
  );
  const settings = { ...workspace.settings, major };
  const { parser } = workspace;
  return {
    selections: selections.map((one) => ({
      ...one,
      analysis: analyzeHistory(one.analysis.history, { parser, settings }),
    })),
    target: { ...target, options: { ...target.options, major } },
    place,
  };
}

/** Folders and files are histories of their own, unless they are the workspace's; other words name its migrations. */
function selected(call: Invocation, workspace: OpenWorkspace): readonly Selection[] {
  const all = call.flag('all');
  const { cwd, project, parser, settings } = workspace;
  if (all && call.operands.length > 0)
    throw new UsageError('--all tests the whole workspace; name no migration with it.');
  const words: string[] = [];
  const selections: Selection[] = [];
  for (const operand of call.operands) {
    const known = project.find(resolve(cwd, operand));
    if (known !== null || !existsSync(resolve(cwd, operand))) {
      words.push(operand);
      continue;
    }
    for (const target of historiesOfPaths([operand], { cwd, project })) {
      const { history, named, displayName, troubles } = target;
      for (const { path, message } of troubles) call.terminal.error(`lockkeeper: ${path}: ${message}\n`);
      const wanted = history.migrations.filter(({ path }) => named === 'all' || named.has(path));
      if (wanted.length === 0) throw new UsageError(`${operand} holds no migrations.`);
      const mine = workspace.histories.find((one) => one.history === history);
      selections.push({
        analysis: mine?.analysis ?? analyzeHistory(history, { parser, settings }),
        migrations: wanted.map(({ id }) => id),
        own: mine !== undefined,
        tolerant: true,
        displayName,
      });
    }
  }
  if (words.length === 0 && selections.length > 0) return selections;
  const chosen = all
    ? workspace.histories.flatMap((history) => history.migrations.map((overview) => ({ history, overview })))
    : selectMigrations(workspace, words);
  if (chosen.length === 0) throw new UsageError(`no migrations were found in ${project.root}.`);
  for (const each of workspace.histories) {
    const mine = chosen.filter(({ history }) => history === each);
    if (mine.length === 0) continue;
    const { root } = each.history;
    selections.push({
      analysis: each.analysis,
      migrations: mine.map(({ overview }) => overview.migration.id),
      own: true,
      tolerant: all,
      displayName: ({ path }) => (root === '.' ? path : `${root}/${path}`),
    });
  }
  return selections;
}

function sourcesOf(call: Invocation): Sources {
  const which = call.value('script') ?? 'written';
  if (which === 'written' || which === 'synthesized' || which === 'both') return which;
  throw new UsageError(`--script ${which}: it is one of written, synthesized, both.`);
}

function numberOf(call: Invocation, name: string): number | undefined {
  const text = call.value(name);
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`--${name} ${text}: it is a whole number from 1 on.`);
  return Number(text);
}

function totals(tests: readonly RollbackTest[]): string {
  const count = (is: (test: RollbackTest) => boolean): number => tests.filter(is).length;
  const restored = count(({ ran, schema }) => ran && schema === 'restored');
  const order = count(({ ran, schema }) => ran && schema === 'columnOrder');
  const declined = count((test) => test.declined !== null);
  const failed = count((test) => test.declined === null && !test.ran);
  const different = tests.length - restored - order - declined - failed;
  return `${tests.length} tested: ${restored} restored, ${order} but for the order of columns, ${different} different, ${failed} failed, ${declined} can't be undone`;
}
