import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createParser } from '../../src/core/sql/parser.ts';

const wasm = createRequire(import.meta.url).resolve('libpg-query/wasm/libpg-query.wasm');

/** One parser for all tests of a process. */
export const parser = await createParser(readFileSync(wasm));
