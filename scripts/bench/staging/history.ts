import { analyzeHistory, type HistoryAnalysis } from '../../../src/core/analyze.ts';
import type { Migration } from '../../../src/core/tools/tool.ts';
import { parser } from '../../../test/support/parser.ts';

/** A schema and a migration after it, `2.sql`, as plain files on PostgreSQL 18. */
export function benchHistory(schema: string, migration: string): HistoryAnalysis {
  const migrations = [schema, migration].map((text, index): Migration => {
    const path = `${String(index + 1)}.sql`;
    const range = { start: 0, end: text.length };
    return { id: path, tool: 'plain', path, text, range, transactionMode: 'autocommit', rollback: null };
  });
  return analyzeHistory(
    {
      id: '.',
      tool: 'plain',
      toolVersion: null,
      dialect: 'postgresql',
      root: '.',
      migrations,
      baseline: null,
      ignored: [],
    },
    { parser, settings: { major: 18, timeZone: null } },
  );
}
