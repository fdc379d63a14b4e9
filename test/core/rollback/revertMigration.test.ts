import { strict as assert } from 'node:assert';
import { analyzeHistory } from '../../../src/core/analyze.ts';
import { prismaRevert } from '../../../src/core/rollback/prismaRevert.ts';
import { revertMigration } from '../../../src/core/rollback/revertMigration.ts';
import type { ToolId } from '../../../src/core/tools/tool.ts';
import { historyOf } from '../../support/histories.ts';
import { parser } from '../../support/parser.ts';

const BASE = 'CREATE TABLE orders (id int PRIMARY KEY, total int NOT NULL);\n';

function revertOf(tool: ToolId, files: Readonly<Record<string, string>>): ReturnType<typeof revertMigration> {
  const history = historyOf(tool, files);
  const analysis = analyzeHistory(history, { parser, settings: { major: 18, timeZone: null } });
  return revertMigration(analysis.migrations[1]!, history);
}

function applied(text: string, { edits }: ReturnType<typeof prismaRevert>): string {
  return [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce((done, { start, end, newText }) => done.slice(0, start) + newText + done.slice(end), text);
}

describe('a revert migration', () => {
  const ADD = 'ALTER TABLE orders ADD COLUMN note text;\n';

  it('is a new forward migration of the tool, with the order of code and schema', () => {
    const revert = revertOf('prisma', {
      '20260101000000_base/migration.sql': BASE,
      '20260102000000_note/migration.sql': ADD,
    });
    assert.ok('files' in revert);
    assert.deepEqual(
      revert.files.map(({ path }) => path),
      ['20260102000100_revert_note/migration.sql'],
    );
    assert.match(
      revert.files[0]!.text,
      /-- Reverts 20260102000000_note\.\n-- Lost: values written to orders\.note\.\nALTER TABLE orders DROP COLUMN note;/,
    );
    assert.deepEqual(revert.order, ['First deploy code that does without orders.note, then this migration.']);
    assert.deepEqual(revert.later, []);
  });

  it('keeps to the form of dbmate, Flyway, goose, golang-migrate and Supabase, and reads back as theirs', () => {
    const forms: readonly [ToolId, string, string, RegExp][] = [
      ['dbmate', '1_a.sql', '2_b.sql', /^-- migrate:up\n[^]*DROP COLUMN note;[^]*-- migrate:down/],
      ['flyway', 'V1__a.sql', 'V2__b.sql', /DROP COLUMN note;/],
      ['goose', '1_a.sql', '2_b.sql', /^-- \+goose Up\n[^]*DROP COLUMN note;/],
      ['golang-migrate', '1_a.up.sql', '2_b.up.sql', /DROP COLUMN note;/],
      ['supabase', '1_a.sql', '2_b.sql', /DROP COLUMN note;/],
    ];
    for (const [tool, first, second, expected] of forms) {
      const wrapped = (sql: string): string =>
        tool === 'dbmate' ? `-- migrate:up\n${sql}` : tool === 'goose' ? `-- +goose Up\n${sql}` : sql;
      const files = { [first]: wrapped(BASE), [second]: wrapped(ADD) };
      const revert = revertOf(tool, files);
      assert.ok('files' in revert, `${tool}: ${JSON.stringify(revert)}`);
      const [made] = revert.files;
      assert.ok(made);
      assert.match(made.text, expected);
      const history = historyOf(tool, { ...files, [made.path]: made.text });
      assert.equal(history.migrations.at(-1)?.path, made.path, tool);
    }
  });

  it('says why there is none', () => {
    const revert = revertOf('plain', { 'a.sql': BASE, 'b.sql': ADD });
    assert.match('reason' in revert ? revert.reason : '', /tell no next version/);
    const nothing = revertOf('plain', { '1_a.sql': BASE, '2_b.sql': 'SELECT 1;' });
    assert.match('reason' in nothing ? nothing.reason : '', /nothing to revert/);
  });
});

describe('schema.prisma after a revert', () => {
  const SCHEMA = `model Order {
  id    Int @id
  total Int
  note  String?
  userId Int? @map("user_id")
  user  User? @relation(fields: [userId], references: [id])

  @@map("orders")
}

model User {
  id     Int @id
  orders Order[]

  @@map("users")
}
`;
  function revertedSchema(up: string, schema = SCHEMA): { readonly text: string; readonly byHand: readonly string[] } {
    const history = historyOf('plain', { '1.sql': BASE, '2.sql': up });
    const analysis = analyzeHistory(history, { parser, settings: { major: 18, timeZone: null } });
    const { before, after } = analysis.migrations[1]!;
    const revert = prismaRevert(schema, before, after);
    return { text: applied(schema, revert), byHand: revert.byHand };
  }

  it('loses fields and models that were added, with what leads to them', () => {
    const { text, byHand } = revertedSchema(
      'CREATE TABLE users (id int PRIMARY KEY); ALTER TABLE orders ADD COLUMN note text, ADD COLUMN user_id int REFERENCES users;',
    );
    assert.deepEqual(byHand, []);
    assert.equal(text.replaceAll(/\n+/g, '\n'), 'model Order {\n  id    Int @id\n  total Int\n  @@map("orders")\n}\n');
  });

  it('gets back a field that was dropped, and follows NOT NULL', () => {
    const schema = 'model Order {\n  id Int @id\n\n  @@map("orders")\n}\n';
    assert.match(revertedSchema('ALTER TABLE orders DROP COLUMN total;', schema).text, /id Int @id\n {2}total Int\n/);
    const loose = 'model Order {\n  id Int @id\n  total Int?\n\n  @@map("orders")\n}\n';
    assert.match(revertedSchema('ALTER TABLE orders ALTER COLUMN total DROP NOT NULL;', loose).text, /total Int\n/);
  });

  it('says what takes a person', () => {
    assert.deepEqual(revertedSchema('DROP TABLE orders;').byHand, [
      'bring back the model of the table orders (git log -p schema.prisma)',
    ]);
    assert.deepEqual(revertedSchema('ALTER TABLE orders ALTER COLUMN total TYPE bigint;').byHand, [
      'the type of orders.total is Int again',
    ]);
  });
});
