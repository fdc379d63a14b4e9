// `npm test`: sets itself up, runs the static checks and every suite, fast ones first, and ends with
// `N passed, N failed`. What could not run is said, and counts as failed in CI.
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { stripVTControlCharacters } from 'node:util';
import { build, installDependencies, requireNode, root } from './setup.mjs';

requireNode();
installDependencies();

const ci = process.env.CI !== undefined && process.env.CI !== '' && process.env.CI !== 'false';
const only = process.argv.slice(2);
const node = process.execPath;
const mocha = [node, 'node_modules/mocha/bin/mocha.js'];

/** `kind: prepare` counts nothing; `check` is one test that passes or fails by its exit code; `suite` is counted by mocha's closing lines. */
const steps = [
  {
    name: 'format',
    kind: 'check',
    command: [node, 'node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  },
  {
    name: 'types (core)',
    kind: 'check',
    command: [node, 'node_modules/typescript/bin/tsc', '-p', 'src/core/tsconfig.json'],
  },
  { name: 'types', kind: 'check', command: [node, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'] },
  { name: 'walls', kind: 'check', command: [node, 'scripts/check-walls.mjs'] },
  {
    name: 'unit',
    kind: 'suite',
    command: [...mocha, 'test/core/**/*.test.ts', 'test/node/**/*.test.ts', 'test/repo/**/*.test.ts'],
  },
  { name: 'eslint', kind: 'check', command: [node, 'node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0'] },
  { name: 'build', kind: 'check', run: () => build() },
  // What nobody here wrote; where it can't be had, the tests that need it say NOT RUN.
  { name: 'fetch', kind: 'prepare', command: [node, '--import', 'tsx', 'scripts/fetch-migrations.ts'] },
  { name: 'cli', kind: 'suite', command: [...mocha, '--timeout', '60000', 'test/cli/**/*.test.ts'] },
  { name: 'postgres', kind: 'suite', command: [...mocha, '--timeout', '120000', 'test/postgres/**/*.test.ts'] },
  { name: 'oracle', kind: 'suite', command: [...mocha, '--timeout', '300000', 'test/oracle/**/*.test.ts'] },
  { name: 'vscode', kind: 'suite', command: [node, '--import', 'tsx', 'test/vscode/run.ts', 'suite'] },
  { name: 'walk', kind: 'suite', command: [node, '--import', 'tsx', 'test/vscode/run.ts', 'walk'] },
];

let passed = 0;
let failed = 0;
const summary = new Map();
const chosen = steps.filter(({ name }) => only.length === 0 || only.includes(name));
// The static checks need one processor and no server: they run beside the first suites.
await Promise.all([
  runAll(chosen.filter(isStatic), true),
  runAll(
    chosen.filter((step) => !isStatic(step)),
    false,
  ),
]);
const lines = steps.flatMap(({ name }) => summary.get(name) ?? []);
process.stdout.write(`\n${lines.join('\n')}\n\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;

function isStatic({ kind, run }) {
  return kind === 'check' && run === undefined;
}

/** One after the other. `quietly`: each step's output comes in one piece when it is done. */
async function runAll(some, quietly) {
  for (const step of some) {
    const title = `\n── ${step.name} ${'─'.repeat(Math.max(0, 70 - step.name.length))}\n`;
    if (!quietly) process.stdout.write(title);
    const started = performance.now();
    const outcome = step.run ? runHere(step.run) : await runProcess(step.command, quietly);
    if (quietly) process.stdout.write(`${title}${outcome.output}`);
    if (step.kind !== 'prepare') count(step, outcome, (performance.now() - started) / 1000);
  }
}

function count({ name, kind }, outcome, seconds) {
  const counts =
    kind === 'suite'
      ? countMocha(outcome)
      : { passed: outcome.code === 0 ? 1 : 0, failed: outcome.code === 0 ? 0 : 1, notRun: 0 };
  passed += counts.passed;
  failed += counts.failed + (ci ? counts.notRun : 0);
  const notRun = counts.notRun > 0 ? `, ${counts.notRun} NOT RUN` : '';
  summary.set(
    name,
    `${counts.failed > 0 ? 'FAILED' : 'ok    '}  ${name.padEnd(14)} ${String(counts.passed).padStart(5)} passed, ${counts.failed} failed${notRun}  (${seconds.toFixed(1)} s)`,
  );
}

function runHere(run) {
  run();
  return { code: 0, output: '' };
}

function runProcess([command, ...args], quietly) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', quietly ? 'pipe' : 'inherit'] });
    let output = '';
    const take = (chunk) => {
      output += chunk;
      if (!quietly) process.stdout.write(chunk);
    };
    child.stdout.on('data', take);
    child.stderr?.on('data', take);
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
    child.on('error', (error) => {
      process.stdout.write(`${error.message}\n`);
      resolve({ code: 1, output });
    });
  });
}

/** Mocha's closing lines. A suite that ended without them, or with an error and no failed test, counts as one failure. */
function countMocha({ code, output: coloured }) {
  const output = stripVTControlCharacters(coloured);
  const sum = (word) =>
    [...output.matchAll(new RegExp(`^\\s+(\\d+) ${word}\\b`, 'gm'))].reduce(
      (total, [, count]) => total + Number(count),
      0,
    );
  const counts = { passed: sum('passing'), failed: sum('failing'), notRun: sum('pending') };
  if (counts.passed + counts.failed === 0 || (code !== 0 && counts.failed === 0)) counts.failed += 1;
  return counts;
}
