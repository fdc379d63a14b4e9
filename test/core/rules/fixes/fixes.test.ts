import { strict as assert } from 'node:assert';
import { lintHistory } from '../../../../src/core/lint.ts';
import type { FileLint } from '../../../../src/core/lint.ts';
import { EXAMPLE_SCHEMA } from '../../../support/exampleSchema.ts';
import { analyzeHistory } from '../../../../src/core/analyze.ts';
import { historyFromFiles } from '../../../../src/core/tools/history.ts';
import type { HistoryFile, ToolId } from '../../../../src/core/tools/tool.ts';
import { FIX_CASES } from '../../../support/fixCases.ts';
import { edited } from '../../../support/fixes.ts';
import { analyzeFiles, lintExample } from '../../../support/lint.ts';
import { parser } from '../../../support/parser.ts';

const options = { speaks: ({ path }: { path: string }) => path !== '1.sql', mayEdit: () => true, config: {} };

const SCHEMA_FILES: Readonly<Record<ToolId, string>> = {
  goose: '00001_schema.sql',
  sqitch: 'deploy/schema.sql',
  plain: '1_schema.sql',
  'golang-migrate': '000001_schema.up.sql',
  dbmate: '20230101000000_schema.sql',
  prisma: 'prisma/migrations/20230101000000_schema/migration.sql',
  supabase: '20230101000000_schema.sql',
  flyway: 'V1__schema.sql',
};

describe('a fix', () => {
  const lint = (
    files: readonly HistoryFile[],
    tool: ToolId,
    toolVersion: string | null = null,
  ): readonly FileLint[] => {
    const folder = tool === 'prisma' ? 'prisma/migrations' : '';
    const schema = tool === 'dbmate' ? `-- migrate:up\n${EXAMPLE_SCHEMA}` : EXAMPLE_SCHEMA;
    const history = historyFromFiles({
      id: '.',
      tool,
      toolVersion,
      root: '.',
      folder,
      files: [
        { path: SCHEMA_FILES[tool], text: schema },
        ...files.map(({ path, text }) => ({ path: folder === '' ? path : `${folder}/${path}`, text })),
      ],
    });
    const [first] = history.migrations;
    const analysis = analyzeHistory(history, { parser, settings: { major: 16, timeZone: null } });
    return lintHistory(analysis, {
      speaks: (migration) => migration !== first,
      mayEdit: () => true,
      config: {},
    }).files;
  };
  const rules = (files: readonly FileLint[]): string[] =>
    files.flatMap(({ findings }) => findings.map(({ rule }) => rule));

  for (const { name, tool, mode, path, rule, before, after, modeAfter, newFiles = [] } of FIX_CASES) {
    it(`makes ${name}`, () => {
      const [file] = lint([{ path, text: before }], tool);
      assert.equal(file!.migration.transactionMode, mode);
      const finding = file!.findings.find((each) => each.rule === rule);
      const [fix] = finding?.fixes ?? [];
      assert.ok(fix, `no fix: ${rules([file!]).join(', ')}`);
      assert.equal(edited(before, fix), after);
      const folder = tool === 'prisma' ? 'prisma/migrations/' : '';
      assert.deepEqual(
        fix.newFiles ?? [],
        newFiles.map((added) => ({ path: folder + added.path, text: added.text })),
      );
      // The tool picks up what was made, in that order and run that way; it parses, and no finding but those that were there before is left.
      const left = lint([{ path, text: after }, ...newFiles], tool);
      assert.deepEqual(
        left.map(({ migration }) => [migration.path, migration.transactionMode]),
        [[path, modeAfter ?? mode], ...newFiles.map((added) => [added.path, added.mode])].map(([at, how]) => [
          `${folder}${at!}`,
          how,
        ]),
      );
      const others = file!.findings.filter((each) => each !== finding).map((each) => each.rule);
      for (const still of rules(left).filter((each) => each !== 'concurrently-under-advisory-lock'))
        assert.ok(others.includes(still), `${still} is new, or still there`);
    });
  }

  it('is not offered for what has no safe place under the tool', () => {
    const text = 'CREATE INDEX i ON orders (number); SELECT 1;';
    const fixes = (version: string): number =>
      lint([{ path: '20240101000000_a.sql', text }], 'supabase', version)[0]!.findings[0]!.fixes.length;
    assert.deepEqual([fixes('2.100.0'), fixes('2.110.0')], [0, 1]);
  });

  it('is an index to be made by hand where the tool leaves no statement out of its transaction', () => {
    const message = (tool: ToolId, path: string, text: string, version: string | null = null): string =>
      lint([{ path, text }], tool, version)[0]!.findings.find(({ rule }) => rule === 'require-concurrent-index')!
        .message;
    const byHand = message('plain', '2_a.sql', 'CREATE INDEX i ON orders (number);--> statement-breakpoint\n');
    assert.match(
      byHand,
      /-- Drizzle would run it in a transaction: by hand, .*\n {2}CREATE INDEX CONCURRENTLY i ON orders \(number\);\n.*\n {2}CREATE INDEX IF NOT EXISTS i ON/,
    );
    const index = 'CREATE INDEX i ON orders (number);';
    assert.match(message('supabase', '20240101000000_a.sql', index, '2.100.0'), /Supabase would run it/);
    assert.doesNotMatch(message('supabase', '20240101000000_a.sql', index, '2.115.0'), /by hand/);
    assert.doesNotMatch(message('plain', '2_a.sql', index), /by hand/);
    assert.doesNotMatch(message('dbmate', '20240101000000_a.sql', `-- migrate:up\n${index}`), /by hand/);
  });

  const WITHOUT_TRANSACTION = [
    {
      tool: 'Liquibase',
      head: '--liquibase formatted sql\n--changeset ann:1\n',
      says: /-- in a changeset of its own, which Liquibase [^\n]*\n {2}--changeset author:id runInTransaction:false/,
    },
    {
      tool: 'Liquibase, for another changeset too,',
      head: '--liquibase formatted sql\n--changeset ann:1 runInTransaction:false\nSELECT 1;\n--changeset ann:2\n',
      says: /-- in a changeset of its own, which Liquibase [^\n]*\n {2}--changeset author:id runInTransaction:false/,
    },
    {
      tool: 'Graphile Migrate',
      head: '--! Previous: -\n--! Hash: sha1:a\n\n',
      says: /in a migration of its own, which Graphile Migrate [^\n]*\n {2}--! no-transaction\n/,
    },
  ];
  for (const { tool, head, says } of WITHOUT_TRANSACTION) {
    it(`is the line by which ${tool} leaves the transaction out, where no file can be made`, () => {
      const text = `${head}CREATE INDEX i ON orders (number);\nUPDATE orders SET note = '';`;
      const { findings } = lint([{ path: '000002_a.sql', text }], 'plain')[0]!;
      for (const id of ['require-concurrent-index', 'unbatched-dml']) {
        const { message } = findings.find(({ rule }) => rule === id)!;
        assert.doesNotMatch(message, /by hand/);
        assert.match(message, says);
      }
    });
  }

  it('is not left to a person under sqitch, which deploys with psql', () => {
    for (const sql of ["UPDATE orders SET note = '';", "BEGIN;\nUPDATE orders SET note = '';\nCOMMIT;"]) {
      const { message } = lintExample({ tool: 'sqitch', sql }).findings.find(({ rule }) => rule === 'unbatched-dml')!;
      assert.doesNotMatch(message, /by hand/);
    }
  });

  it('shows an index to be made without a comment behind it that would swallow the semicolon', () => {
    const message = (sql: string, tool: ToolId = 'plain', path = '2_a.sql', version: string | null = null): string =>
      lint([{ path, text: sql }], tool, version)[0]!.findings.find(({ rule }) => rule === 'require-concurrent-index')!
        .message;
    assert.match(
      message('CREATE INDEX i ON orders (note) -- x\n;'),
      / {2}CREATE INDEX CONCURRENTLY i ON orders \(note\);$/m,
    );
    const rebuilt = message('CREATE INDEX IF NOT EXISTS i ON orders (note) -- x\n;');
    assert.match(rebuilt, / {2}CREATE INDEX CONCURRENTLY i ON orders \(note\);$/m);
    const twice = message('CREATE INDEX i ON orders (note) -- x\n;', 'supabase', '20240101000000_a.sql', '2.100.0');
    assert.match(twice, / {2}CREATE INDEX CONCURRENTLY i ON orders \(note\);$/m);
    assert.match(twice, / {2}CREATE INDEX IF NOT EXISTS i ON orders \(note\);$/m);
  });

  it('is a block to be run by hand where the tool commits no batch', () => {
    const message = (tool: ToolId, path: string): string =>
      lint([{ path, text: "UPDATE orders SET note = '';" }], tool)[0]!.findings.find(
        ({ rule }) => rule === 'unbatched-dml',
      )!.message;
    const byHand = message('supabase', '20240101000000_a.sql');
    assert.match(byHand, /-- by hand, with psql: Supabase would run it in a transaction/);
    assert.match(byHand, /DO \$\$\n[^]*UPDATE orders SET note = ''\s+WHERE [^]*COMMIT;/);
    assert.doesNotMatch(message('prisma', '20240101000000_a/migration.sql'), /DO \$\$/);
    assert.doesNotMatch(message('plain', '2_a.sql'), /DO \$\$/);
  });

  it('is not offered for NOT VALID on a partitioned table before PostgreSQL 18', () => {
    const text = 'ALTER TABLE events ADD CONSTRAINT e FOREIGN KEY (id) REFERENCES orders (id);';
    const fixes = (major: 17 | 18): number =>
      lintHistory(
        analyzeFiles(
          [
            { path: '1.sql', text: EXAMPLE_SCHEMA },
            { path: '2.sql', text },
          ],
          { major },
        ),
        options,
      ).files[0]!.findings.find(({ rule }) => rule === 'foreign-key-not-valid')!.fixes.length;
    assert.deepEqual([fixes(17), fixes(18)], [0, 1]);
  });
});
