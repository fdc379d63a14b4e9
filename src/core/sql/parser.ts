import type { Node } from '@pgsql/types';
import createModule from 'libpg-query/wasm/libpg-query.js';
import type { PgQueryModule } from 'libpg-query/wasm/libpg-query.js';
import type { MysqlParser } from './mysql.ts';
import { utf16FromBytes, utf16FromCodePoints } from './offsets.ts';

/** What PostgreSQL's grammar said of one piece of text. */
export type ParseOutcome =
  | { readonly ok: true; readonly statements: readonly RawStatement[] }
  /** `offset`: UTF-16 offset into the parsed text. `fatal`: not a verdict on the text, the parser itself gave up on it. */
  | { readonly ok: false; readonly message: string; readonly offset: number; readonly fatal: boolean };

export interface RawStatement {
  readonly tree: Node;
  /** UTF-16 range in the parsed text: from the first token up to the `;`; of an only statement the whole text. */
  readonly start: number;
  readonly end: number;
}

/** PL/pgSQL as libpg-query gives it: an array of `{ PLpgSQL_function: … }`. */
export type PlpgsqlOutcome =
  { readonly ok: true; readonly functions: readonly unknown[] } | { readonly ok: false; readonly message: string };

/** PostgreSQL's own grammar, ready to use and synchronous. */
export interface Parser {
  readonly parse: (text: string) => ParseOutcome;
  /**
   * Parses the bodies in a CREATE FUNCTION or DO statement. Only for LANGUAGE plpgsql with a string body: on others
   * libpg-query aborts or says nothing.
   */
  readonly parsePlpgsql: (text: string) => PlpgsqlOutcome;
  /** Reads MySQL and MariaDB; null until a front end adds it (`withMysql`), since PostgreSQL's users do not need it. */
  readonly mysql: MysqlParser | null;
}

/** The same parser, which now reads MySQL and MariaDB too. */
export function withMysql(parser: Parser, mysql: MysqlParser): Parser {
  return { ...parser, mysql };
}

/**
 * Makes a parser from libpg-query's WebAssembly.
 *
 * A parse that does not end in a syntax error but in an exception (JavaScript's stack, deep in an expression of
 * 20,000 terms) leaves the instance damaged: it works a few times more, then fails on everything (measured). So the
 * instance is thrown away and a new one made from the compiled module, which is synchronous and takes 5 ms.
 *
 * @param wasmBinary the bytes of `libpg-query/wasm/libpg-query.wasm`; front ends know where it lies
 */
export async function createParser(wasmBinary: Uint8Array): Promise<Parser> {
  const compiled = new webAssembly.Module(wasmBinary);
  let instance = await startInstance(compiled).ready;
  const guarded = <Outcome>(run: (module: PgQueryModule) => Outcome, failed: Outcome): Outcome => {
    try {
      return run(instance);
    } catch {
      const replacement = startInstance(compiled);
      instance = replacement.module;
      return failed;
    }
  };
  return {
    mysql: null,
    parse: (text) =>
      guarded((module) => parse(module, text), {
        ok: false,
        message: 'the parser gave up: too deeply nested',
        offset: 0,
        fatal: true,
      }),
    parsePlpgsql: (text) =>
      guarded((module) => parsePlpgsql(module, text), { ok: false, message: 'the parser gave up' }),
  };
}

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}
/** Every JavaScript engine has it, but TypeScript declares it only with the DOM, which core does without. */
const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

/**
 * Emscripten's start-up is asynchronous, but with this hook the module can parse as soon as the call returns: what
 * comes later prepares file descriptors, which only printing would need. `parser.test.ts` holds it to that.
 */
function startInstance(compiled: object): { readonly module: PgQueryModule; readonly ready: Promise<PgQueryModule> } {
  const module: Parameters<typeof createModule>[0] = {
    instantiateWasm: (imports, receive) => {
      const made = new webAssembly.Instance(compiled, imports);
      receive(made, compiled);
      return made.exports;
    },
  };
  const ready = createModule(module);
  ready.catch(() => undefined);
  return { module: module as PgQueryModule, ready };
}

function parse(module: PgQueryModule, text: string): ParseOutcome {
  const result = withText(module, text, (input) => module._wasm_parse_query_raw(input));
  const errorPointer = module.getValue(result + 8, 'i32');
  let outcome: ParseOutcome;
  if (errorPointer === 0) {
    const json = module.UTF8ToString(module.getValue(result, 'i32'));
    const parsed = JSON.parse(json) as ParseResultJson;
    const raw = parsed.stmts ?? [];
    outcome = { ok: true, statements: raw.map((statement) => place(statement, raw.length === 1, text)) };
  } else {
    const message = module.UTF8ToString(module.getValue(errorPointer, 'i32'));
    const cursor = module.getValue(errorPointer + 16, 'i32');
    outcome = { ok: false, message, offset: utf16FromCodePoints(text, cursor - 1), fatal: false };
  }
  module._wasm_free_parse_result(result);
  return outcome;
}

interface ParseResultJson {
  readonly stmts?: readonly { readonly stmt: Node; readonly stmt_location?: number; readonly stmt_len?: number }[];
}

function place(raw: NonNullable<ParseResultJson['stmts']>[number], only: boolean, text: string): RawStatement {
  if (only) return { tree: raw.stmt, start: 0, end: text.length };
  // A location of 0 and a length of 0 ("to the end") are left out of the JSON.
  const location = raw.stmt_location ?? 0;
  const start = utf16FromBytes(text, location);
  const end = raw.stmt_len ? start + utf16FromBytes(text.slice(start), raw.stmt_len) : text.length;
  return { tree: raw.stmt, start, end };
}

function parsePlpgsql(module: PgQueryModule, text: string): PlpgsqlOutcome {
  const pointer = withText(module, text, (input) => module._wasm_parse_plpgsql(input));
  const answer = module.UTF8ToString(pointer);
  module._wasm_free_string(pointer);
  if (!/^[[{]/.test(answer)) return { ok: false, message: answer };
  const parsed = JSON.parse(answer) as { plpgsql_funcs?: readonly unknown[] } | readonly unknown[];
  return {
    ok: true,
    functions: Array.isArray(parsed)
      ? parsed
      : ((parsed as { plpgsql_funcs?: readonly unknown[] }).plpgsql_funcs ?? []),
  };
}

function withText<Result>(module: PgQueryModule, text: string, use: (pointer: number) => Result): Result {
  const size = module.lengthBytesUTF8(text) + 1;
  const input = module._malloc(size);
  module.stringToUTF8(text, input, size);
  const result = use(input);
  module._free(input);
  return result;
}
