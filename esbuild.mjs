// Builds the extension (two files: the one that VS Code loads, and the engine that it runs in a worker) and the CLI (two
// programs: `lint` and what else must start fast, and everything; and `main.js`, which chooses), all CommonJS. `--watch`
// rebuilds the extension; `--extension DIR` builds the extension alone into DIR. libpg-query's WASM is copied beside them.
import { build, context } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const production = !process.argv.includes('--dev');
const commonjs = {
  bundle: true,
  format: 'cjs',
  // ES modules first: jsonc-parser's UMD form can't be bundled.
  mainFields: ['module', 'main'],
  platform: 'node',
  target: 'node20',
  sourcemap: !production,
  minify: production,
  logLevel: 'warning',
  legalComments: 'none',
  external: ['pg-native', 'vscode'],
  define: { 'import.meta.dirname': '__dirname', 'import.meta.url': 'lockkeeperModuleUrl' },
  banner: { js: "const lockkeeperModuleUrl = require('node:url').pathToFileURL(__filename).href;" },
};
const watch = process.argv.includes('--watch');
const extensionOnly = watch || process.argv.includes('--extension');
const out = process.argv.includes('--extension') ? process.argv[process.argv.indexOf('--extension') + 1] : 'dist';
rmSync(out, { recursive: true, force: true });
mkdirSync(extensionOnly ? out : `${out}/cli`, { recursive: true });
copyFileSync('node_modules/libpg-query/wasm/libpg-query.wasm', `${out}/libpg-query.wasm`);

const extension = [
  { ...commonjs, entryPoints: ['src/vscode/extension.ts'], outfile: `${out}/extension.cjs` },
  { ...commonjs, entryPoints: ['src/vscode/engine/main.ts'], outfile: `${out}/engine.cjs` },
];
if (watch) {
  for (const target of extension) await (await context(target)).watch();
} else {
  await Promise.all([...extension.map((target) => build(target)), ...(extensionOnly ? [] : [buildCli()])]);
}

async function buildCli() {
  const { metafile } = await build({
    ...commonjs,
    entryPoints: { quick: 'src/cli/quickMain.ts', main: 'src/cli/main.ts' },
    outdir: `${out}/cli`,
    entryNames: '[name]-[hash]',
    outExtension: { '.js': '.cjs' },
    metafile: true,
  });
  const files = Object.keys(metafile.outputs).filter((file) => file.endsWith('.cjs'));
  const [quick, main] = ['quick', 'main'].map((name) => files.find((file) => basename(file).startsWith(`${name}-`)));
  await build({
    ...commonjs,
    entryPoints: ['src/cli/start.ts'],
    outfile: `${out}/cli/main.js`,
    banner: { js: '#!/usr/bin/env node' },
    define: {
      ...commonjs.define,
      lockkeeperPrograms: JSON.stringify({ quick: basename(quick), main: basename(main) }),
    },
  });
  chmodSync(`${out}/cli/main.js`, 0o755);
  writeFileSync(`${out}/cli/package.json`, '{ "type": "commonjs" }\n');
  if (production) await makeCodeCaches([quick, main]);
}

/** In processes of their own, with V8's settings as the CLI has them. */
async function makeCodeCaches(files) {
  const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-build-'));
  const maker = join(folder, 'makeCodeCache.cjs');
  await build({ ...commonjs, entryPoints: ['scripts/makeCodeCache.ts'], outfile: maker });
  for (const file of files) {
    const { status } = spawnSync(process.execPath, [maker, file], { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) process.stderr.write(`No code cache could be made for ${file}: it works, but starts slower.\n`);
  }
  rmSync(folder, { recursive: true });
}
