import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './install.ts';

/** What a scenario's window loads. */
export interface Bundles {
  /** The extension's folder, built for this run. */
  readonly extension: string;
  /** The mocha suite of a scenario. */
  readonly suite: (scenario: string) => string;
}

/**
 * Builds the extension into `out/extension` and the suites into `out/suite`: apart from `dist`, which others may be
 * building meanwhile. `mocha` stays outside the bundle and is found from there.
 */
export async function bundle(scenarios: readonly string[]): Promise<Bundles> {
  const extension = path.join(ROOT, 'out/extension');
  const suites = path.join(ROOT, 'out/suite');
  rmSync(extension, { recursive: true, force: true });
  rmSync(suites, { recursive: true, force: true });
  mkdirSync(extension, { recursive: true });
  const built = spawnSync(process.execPath, ['esbuild.mjs', '--extension', path.join(extension, 'dist')], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`The extension could not be built:\n${built.stderr}`);
  for (const file of ['package.json', 'media', 'schemas', 'README.md', 'CHANGELOG.md'])
    cpSync(path.join(ROOT, file), path.join(extension, file), { recursive: true });
  cpSync(path.join(ROOT, 'docs/rules'), path.join(extension, 'docs/rules'), { recursive: true });
  // Found by the bundle as in a checkout: the throw-away server's launcher is not part of the extension.
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(extension, 'node_modules'));
  await build({
    entryPoints: scenarios.map((scenario) => path.join(ROOT, `test/vscode/suite/${scenario}.ts`)),
    outdir: suites,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return { extension, suite: (scenario) => path.join(suites, `${scenario}.cjs`) };
}
