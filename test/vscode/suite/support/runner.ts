import { writeFileSync } from 'node:fs';
import { format } from 'node:util';
import imported from 'mocha';
import type { SuiteResult } from '../../launch/suiteRun.ts';

// A CommonJS bundle that requires an ES module gets its name space instead of the default that the types speak of.
const Mocha = 'default' in imported ? (imported.default as typeof imported) : imported;

const output: string[] = [];

/** Says something in the middle of mocha's output: a measured figure. */
export function note(text: string): void {
  output.push(`    ${text}\n`);
}

/**
 * Makes the `run` that VS Code calls: runs what `define` describes with mocha, and leaves results and output in the
 * file that `LOCKKEEPER_TEST_RESULTS` names.
 */
export function suiteRunner(define: () => void): () => Promise<void> {
  return async () => {
    Mocha.reporters.Base.consoleLog = (...parts: readonly unknown[]) => output.push(`${format(...parts)}\n`);
    Mocha.reporters.Base.useColors = false;
    const mocha = new Mocha({ ui: 'bdd', timeout: 30_000, slow: 2_000, forbidOnly: true, reporter: 'spec' });
    mocha.suite.emit('pre-require', globalThis, 'lockkeeper', mocha);
    define();
    await new Promise<void>((resolve, reject) => {
      const runner = mocha.run((failures) => {
        const { passes = 0, pending = 0 } = runner.stats ?? {};
        const result: SuiteResult = { passes, failures, pending, output: output.join('') };
        const file = process.env['LOCKKEEPER_TEST_RESULTS'];
        if (file !== undefined) writeFileSync(file, JSON.stringify(result));
        if (failures === 0) resolve();
        else reject(new Error(`${String(failures)} tests failed`));
      });
    });
  };
}
