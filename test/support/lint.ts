import { analyzeHistory } from '../../src/core/analyze.ts';
import type { AnalysisSettings, HistoryAnalysis } from '../../src/core/analyze.ts';
import { lintHistory } from '../../src/core/lint.ts';
import type { FileLint } from '../../src/core/lint.ts';
import type { RuleSettings } from '../../src/core/rules/finding.ts';
import { EXAMPLE_SCHEMA } from './exampleSchema.ts';
import type { Example, Finding } from '../../src/core/rules/rule.ts';
import type { History, Migration, ToolId, TransactionMode } from '../../src/core/tools/tool.ts';
import { mysqlParser } from './mysql.ts';
import { parser } from './parser.ts';

export interface TestFile {
  readonly path: string;
  readonly text: string;
  readonly mode?: TransactionMode;
}

/** A history of plain files in the given order, run statement by statement unless told. */
export function testHistory(files: readonly TestFile[], tool: ToolId = 'plain'): History {
  const migrations = files.map(({ path, text, mode = 'autocommit' }): Migration => ({
    id: path,
    tool,
    path,
    text,
    range: { start: 0, end: text.length },
    transactionMode: mode,
    rollback: null,
  }));
  return {
    id: '.',
    tool,
    toolVersion: null,
    dialect: 'postgresql',
    root: '.',
    migrations,
    baseline: null,
    ignored: [],
  };
}

const DEFAULTS: AnalysisSettings = { major: 16, timeZone: null };

export function analyzeFiles(
  files: readonly TestFile[],
  settings: Partial<AnalysisSettings> = {},
  tool?: ToolId,
): HistoryAnalysis {
  return analyzeHistory(testHistory(files, tool), { parser, settings: { ...DEFAULTS, ...settings } });
}

let schema: HistoryAnalysis | undefined;

/** `EXAMPLE_SCHEMA`, analysed once: hundreds of examples stand on it. */
function schemaAnalysis(): HistoryAnalysis {
  return (schema ??= analyzeHistory(testHistory([{ path: '1.sql', text: EXAMPLE_SCHEMA }]), {
    parser: mysqlParser,
    settings: DEFAULTS,
  }));
}

/** Without the hint that every project gets once. */
export const NO_HINT: RuleSettings = { 'lock-timeout': 'off' };

/** The findings of an example as the newest migration after `EXAMPLE_SCHEMA`. */
export function lintExample(example: string | Example, rules: RuleSettings = NO_HINT): FileLint {
  const {
    sql,
    earlier,
    alsoNew,
    later,
    down,
    mode,
    withoutSchema,
    tool,
    facts,
    dialect = 'postgresql',
  }: Example = typeof example === 'string' ? { sql: example } : example;
  const withMode = mode ? { mode } : {};
  const files: TestFile[] = [
    ...(withoutSchema || dialect === 'mysql' ? [] : [{ path: '1.sql', text: EXAMPLE_SCHEMA }]),
    ...(earlier === undefined ? [] : [{ path: '2.sql', text: earlier }]),
    ...(alsoNew === undefined ? [] : [{ path: '2-new.sql', text: alsoNew, ...withMode }]),
    { path: '3.sql', text: sql, ...withMode },
    ...(later === undefined ? [] : [{ path: '4.sql', text: later }]),
  ];
  const plain = testHistory(files, tool);
  const history: History = {
    ...plain,
    dialect,
    migrations: plain.migrations.map((migration) => {
      // A history in which people write their way back: the migration before has one.
      const text = migration.path === '3.sql' ? down : 'SELECT 1;';
      if (down === undefined || text === null || text === undefined) return migration;
      const path = migration.path.replace('.sql', '.down.sql');
      return { ...migration, rollback: { path, text, range: { start: 0, end: text.length } } };
    }),
  };
  const isNew = ({ path }: Migration): boolean => path === '3.sql' || path === '2-new.sql';
  const previous = schemaAnalysis();
  const result = lintHistory(analyzeHistory(history, { parser: mysqlParser, settings: DEFAULTS, previous }), {
    speaks: isNew,
    mayEdit: isNew,
    config: { rules },
    ...(facts === undefined ? {} : { facts }),
  });
  return result.files.find(({ file }) => file === '3.sql')!;
}

/** `rule cause statement` of each finding, for terse assertions. */
export function brief(findings: readonly Finding[]): string[] {
  return findings.map(({ rule, statement }) => `${rule} ${String(statement)}`);
}
