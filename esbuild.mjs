// Builds the extension (two CommonJS files: the one that VS Code loads, and the engine that it runs in a worker) and the
// CLI (ES modules, split, so that a command loads only what it needs). `--watch` rebuilds; `--extension DIR` builds the
// extension alone into DIR. libpg-query's WASM is copied beside each bundle.
import { build, context } from 'esbuild';
import { chmodSync, copyFileSync, mkdirSync, rmSync } from 'node:fs';

const production = !process.argv.includes('--dev');
const shared = {
  bundle: true,
  // ES modules first: jsonc-parser's UMD form can't be bundled.
  mainFields: ['module', 'main'],
  platform: 'node',
  target: 'node20',
  sourcemap: !production,
  minify: production,
  logLevel: 'warning',
  legalComments: 'none',
};
const extensionOnly = process.argv.includes('--extension');
const out = extensionOnly ? process.argv[process.argv.indexOf('--extension') + 1] : 'dist';
rmSync(out, { recursive: true, force: true });
mkdirSync(extensionOnly ? out : `${out}/cli`, { recursive: true });
const commonjs = {
  ...shared,
  format: 'cjs',
  define: { 'import.meta.dirname': '__dirname', 'import.meta.url': 'lockkeeperModuleUrl' },
  banner: { js: "const lockkeeperModuleUrl = require('node:url').pathToFileURL(__filename).href;" },
};
const extension = [
  { ...commonjs, entryPoints: ['src/vscode/extension.ts'], outfile: `${out}/extension.cjs`, external: ['vscode'] },
  { ...commonjs, entryPoints: ['src/vscode/engine/main.ts'], outfile: `${out}/engine.cjs`, external: ['pg-native'] },
];
const cli = [
  {
    ...shared,
    entryPoints: ['src/cli/main.ts'],
    outdir: `${out}/cli`,
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    external: ['pg-native'],
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as lockkeeperCreateRequire } from 'node:module'; const require = lockkeeperCreateRequire(import.meta.url); const __filename = import.meta.filename; const __dirname = import.meta.dirname;",
    },
  },
];
const targets = extensionOnly ? extension : [...extension, ...cli];
const wasm = 'node_modules/libpg-query/wasm/libpg-query.wasm';
const copy = () => {
  copyFileSync(wasm, `${out}/libpg-query.wasm`);
  if (!extensionOnly) chmodSync(`${out}/cli/main.js`, 0o755);
};
if (process.argv.includes('--watch')) {
  for (const target of targets) await (await context(target)).watch();
  copyFileSync(wasm, `${out}/libpg-query.wasm`);
} else {
  await Promise.all(targets.map((target) => build(target)));
  copy();
}
