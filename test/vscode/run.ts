/**
 * `run.ts suite [SCENARIO …]`: the mocha suites inside a real VS Code: VS Code itself where it can be had
 * (`VSCODE_PATH`, or a download), else the npm-made host. `run.ts walk`: the walk of the UI, in the npm-made host.
 * Sets up what it needs; prints mocha's summary; ends with 0 only if all passed.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Mocha from 'mocha';
import { bundle } from './launch/bundle.ts';
import type { Bundles } from './launch/bundle.ts';
import { findVSCode, runInElectron } from './launch/electron.ts';
import { installNpmHost, ROOT, say } from './launch/install.ts';
import { runInNpmHost } from './launch/npmHost.ts';
import { SCENARIOS } from './launch/scenarios.ts';
import type { Scenario } from './launch/scenarios.ts';
import type { SuiteResult, SuiteRun } from './launch/suiteRun.ts';

const [what = 'suite', ...names] = process.argv.slice(2);
if (what === 'suite') process.exitCode = await suites(names);
else if (what === 'walk') process.exitCode = await walk();
else throw new Error(`Unknown: ${what}. Known: suite [SCENARIO …], walk.`);

async function suites(wanted: readonly string[]): Promise<number> {
  const chosen = SCENARIOS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const bundles = await bundle(chosen.map(({ name }) => name));
  const program = await findVSCode();
  let host: 'electron' | 'npm' = program === null ? 'npm' : 'electron';
  let failed = 0;
  for (const scenario of chosen) {
    let result = host === 'electron' && program !== null ? await inElectron(program, scenario, bundles) : null;
    if (result === null) {
      host = 'npm';
      const npm = installNpmHost();
      process.stdout.write(`\n${scenario.name}: in the npm-made host, VS Code ${npm.version}\n`);
      result = await inScenario(scenario, bundles, (run) => runInNpmHost(npm, run));
    }
    process.stdout.write(
      result?.output ?? `  0 passing\n  1 failing\n\n  ${scenario.name}: the suite left no result.\n`,
    );
    if (result === null || result.failures > 0 || result.passes === 0) failed++;
  }
  return failed > 0 ? 1 : 0;
}

/** Null where VS Code itself could not run at all: a missing display or library is no failed test. */
async function inElectron(program: string, scenario: Scenario, bundles: Bundles): Promise<SuiteResult | null> {
  process.stdout.write(`\n${scenario.name}: in ${program}\n`);
  const result = await inScenario(scenario, bundles, (run) => runInElectron(program, run));
  if (result === null) say('VS Code could not run the suite; the npm-made host is used instead.');
  return result;
}

async function inScenario(
  scenario: Scenario,
  bundles: Bundles,
  run: (run: SuiteRun) => Promise<void>,
): Promise<SuiteResult | null> {
  const home = mkdtempSync(path.join(tmpdir(), 'lockkeeper-suite-'));
  const results = path.join(home, 'results.json');
  try {
    await run({
      scenario: scenario.name,
      extension: bundles.extension,
      suite: bundles.suite(scenario.name),
      folder: scenario.prepare(home),
      trusted: scenario.trusted,
      environment: { LOCKKEEPER_TEST_RESULTS: results, XDG_STATE_HOME: path.join(home, 'state') },
    });
  } catch (error) {
    // A suite with failed tests ends its host with an error as well; its results say more.
    say(error instanceof Error ? error.message : String(error));
  }
  try {
    return JSON.parse(readFileSync(results, 'utf8')) as SuiteResult;
  } catch {
    return null;
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function walk(): Promise<number> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 240_000, bail: true, forbidOnly: true });
  mocha.addFile(path.join(ROOT, 'test/vscode/walk/walk.test.ts'));
  mocha.addFile(path.join(ROOT, 'test/vscode/walk/surfaces.test.ts'));
  mocha.addFile(path.join(ROOT, 'test/vscode/walk/vsix.test.ts'));
  await mocha.loadFilesAsync();
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  return failures > 0 ? 1 : 0;
}
