import { analyzeHistory } from '../../src/core/analyze.ts';
import type { HistoryAnalysis } from '../../src/core/analyze.ts';
import { lintHistory } from '../../src/core/lint.ts';
import type { FileLint, LintOptions } from '../../src/core/lint.ts';
import { applyEdits } from '../../src/core/rules/fixes/applyFixes.ts';
import type { Fix } from '../../src/core/rules/rule.ts';
import { historyFromFiles, withText } from '../../src/core/tools/history.ts';
import type { History, HistoryFile, Migration, RunnerId, ToolId } from '../../src/core/tools/tool.ts';
import type { ServerMajor } from '../../src/core/catalog/catalog.ts';
import { EXAMPLE_SCHEMA } from './exampleSchema.ts';
import { parser } from './parser.ts';

/** A tool as a team has it. */
export interface ToolVariant {
  readonly name: string;
  readonly tool: ToolId;
  readonly version: string | null;
  /** What runs the files of plain SQL, and a file by which that is known. */
  readonly runner?: RunnerId;
  readonly sign?: string;
  /** Schema, something earlier, the migration under test: relative to the tool's folder. */
  readonly paths: readonly [string, string, string];
  /** The migration's SQL with the tool's own marks. */
  readonly wrap: (sql: string) => string;
  /** Statement by statement, by default. */
  readonly autocommit: boolean;
  /** A fix need not be there: what the script itself put into one transaction may be meant so. */
  readonly mayDecline?: true;
}

const asWritten = (sql: string): string => `${sql}\n`;
const PRISMA = {
  tool: 'prisma',
  paths: [
    '20230101000000_schema/migration.sql',
    '20230601000000_earlier/migration.sql',
    '20240101120000_next/migration.sql',
  ],
  wrap: asWritten,
} as const;

export const TOOL_VARIANTS: readonly ToolVariant[] = [
  {
    name: 'psql',
    tool: 'plain',
    version: null,
    paths: ['1_schema.sql', '2_earlier.sql', '3_next.sql'],
    wrap: asWritten,
    autocommit: true,
  },
  {
    name: 'psql with BEGIN',
    tool: 'plain',
    version: null,
    paths: ['1_schema.sql', '2_earlier.sql', '3_next.sql'],
    wrap: (sql) => `BEGIN;\n${sql};\nCOMMIT;\n`.replace(';;', ';'),
    autocommit: false,
    mayDecline: true,
  },
  {
    name: 'goose',
    tool: 'goose',
    version: null,
    paths: ['00001_schema.sql', '00002_earlier.sql', '00003_next.sql'],
    wrap: (sql) => `-- +goose Up\n${sql}\n\n-- +goose Down\n`,
    autocommit: false,
  },
  {
    name: 'golang-migrate',
    tool: 'golang-migrate',
    version: null,
    paths: ['000001_schema.up.sql', '000002_earlier.up.sql', '000003_next.up.sql'],
    wrap: asWritten,
    autocommit: false,
  },
  {
    name: 'dbmate',
    tool: 'dbmate',
    version: null,
    paths: ['20230101000000_schema.sql', '20230601000000_earlier.sql', '20240101120000_next.sql'],
    wrap: (sql) => `-- migrate:up\n${sql}\n\n-- migrate:down\n`,
    autocommit: false,
  },
  {
    name: 'sqlx',
    tool: 'plain',
    runner: 'sqlx',
    version: null,
    paths: ['20230101000000_schema.sql', '20230601000000_earlier.sql', '20240101120000_next.sql'],
    wrap: asWritten,
    autocommit: false,
  },
  {
    name: 'diesel',
    tool: 'plain',
    runner: 'diesel',
    version: null,
    paths: ['2023-01-01-000000_schema/up.sql', '2023-06-01-000000_earlier/up.sql', '2024-01-01-120000_next/up.sql'],
    wrap: asWritten,
    autocommit: false,
  },
  {
    name: 'Atlas',
    tool: 'plain',
    runner: 'atlas',
    sign: 'atlas.sum',
    version: null,
    paths: ['20230101000000_schema.sql', '20230601000000_earlier.sql', '20240101120000_next.sql'],
    wrap: asWritten,
    autocommit: false,
  },
  {
    name: 'Liquibase',
    tool: 'plain',
    runner: 'liquibase',
    version: null,
    paths: ['1_schema.sql', '2_earlier.sql', '3_next.sql'],
    wrap: (sql) => `--liquibase formatted sql\n--changeset ann:3\n${sql}\n--rollback SELECT 1;\n`,
    autocommit: false,
    // Its changelog may name each file: only what stays in its own file is mended.
    mayDecline: true,
  },
  { name: 'Prisma 6', version: '6.19.0', autocommit: false, ...PRISMA },
  { name: 'Prisma 7.10', version: '7.10.0', autocommit: true, ...PRISMA },
  {
    name: 'Supabase',
    tool: 'supabase',
    version: '2.115.0',
    paths: ['20230101000000_schema.sql', '20230601000000_earlier.sql', '20240101120000_next.sql'],
    wrap: asWritten,
    autocommit: false,
  },
  {
    name: 'Flyway',
    tool: 'flyway',
    version: null,
    paths: ['V1__schema.sql', 'V1.1__earlier.sql', 'V2__next.sql'],
    wrap: asWritten,
    autocommit: false,
  },
];

export interface Linted {
  readonly analysis: HistoryAnalysis;
  readonly history: History;
  /** The migration under test. */
  readonly path: string;
  readonly files: readonly FileLint[];
  readonly lint: LintOptions;
}

const bases = new Map<string, HistoryAnalysis>();

/** The findings of a migration after the example schema, as a team with that tool would see them. */
export function lintUnder(
  variant: ToolVariant,
  {
    sql,
    earlier,
    major = 16,
  }: { readonly sql: string; readonly earlier?: string | undefined; readonly major?: ServerMajor | undefined },
): Linted {
  const [schemaPath, earlierPath, path] = variant.paths;
  const files: HistoryFile[] = [
    { path: schemaPath, text: marked(variant, EXAMPLE_SCHEMA) },
    ...(earlier === undefined ? [] : [{ path: earlierPath, text: marked(variant, earlier) }]),
    { path, text: variant.wrap(sql) },
  ];
  const history = historyFromFiles({
    id: '.',
    tool: variant.tool,
    toolVersion: variant.version,
    nearbyRunner: variant.runner ?? null,
    root: '.',
    files,
    paths: [...files.map((file) => file.path), ...(variant.sign === undefined ? [] : [variant.sign])],
  });
  const key = `${variant.name} ${String(major)}`;
  const previous = bases.get(key);
  const options = { parser, settings: { major, timeZone: null } };
  const analysis = analyzeHistory(history, previous ? { ...options, previous } : options);
  bases.set(key, analysis);
  const old = new Set([schemaPath, earlierPath]);
  const lint: LintOptions = { speaks: (migration) => !old.has(migration.path), mayEdit: () => true, config: {} };
  return { analysis, history, path, files: lintHistory(analysis, lint).files, lint };
}

/** As a migration that the tool reads, whatever the variant does with the one under test. */
function marked({ tool, wrap }: ToolVariant, sql: string): string {
  return tool === 'plain' ? `${sql}\n` : wrap(sql);
}

/** The same after a fix. */
export function lintFixed(
  { analysis, history, path, lint }: Linted,
  fix: Fix,
): { readonly history: History; readonly files: readonly FileLint[] } {
  const own = history.migrations.find((migration) => migration.path === path)!;
  const texts = [{ path, text: applyEdits(own.text, fix.edits) }, ...(fix.newFiles ?? [])];
  const fixed = texts.reduce((result, { path: at, text }) => withText(result, at, text), history);
  const after = analyzeHistory(fixed, { parser, settings: analysis.settings, previous: analysis });
  return { history: fixed, files: lintHistory(after, lint).files };
}

/** The up script as it is sent. */
export function upScript({ text, range }: Migration): string {
  return text.slice(range.start, range.end);
}
