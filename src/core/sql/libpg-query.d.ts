/** The part of Emscripten's module that `parser.ts` uses; the package ships no types for this entry. */
declare module 'libpg-query/wasm/libpg-query.js' {
  export interface PgQueryModule {
    lengthBytesUTF8(text: string): number;
    stringToUTF8(text: string, pointer: number, size: number): void;
    UTF8ToString(pointer: number): string;
    getValue(pointer: number, type: 'i32'): number;
    _malloc(size: number): number;
    _free(pointer: number): void;
    /** struct { char *parse_tree; char *stderr_buffer; PgQueryError *error } */
    _wasm_parse_query_raw(query: number): number;
    _wasm_free_parse_result(result: number): void;
    /** Returns JSON as a C string, or a message that does not start with `[`; aborts the instance on SQL-language bodies. */
    _wasm_parse_plpgsql(query: number): number;
    _wasm_free_string(pointer: number): void;
  }
  const create: (
    module: Partial<PgQueryModule> & {
      wasmBinary?: Uint8Array;
      /** Emscripten's hook: makes the instance itself and hands it over. */
      instantiateWasm?: (imports: object, receive: (instance: object, module: object) => void) => object;
    },
  ) => Promise<PgQueryModule>;
  // eslint-disable-next-line no-restricted-syntax -- it describes somebody else's module
  export default create;
}
