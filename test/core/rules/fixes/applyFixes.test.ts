import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { analyzeHistory } from '../../../../src/core/analyze.ts';
import { applyEdits, fixHistory } from '../../../../src/core/rules/fixes/applyFixes.ts';
import type { FixedHistory } from '../../../../src/core/rules/fixes/applyFixes.ts';
import { tokensOf } from '../../../../src/core/rules/fixes/tokens.ts';
import { prismaFieldEdits } from '../../../../src/core/tools/prismaSchema.ts';
import { TOOLS } from '../../../../src/core/tools/registry.ts';
import { FIX_MATRIX } from '../../../support/fixMatrix.ts';
import { lintUnder, TOOL_VARIANTS } from '../../../support/fixRun.ts';
import type { Linted, ToolVariant } from '../../../support/fixRun.ts';
import { parser } from '../../../support/parser.ts';

const variant = (name: string): ToolVariant => TOOL_VARIANTS.find((each) => each.name === name)!;
const all = (linted: Linted): FixedHistory =>
  fixHistory(linted.analysis, { parser, lint: linted.lint, wants: () => true });
const fixed = (name: string, sql: string): FixedHistory => all(lintUnder(variant(name), { sql }));

const SHOWCASE = `-- AlterTable
ALTER TABLE "orders" ADD COLUMN "channel" TEXT;

-- Backfill
UPDATE "orders" SET "channel" = 'web' WHERE "channel" IS NULL;

-- AlterTable
ALTER TABLE "orders" ALTER COLUMN "channel" SET NOT NULL;

-- CreateIndex
CREATE INDEX "orders_number_idx" ON "orders"("number");

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id");`;

describe('all fixes of a history', () => {
  it('make a set of migrations of a back-fill on Prisma, those of the second deploy last', () => {
    const { created, changed, schemaFields, applied } = fixed('Prisma 6', SHOWCASE);
    assert.deepEqual(
      created.map(({ path }) => path),
      [
        '20240101120100_orders_number_idx/migration.sql',
        '20240101120200_validate_orders_customer_id_fkey/migration.sql',
        '20240101120300_fill_channel/migration.sql',
        '20240101120400_channel_not_null_check/migration.sql',
        '20240101120500_channel_not_null/migration.sql',
      ],
    );
    assert.equal(
      changed[0]!.after,
      `-- AlterTable
ALTER TABLE "orders" ADD COLUMN "channel" TEXT;

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") NOT VALID;
`,
    );
    const [fill] = created.filter(({ path }) => path.includes('fill_channel'));
    assert.match(
      fill!.text,
      /^-- Deploy this, .* only when every running version of the application writes orders.channel.\n/,
    );
    assert.equal(tokensOf(fill!.text).filter(({ text }) => text === ';').length, 1);
    assert.deepEqual(schemaFields, [{ table: 'orders', column: 'channel', optional: false }]);
    const steps = applied.flatMap((fix) => fix.steps);
    assert.match(steps[0]!, /^First deploy: .* Leave out of this deploy: 20240101120300_fill_channel/);
    assert.match(steps[1]!, /^Second deploy, .*20240101120500_channel_not_null/);
  });

  it('name the lines of the files as they were before', () => {
    const { applied } = fixed('Prisma 6', SHOWCASE);
    const lines = SHOWCASE.split('\n');
    const told = applied.map(
      ({ rule, startLine }) => `${rule}: ${lines[startLine - 1]!.replace(/^((?:\S+ ){3}).*/, '$1')}`,
    );
    assert.deepEqual(told, [
      'require-concurrent-index: CREATE INDEX "orders_number_idx" ',
      'foreign-key-not-valid: ALTER TABLE "orders" ',
      'unbatched-dml: UPDATE "orders" SET ',
    ]);
    const sql = SHOWCASE.replaceAll('\n', '\r\n');
    assert.deepEqual(
      fixed('Prisma 6', sql).applied.map(({ startLine }) => startLine),
      applied.map(({ startLine }) => startLine),
    );
  });

  it('change rows before what is built on them', () => {
    const sql =
      'ALTER TABLE orders ADD COLUMN remark text;\nUPDATE orders SET number = id;\nALTER TABLE orders ADD UNIQUE (number);\nALTER TABLE orders ADD CHECK (number > 0);';
    for (const name of ['Prisma 6', 'dbmate', 'Flyway']) {
      const { analysis } = fixed(name, sql);
      const order = analysis.history.migrations
        .slice(1)
        .map(({ text }) => /COMMIT|UNIQUE INDEX|VALIDATE/.exec(text)?.[0]);
      assert.deepEqual(
        order.filter((word) => word !== undefined),
        ['COMMIT', 'UNIQUE INDEX', 'VALIDATE'],
        name,
      );
    }
  });

  it('leave a merged migration alone', () => {
    for (const each of TOOL_VARIANTS) {
      const linted = lintUnder(each, { sql: SHOWCASE });
      const merged = { ...linted, lint: { ...linted.lint, mayEdit: () => false } };
      assert.deepEqual(all(merged).applied, []);
      // It may be looked at, but is not among the new ones: another one is, which must not be rewritten by way of it.
      const later = { ...linted.lint, mayEdit: ({ path }: { path: string }) => path !== linted.path };
      assert.deepEqual(all({ ...linted, lint: later }).changed, []);
    }
  });

  it('come to an end, under every tool, and leave nothing that a second run would change', () => {
    for (const each of TOOL_VARIANTS) {
      const sql = FIX_MATRIX.filter(({ earlier }) => earlier === undefined).map((one) => one.sql.replace(/;?$/, ';'));
      // One by one, and some after another in one file, as far as they do not make the same thing twice.
      const some = [SHOWCASE, [sql[0], sql[4], sql[10], sql.at(-1)].join('\n'), sql.slice(0, 3).join('\n')];
      for (const script of some) {
        const linted = lintUnder(each, { sql: script });
        const first = all(linted);
        const made = new Set(first.created.map(({ path }) => path));
        assert.ok(first.applied.length < 60, `${each.name}: ${String(first.applied.length)} fixes`);
        assert.ok(new Set(first.applied.map(({ rule }) => rule)).size > 0 || each.mayDecline, each.name);
        const again = all({ ...linted, analysis: first.analysis });
        assert.deepEqual(
          again.applied,
          [],
          `${each.name}: ${again.applied.map(({ rule, title }) => `${rule} ${title}`).join('; ')}`,
        );
        for (const path of made) assert.ok(TOOLS[each.tool].reads(path), path);
      }
    }
  });

  it('are the same whatever was known before', () => {
    const linted = lintUnder(variant('Prisma 6'), { sql: SHOWCASE });
    const fresh = analyzeHistory(linted.history, { parser, settings: linted.analysis.settings });
    assert.deepEqual(all({ ...linted, analysis: fresh }).created, all(linted).created);
  });
});

/** The same SQL as somebody else would write it. */
const layouts = fc.record({
  upper: fc.boolean(),
  lower: fc.boolean(),
  newline: fc.constantFrom('\n', '\r\n'),
  comments: fc.array(fc.constantFrom('', '/* a */', '-- it\'s; "b"\n', '/* ; nested /* c */ */', '\n\n', '\t'), {
    minLength: 1,
    maxLength: 12,
  }),
  bom: fc.boolean(),
});

function laidOut(
  sql: string,
  { upper, lower, newline, comments, bom }: typeof layouts extends fc.Arbitrary<infer T> ? T : never,
): string {
  let last = 0;
  let result = '';
  for (const [index, token] of tokensOf(sql).entries()) {
    const gap = sql.slice(last, token.start);
    const comment = comments[index % comments.length] ?? '';
    // Not within `a.b`, and only where white space stands already.
    result += gap === '' ? '' : `${gap}${comment}${/\n$/.test(comment) ? '' : ' '}`;
    const written = sql.slice(token.start, token.end);
    result +=
      token.kind === 'word' ? (upper ? written.toUpperCase() : lower ? written.toLowerCase() : written) : written;
    last = token.end;
  }
  return `${bom ? '\ufeff' : ''}${result}${sql.slice(last)}`.replaceAll(/\r?\n/g, newline);
}

function comments(text: string): string[] {
  return (text.match(/\/\* a \*\/|-- it's; "b"|\/\* ; nested \/\* c \*\/ \*\//g) ?? []).sort();
}

describe('a fix, however the migration is laid out', function () {
  this.timeout(60_000);
  const cases = FIX_MATRIX.filter(({ onlyInTransaction, sql }) => !onlyInTransaction && !sql.includes('--'));

  it('clears its finding, brings none, and keeps every comment', () => {
    fc.assert(
      fc.property(fc.constantFrom(...cases), fc.constantFrom(...TOOL_VARIANTS), layouts, (one, each, layout) => {
        const rule = one.ruleUnder?.[each.tool] ?? one.rule;
        const sql = laidOut(one.sql, layout);
        const linted = lintUnder(each, { ...one, sql });
        const [file] = linted.files;
        const finding = file!.findings.find((found) => found.rule === rule);
        // A BOM behind the tool's own mark is no BOM.
        fc.pre(finding !== undefined);
        if (one.without?.[each.tool] !== undefined) return;
        const [fix] = finding.fixes;
        if (!fix && each.mayDecline) return;
        assert.ok(fix, 'no fix');
        const { text } = file!.migration;
        const edited = applyEdits(text, fix.edits);
        const everything = [edited, ...(fix.newFiles ?? []).map((made) => made.text)].join('\n');
        const kept = comments(everything);
        for (const comment of comments(text)) {
          assert.ok(kept.includes(comment), `lost: ${comment}`);
          kept.splice(kept.indexOf(comment), 1);
        }
        if (layout.newline === '\r\n') assert.doesNotMatch(everything.replaceAll('\r\n', ''), /\r/);
        const result = fixHistory(linted.analysis, {
          parser,
          lint: linted.lint,
          wants: (found) => found.rule === rule,
        });
        assert.ok(result.applied.length > 0, 'not taken');
      }),
      { numRuns: 80, seed: 4 },
    );
  });
});

describe("a field of Prisma's schema", () => {
  const SCHEMA = `// name String
model User {
  id Int @id
  name String // @map("other")
}

model Order {
  id        Int      @id
  channel   String   @default("a?") @map("sales_channel") // where from
  tags      String[]
  placedAt  DateTime? @map(name: "placed_at")
  name      Unsupported("citext")?
  @@map("orders")
}
`;
  const after = (table: string, column: string, optional: boolean, text = SCHEMA): string | null => {
    const edits = prismaFieldEdits(text, { table, column, optional });
    return edits && applyEdits(text, edits);
  };

  it('becomes optional and required, and nothing else changes', () => {
    assert.equal(after('orders', 'sales_channel', true), SCHEMA.replace('channel   String ', 'channel   String? '));
    assert.equal(after('orders', 'placed_at', false), SCHEMA.replace('DateTime?', 'DateTime'));
    assert.equal(after('User', 'name', true), SCHEMA.replace('name String //', 'name String? //'));
    assert.equal(after('orders', 'name', false), SCHEMA.replace('("citext")?', '("citext")'));
    const crlf = SCHEMA.replaceAll('\n', '\r\n');
    assert.equal(after('User', 'id', true, crlf), crlf.replace('id Int @id', 'id Int? @id'));
  });

  it('stays where it is so already, and is not found under another name', () => {
    assert.equal(after('orders', 'placed_at', true), SCHEMA);
    assert.deepEqual(
      [after('Order', 'id', true), after('orders', 'channel', true), after('orders', 'tags', true)],
      [null, null, null],
    );
  });
});
