import type { Node } from '@pgsql/types';
import createModule from 'libpg-query/wasm/libpg-query.js';
import type { PgQueryModule } from 'libpg-query/wasm/libpg-query.js';

/** What PostgreSQL's grammar said of one piece of text. */
export type ParseOutcome =
  | { readonly ok: true; readonly statements: readonly RawStatement[] }
  /** `offset`: UTF-16 offset into the parsed text. */
  | { readonly ok: false; readonly message: string; readonly offset: number };

export interface RawStatement {
  readonly tree: Node;
}

/** PostgreSQL's own grammar, ready to use and synchronous. */
export interface Parser {
  readonly parse: (text: string) => ParseOutcome;
}

/**
 * Makes a parser from libpg-query's WebAssembly.
 *
 * @param wasmBinary the bytes of `libpg-query/wasm/libpg-query.wasm`; front ends know where it lies
 */
export async function createParser(wasmBinary: Uint8Array): Promise<Parser> {
  const module = await createModule({ wasmBinary });
  return { parse: (text) => parse(module, text) };
}

function parse(module: PgQueryModule, text: string): ParseOutcome {
  const size = module.lengthBytesUTF8(text) + 1;
  const input = module._malloc(size);
  module.stringToUTF8(text, input, size);
  const result = module._wasm_parse_query_raw(input);
  module._free(input);
  try {
    const errorPointer = module.getValue(result + 8, 'i32');
    if (errorPointer !== 0) {
      const codePoint = module.getValue(errorPointer + 16, 'i32') - 1;
      const offset = [...text].slice(0, Math.max(codePoint, 0)).join('').length;
      return { ok: false, message: module.UTF8ToString(module.getValue(errorPointer, 'i32')), offset };
    }
    const json = module.UTF8ToString(module.getValue(result, 'i32'));
    const parsed = JSON.parse(json) as { stmts?: readonly { stmt: Node }[] };
    return { ok: true, statements: (parsed.stmts ?? []).map(({ stmt }) => ({ tree: stmt })) };
  } finally {
    module._wasm_free_parse_result(result);
  }
}
