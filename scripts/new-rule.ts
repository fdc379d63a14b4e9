/**
 * Makes a new rule: its file in src/core/rules/catalogue, its place in the registry, its page.
 *
 *     node --import tsx scripts/new-rule.ts <rule-id>
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const id = process.argv[2] ?? '';
const rules = new URL('../src/core/rules/', import.meta.url);
const file = new URL(`catalogue/${id}.ts`, rules);
const registry = new URL('registry.ts', rules);

if (!/^[a-z]+(-[a-z]+)*$/.test(id))
  fail('Usage: node --import tsx scripts/new-rule.ts <rule-id>  (words in lower case, joined by -)');
if (existsSync(file)) fail(`The rule ${id} exists: ${fileURLToPath(file)}`);

const name = id.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
writeFileSync(
  file,
  `import { reportHazards } from '../hazard.ts';
import { defineRule } from '../rule.ts';

export const ${name} = defineRule({
  id: '${id}',
  operations: [], // of src/core/effects/operation.ts
  meta: {
    title: '',
    severity: 'warning',
    cause: 'blocks',
    why: '',
    instead: '',
    references: [],
    alsoKnownAs: {},
  },
  // Run against EXAMPLE_SCHEMA (test/support/exampleSchema.ts) by test/core/rules/examples.test.ts: bad fires, good stays quiet.
  examples: { bad: [''], good: [''] },
  check(context) {
    reportHazards(context);
  },
});
`,
);
writeFileSync(
  registry,
  readFileSync(registry, 'utf8')
    .replace("import type { Rule } from './rule.ts';", `import { ${name} } from './catalogue/${id}.ts';\n$&`)
    .replace('  blockingWork,\n]', `  ${name},\n$&`),
);
console.log(`Made ${fileURLToPath(file)}: fill it in, then npm run docs and npm run test:unit.`);

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
