/**
 * Writes docs/rules and docs/coming-from-squawk.md from the rules' metadata. `--check` writes nothing and fails if a page is
 * not what it would write.
 *
 *     node --import tsx scripts/generate-docs.ts [--check]
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { RULES } from '../src/core/rules/registry.ts';
import { indexPage } from './rule-docs/indexPage.ts';
import { rulePage } from './rule-docs/rulePage.ts';
import { squawkPage } from './rule-docs/squawkPage.ts';

const DOCS = fileURLToPath(new URL('../docs/', import.meta.url));
const RULES_FOLDER = path.join(DOCS, 'rules');

/** File name, relative to docs/ → text of the page. */
export function rulePages(): ReadonlyMap<string, string> {
  return new Map([
    ['rules/README.md', indexPage()],
    ...RULES.map((rule): [string, string] => [`rules/${rule.id}.md`, rulePage(rule)]),
    ['coming-from-squawk.md', squawkPage()],
  ]);
}

/** Pages that are missing, not as they should be, or of a rule that is no more. */
export function stalePages(): readonly string[] {
  const pages = rulePages();
  return [
    ...[...pages].filter(([name, text]) => textOf(name) !== text).map(([name]) => name),
    ...readdirSync(RULES_FOLDER).filter((name) => !pages.has(`rules/${name}`)),
  ];
}

function textOf(name: string): string | null {
  try {
    return readFileSync(path.join(DOCS, name), 'utf8');
  } catch {
    return null;
  }
}

function main(): void {
  if (process.argv.includes('--check')) {
    const stale = stalePages();
    if (stale.length > 0) {
      console.error(`docs/rules is not fresh: ${stale.join(', ')}. Run npm run docs.`);
      process.exitCode = 1;
    }
    return;
  }
  mkdirSync(RULES_FOLDER, { recursive: true });
  const pages = rulePages();
  for (const name of readdirSync(RULES_FOLDER)) if (!pages.has(`rules/${name}`)) rmSync(path.join(RULES_FOLDER, name));
  for (const [name, text] of pages) writeFileSync(path.join(DOCS, name), text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
