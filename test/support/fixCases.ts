import type { TransactionMode, ToolId } from '../../src/core/tools/tool.ts';

/** A migration with one finding that has a fix, and what the fix makes of it; run by the unit tests and on a real server. */
export interface FixCase {
  readonly name: string;
  readonly tool: ToolId;
  readonly mode: TransactionMode;
  readonly path: string;
  readonly rule: string;
  readonly before: string;
  readonly after: string;
  /** How the tool runs the file after the fix, where that is another way. */
  readonly modeAfter?: TransactionMode;
  readonly newFiles?: readonly { readonly path: string; readonly text: string; readonly mode: TransactionMode }[];
}

const plain = { tool: 'plain', mode: 'autocommit', path: '2_next.sql' } as const;
const prisma = { tool: 'prisma', mode: 'implicit', path: '20240101120000_next/migration.sql' } as const;
const dbmate = { tool: 'dbmate', mode: 'explicit', path: '20240101120000_next.sql' } as const;

export const FIX_CASES: readonly FixCase[] = [
  {
    name: 'an index in its place, formatting and comments kept',
    ...plain,
    rule: 'require-concurrent-index',
    before: '-- for the list\ncreate unique index -- by number\n   orders_number_idx on orders ( number )  ;\n',
    after:
      '-- for the list\ncreate unique index concurrently -- by number\n   orders_number_idx on orders ( number )  ;\n',
  },
  {
    name: "an index that is Prisma's only statement, in its place",
    ...prisma,
    rule: 'require-concurrent-index',
    before: 'CREATE INDEX "orders_number_idx" ON "orders"("number");\n',
    after: 'CREATE INDEX CONCURRENTLY "orders_number_idx" ON "orders"("number");\n',
  },
  {
    name: 'an index among others, into a Prisma migration of its own, with its comment',
    ...prisma,
    rule: 'require-concurrent-index',
    before:
      '-- AlterTable\nALTER TABLE "orders" ADD COLUMN "remark" TEXT;\n\n-- CreateIndex\nCREATE INDEX "orders_number_idx" ON "orders"("number");\n\n-- Comment\nCOMMENT ON COLUMN "orders"."remark" IS \'free text\';\n',
    after:
      '-- AlterTable\nALTER TABLE "orders" ADD COLUMN "remark" TEXT;\n\n-- Comment\nCOMMENT ON COLUMN "orders"."remark" IS \'free text\';\n',
    newFiles: [
      {
        path: '20240101120100_orders_number_idx/migration.sql',
        text: '-- CreateIndex\nCREATE INDEX CONCURRENTLY "orders_number_idx" ON "orders"("number");\n',
        mode: 'implicit',
      },
    ],
  },
  {
    name: 'an index into a dbmate migration without a transaction',
    ...dbmate,
    rule: 'require-concurrent-index',
    before: '-- migrate:up\nCREATE INDEX orders_number_idx ON orders (number);\nSELECT 1;\n\n-- migrate:down\n',
    after: '-- migrate:up\nSELECT 1;\n\n-- migrate:down\n',
    newFiles: [
      {
        path: '20240101120100_orders_number_idx.sql',
        text: '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY orders_number_idx ON orders (number);\n\n-- migrate:down\n',
        mode: 'implicit',
      },
    ],
  },
  {
    name: "an index that is dbmate's only statement, with its opt-out",
    ...dbmate,
    rule: 'require-concurrent-index',
    before: '-- migrate:up\nCREATE INDEX orders_number_idx ON orders (number);\n\n-- migrate:down\n',
    after:
      '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY orders_number_idx ON orders (number);\n\n-- migrate:down\n',
    modeAfter: 'implicit',
  },
  {
    name: "an index that is Flyway's only statement",
    tool: 'flyway',
    mode: 'explicit',
    path: 'V2__next.sql',
    rule: 'require-concurrent-index',
    before: 'CREATE INDEX orders_number_idx ON orders (number);\n',
    after: 'CREATE INDEX CONCURRENTLY orders_number_idx ON orders (number);\n',
    modeAfter: 'autocommit',
  },
  {
    name: 'a foreign key, validated after it',
    ...plain,
    rule: 'foreign-key-not-valid',
    before:
      'ALTER TABLE orders ADD CONSTRAINT "Known Customer" FOREIGN KEY (customer_id) REFERENCES customers ON DELETE SET NULL; -- see #7\nSELECT 1;\n',
    after:
      'ALTER TABLE orders ADD CONSTRAINT "Known Customer" FOREIGN KEY (customer_id) REFERENCES customers ON DELETE SET NULL NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT "Known Customer"; -- see #7\nSELECT 1;\n',
  },
  {
    name: 'a foreign key without a name, last and not closed, CRLF',
    ...plain,
    rule: 'foreign-key-not-valid',
    before: 'SELECT 1;\r\nALTER TABLE ONLY orders ADD FOREIGN KEY (customer_id) REFERENCES customers (id)',
    after:
      'SELECT 1;\r\nALTER TABLE ONLY orders ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;\r\nALTER TABLE ONLY orders VALIDATE CONSTRAINT orders_customer_id_fkey;',
  },
  {
    name: 'a foreign key of Prisma, validated in a migration of its own',
    ...prisma,
    rule: 'foreign-key-not-valid',
    before:
      '-- AddForeignKey\nALTER TABLE "orders" ADD CONSTRAINT "orders_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE SET NULL ON UPDATE CASCADE;\n',
    after:
      '-- AddForeignKey\nALTER TABLE "orders" ADD CONSTRAINT "orders_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE SET NULL ON UPDATE CASCADE NOT VALID;\n',
    newFiles: [
      {
        path: '20240101120100_validate_orders_customer_id_fkey/migration.sql',
        text: 'ALTER TABLE "orders" VALIDATE CONSTRAINT orders_customer_id_fkey;\n',
        mode: 'implicit',
      },
    ],
  },
  {
    name: "a CHECK, validated after the script's own COMMIT",
    ...plain,
    rule: 'check-not-valid',
    before:
      'BEGIN;\nALTER TABLE orders\n  ADD CONSTRAINT total_positive CHECK (total > 0), -- since 4.2\n  ALTER COLUMN note SET DEFAULT $$a, b$$;\nCOMMIT;\n',
    after:
      'BEGIN;\nALTER TABLE orders\n  ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID, -- since 4.2\n  ALTER COLUMN note SET DEFAULT $$a, b$$;\nCOMMIT;\nALTER TABLE orders VALIDATE CONSTRAINT total_positive;\n',
  },
  {
    name: 'a UNIQUE constraint from an index built concurrently',
    ...plain,
    rule: 'unique-using-index',
    before: 'ALTER TABLE orders -- since 4.2\n  ADD UNIQUE (number, "customer_id");\n',
    after:
      'CREATE UNIQUE INDEX CONCURRENTLY orders_number_customer_id_key ON orders (number, customer_id);\nALTER TABLE orders -- since 4.2\n  ADD CONSTRAINT orders_number_customer_id_key UNIQUE USING INDEX orders_number_customer_id_key;\n',
  },
  {
    name: 'NOT NULL by way of a CHECK',
    ...plain,
    rule: 'set-not-null',
    before: 'ALTER TABLE IF EXISTS orders\n  ALTER customer_id SET NOT NULL;\n',
    after: `ALTER TABLE IF EXISTS orders
  ADD CONSTRAINT customer_id_not_null_check CHECK (customer_id IS NOT NULL) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT customer_id_not_null_check;
ALTER TABLE orders ALTER COLUMN customer_id SET NOT NULL;
ALTER TABLE orders DROP CONSTRAINT customer_id_not_null_check;
`,
  },
  {
    name: 'NOT NULL of Prisma by way of a CHECK, in two migrations',
    ...prisma,
    rule: 'set-not-null',
    before: '-- AlterTable\nALTER TABLE "orders" ALTER COLUMN "customer_id" SET NOT NULL;\n',
    after:
      '-- AlterTable\nALTER TABLE "orders" ADD CONSTRAINT customer_id_not_null_check CHECK (customer_id IS NOT NULL) NOT VALID;\n',
    newFiles: [
      {
        path: '20240101120100_customer_id_not_null/migration.sql',
        text: `ALTER TABLE "orders" VALIDATE CONSTRAINT customer_id_not_null_check;
ALTER TABLE "orders" ALTER COLUMN customer_id SET NOT NULL;
ALTER TABLE "orders" DROP CONSTRAINT customer_id_not_null_check;
`,
        mode: 'implicit',
      },
    ],
  },
];
