// Writes schemas/lockkeeper.schema.json from the one description in src/core/configSchema.ts. `--check` fails if it is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { CONFIG_SCHEMA } from '../src/core/configSchema.ts';

const file = new URL('../schemas/lockkeeper.schema.json', import.meta.url);

/** The schema as the editor reads it: the rules are offered, each with what it is about. */
export function schemaText(): string {
  const head = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'lockkeeper.jsonc',
    allowTrailingCommas: true,
  };
  return `${JSON.stringify({ ...head, ...CONFIG_SCHEMA }, null, 2)}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const text = schemaText();
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error('schemas/lockkeeper.schema.json is stale: node --import tsx scripts/generate-schema.ts');
    process.exitCode = 1;
  }
}
