import { createRequire } from 'node:module';
import type { MysqlParser } from '../../src/core/sql/mysql.ts';
import { withMysql } from '../../src/core/sql/parser.ts';
import { parser } from './parser.ts';

const { Parser } = createRequire(import.meta.url)('node-sql-parser/build/mysql') as { Parser: new () => MysqlParser };

/** The parser of all tests that reads MySQL too. */
export const mysqlParser = withMysql(parser, new Parser());
