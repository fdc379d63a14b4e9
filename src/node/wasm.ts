import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createParser } from '../core/sql/parser.ts';
import type { Parser } from '../core/sql/parser.ts';

let loading: Promise<Parser> | null = null;

/**
 * PostgreSQL's grammar, loaded once for the process. Its WebAssembly lies beside the bundle (`dist/libpg-query.wasm`; the
 * CLI's chunks lie one or two folders deeper), or in node_modules when run from source.
 *
 * @throws when the file is missing: the installation is damaged
 */
export function loadParser(): Promise<Parser> {
  loading ??= createParser(readFileSync(wasmFile()));
  return loading;
}

function wasmFile(): string {
  for (const folder of ['.', '..', '../..']) {
    const file = join(import.meta.dirname, folder, 'libpg-query.wasm');
    if (existsSync(file)) return file;
  }
  return createRequire(import.meta.url).resolve('libpg-query/wasm/libpg-query.wasm');
}
