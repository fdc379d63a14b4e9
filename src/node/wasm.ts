import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { MysqlParser } from '../core/sql/mysql.ts';
import { createParser, withMysql } from '../core/sql/parser.ts';
import type { Parser } from '../core/sql/parser.ts';
import type { History } from '../core/tools/tool.ts';

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

/**
 * The parser that these histories need: with node-sql-parser's MySQL grammar (a quarter of a megabyte of JavaScript, so
 * loaded only then) if one of them is MySQL.
 */
export async function loadParserFor(histories: readonly Pick<History, 'dialect'>[]): Promise<Parser> {
  const parser = await loadParser();
  if (!histories.some(({ dialect }) => dialect === 'mysql') || parser.mysql) return parser;
  const module = (await import('node-sql-parser/build/mysql.js')) as { default?: MysqlModule } & MysqlModule;
  const MysqlGrammar = module.default?.Parser ?? module.Parser;
  const both = withMysql(parser, new MysqlGrammar());
  loading = Promise.resolve(both);
  return both;
}

interface MysqlModule {
  readonly Parser: new () => MysqlParser;
}

function wasmFile(): string {
  for (const folder of ['.', '..', '../..']) {
    const file = join(import.meta.dirname, folder, 'libpg-query.wasm');
    if (existsSync(file)) return file;
  }
  return createRequire(import.meta.url).resolve('libpg-query/wasm/libpg-query.wasm');
}
