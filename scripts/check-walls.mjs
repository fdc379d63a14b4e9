// The walls of docs/ARCHITECTURE.md. Fails if dependency-cruiser saw fewer modules than src has: a tool that reads
// nothing finds nothing wrong (with TypeScript 7 it sees none and passes).
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractConfig from 'dependency-cruiser/config-utl/extract-depcruise-config';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { root } from './setup.mjs';

process.chdir(root);
const config = await extractConfig('./.dependency-cruiser.cjs');
const result = await cruise(
  ['src'],
  { ...config.options, ruleSet: { forbidden: config.forbidden }, validate: true },
  undefined,
  { tsConfig: extractTsConfig('./tsconfig.json') },
);
const { summary, modules } = result.output;
const seen = new Set(modules.map((module) => module.source).filter((source) => source.startsWith('src/')));
const there = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
  .map((entry) => join(entry.parentPath, entry.name).replaceAll('\\', '/'));
const unseen = there.filter((file) => !seen.has(file));
for (const { rule, from, to } of summary.violations) {
  process.stdout.write(`${rule.severity} ${rule.name}: ${from} → ${to}\n`);
}
if (unseen.length > 0) process.stdout.write(`not looked at: ${unseen.join(', ')}\n`);
process.stdout.write(`${seen.size} modules, ${summary.error} violations\n`);
process.exitCode = summary.error > 0 || unseen.length > 0 || seen.size === 0 ? 1 : 0;
