// `npm run bench`: ratios measured side by side in one run. Sets itself up like `npm test`.
import { spawnSync } from 'node:child_process';
import { build, installDependencies, requireNode, root } from './setup.mjs';

requireNode();
installDependencies();
build();
// Bundled and minified as what is shipped is: a loader that keeps the names of functions costs a tenth of the time.
const program = 'out/bench/main.mjs';
const esbuild = await import('esbuild');
await esbuild.build({
  absWorkingDir: root,
  entryPoints: ['scripts/bench/main.ts'],
  outfile: program,
  bundle: true,
  minify: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, [program, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
