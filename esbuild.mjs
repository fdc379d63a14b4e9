// Builds the extension (one CommonJS file: VS Code loads it) and the CLI (ES modules, split, so that a command loads
// only what it needs). `--watch` rebuilds. libpg-query's WASM is copied beside each bundle.
import { build, context } from 'esbuild';
import { chmodSync, copyFileSync, mkdirSync, rmSync } from 'node:fs';

const production = !process.argv.includes('--dev');
const shared = { bundle: true, platform: 'node', target: 'node20', sourcemap: !production, minify: production, logLevel: 'warning', legalComments: 'none' };
rmSync('dist', { recursive: true, force: true });
mkdirSync('dist/cli', { recursive: true });
const targets = [
  { ...shared, entryPoints: ['src/vscode/extension.ts'], outfile: 'dist/extension.cjs', format: 'cjs', define: { 'import.meta.dirname': '__dirname' }, external: ['vscode', 'pg-native'] },
  {
    ...shared,
    entryPoints: ['src/cli/main.ts'],
    outdir: 'dist/cli',
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    external: ['pg-native'],
    banner: { js: "#!/usr/bin/env node\nimport { createRequire as lockkeeperCreateRequire } from 'node:module'; const require = lockkeeperCreateRequire(import.meta.url); const __filename = import.meta.filename; const __dirname = import.meta.dirname;" },
  },
];
const wasm = 'node_modules/libpg-query/wasm/libpg-query.wasm';
const copy = () => {
  copyFileSync(wasm, 'dist/libpg-query.wasm');
  chmodSync('dist/cli/main.js', 0o755);
};
if (process.argv.includes('--watch')) {
  for (const target of targets) await (await context(target)).watch();
  copyFileSync(wasm, 'dist/libpg-query.wasm');
} else {
  await Promise.all(targets.map((target) => build(target)));
  copy();
}
