// Writes schemas/lockkeeper.schema.json from the one description in src/core/configSchema.ts. `--check` fails if it is stale.
import { fileURLToPath } from 'node:url';
import { CONFIG_SCHEMA } from '../src/core/configSchema.ts';
import { writeOrCheck } from './generated.ts';

const FILE = fileURLToPath(new URL('../schemas/lockkeeper.schema.json', import.meta.url));

/** The schema as the editor reads it: the rules are offered, each with what it is about. */
export function schemaText(): string {
  const head = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'lockkeeper.jsonc',
    allowTrailingCommas: true,
  };
  return `${JSON.stringify({ ...head, ...CONFIG_SCHEMA }, null, 2)}\n`;
}

if (process.argv[1] === import.meta.filename) writeOrCheck(FILE, schemaText());
