import { strict as assert } from 'node:assert';
import type { CodeQuestion } from '../../../src/core/deployedCode/deployedCode.ts';
import { findUses } from '../../../src/core/deployedCode/findUses.ts';

const gone = (table: string, column: string | null): CodeQuestion => ({
  kind: column === null ? 'table gone' : 'column gone',
  schema: 'public',
  table,
  column,
});
const required = (table: string, column: string): CodeQuestion => ({
  kind: 'column required',
  schema: 'public',
  table,
  column,
});

/** `kind:line` of each use. */
function uses(path: string, text: string, question: CodeQuestion): string[] {
  return [...findUses([{ path, text }], [question]).values()].flat().map(({ kind, line }) => `${kind}:${String(line)}`);
}

describe('uses in deployed code', () => {
  describe('of a Prisma schema', () => {
    const schema = `// model Order { note String }
model Order {
  id         Int      @id @default(autoincrement())
  note       String?
  customerId Int      @map("customer_id")
  customer   Customer @relation(fields: [customerId], references: [id])
  @@map("orders")
}
model Customer {
  id     Int @id
  orders Order[]
}
`;
    it('are the fields, by their names in the database', () => {
      assert.deepEqual(uses('schema.prisma', schema, gone('orders', 'note')), ['Prisma schema:4']);
      assert.deepEqual(uses('schema.prisma', schema, gone('orders', 'customer_id')), ['Prisma schema:5']);
      assert.deepEqual(uses('schema.prisma', schema, gone('orders', 'customerId')), []);
      assert.deepEqual(uses('schema.prisma', schema, gone('orders', 'customer')), []);
      assert.deepEqual(uses('schema.prisma', schema, gone('Customer', 'note')), []);
      assert.deepEqual(uses('schema.prisma', schema, gone('orders', null)), ['Prisma schema:2']);
      assert.deepEqual(uses('schema.prisma', schema, gone('Order', null)), []);
    });
    it('are models that do not write a required column, or may write NULL', () => {
      assert.deepEqual(uses('schema.prisma', schema, required('orders', 'channel')), ['Prisma schema:2']);
      assert.deepEqual(uses('schema.prisma', schema, required('orders', 'note')), ['Prisma schema:4']);
      assert.deepEqual(uses('schema.prisma', schema, required('orders', 'customer_id')), []);
    });
  });

  describe('of TypeORM entities', () => {
    const entity = `import { Column, Entity } from 'typeorm';

@Entity({ name: 'orders' })
export class Order {
  @PrimaryGeneratedColumn()
  id: number;

  @Column({ type: 'text', nullable: true })
  note?: string;

  @Column('int', { name: 'customer' })
  customerId: number;

  @Column()
  placedAt: Date;
}

@Entity()
export class OrderItem {
  @Column() note: string;
}
`;
    it('are the columns, by their own or their written names', () => {
      assert.deepEqual(uses('order.entity.ts', entity, gone('orders', 'note')), ['TypeORM entity:8']);
      assert.deepEqual(uses('order.entity.ts', entity, gone('orders', 'customer')), ['TypeORM entity:11']);
      assert.deepEqual(uses('order.entity.ts', entity, gone('orders', 'customerId')), []);
      assert.deepEqual(uses('order.entity.ts', entity, gone('orders', 'placed_at')), ['TypeORM entity:14']);
      assert.deepEqual(uses('order.entity.ts', entity, gone('order_item', 'note')), ['TypeORM entity:20']);
      assert.deepEqual(uses('order.entity.ts', entity, gone('customers', 'note')), []);
      assert.deepEqual(uses('order.entity.ts', entity, required('orders', 'note')), ['TypeORM entity:8']);
      assert.deepEqual(uses('order.entity.ts', entity, required('orders', 'placed_at')), []);
      assert.deepEqual(uses('order.entity.ts', entity, required('orders', 'channel')), ['TypeORM entity:3']);
    });
  });

  describe('of SQL in strings', () => {
    const note = gone('orders', 'note');
    const inFile = (text: string, question = note): string[] => uses('store.ts', text, question);

    it('are in literals of several languages', () => {
      assert.deepEqual(inFile('const q = `SELECT id,\n  note\n FROM orders`;'), ['SQL:2']);
      assert.deepEqual(inFile(`db.query("SELECT o.note FROM public.orders AS o WHERE o.id = $1")`), ['SQL:1']);
      assert.deepEqual(inFile(`sql = "SELECT id, " +\n  "note FROM orders"`), ['SQL:2']);
      assert.deepEqual(uses('a.py', `q = """\nUPDATE orders\nSET note = %s"""`, note), ['SQL:3']);
      assert.deepEqual(uses('a.rb', 'execute(<<~SQL)\n  DELETE FROM orders WHERE note IS NULL\nSQL\n', note), [
        'SQL:2',
      ]);
      assert.deepEqual(inFile('`SELECT o.note FROM customers c, orders o WHERE c.id = o.customer_id`'), ['SQL:1']);
      assert.deepEqual(uses('report.sql', "SELECT 1;\nSELECT note FROM orders WHERE x = 'orders';", note), ['SQL:2']);
    });

    it('are not what is no SQL, another table, or a constant', () => {
      assert.deepEqual(inFile('// select note from orders'), []);
      assert.deepEqual(inFile('const note = orders.note; // "the note of orders"'), []);
      assert.deepEqual(inFile("`SELECT id FROM orders WHERE kind = 'note'`"), []);
      assert.deepEqual(inFile('`SELECT o.id, c.note FROM orders o JOIN comments c ON c.order_id = o.id`'), []);
      assert.deepEqual(inFile('`SELECT o.id, o.note FROM orders o JOIN comments c ON c.order_id = o.id`'), ['SQL:1']);
      assert.deepEqual(inFile('`SELECT notes, note_id FROM orders`'), []);
      assert.deepEqual(inFile('`INSERT INTO archive (id, note) SELECT id, text FROM orders`'), []);
      assert.deepEqual(inFile('`SELECT note FROM archive.orders`'), []);
      assert.deepEqual(uses('notes.md', '`SELECT note FROM orders`', note), []);
    });

    it('are tables, and INSERTs that leave a required column out', () => {
      assert.deepEqual(inFile('`SELECT 1 FROM a JOIN orders USING (id)`', gone('orders', null)), ['SQL:1']);
      assert.deepEqual(inFile('`SELECT orders FROM a`', gone('orders', null)), []);
      const channel = required('orders', 'channel');
      assert.deepEqual(inFile('`INSERT INTO orders (id, note) VALUES ($1, $2)`', channel), ['SQL:1']);
      assert.deepEqual(inFile('`INSERT INTO orders (id, channel) VALUES ($1, $2)`', channel), []);
      assert.deepEqual(inFile('`INSERT INTO orders (${columns}) VALUES ($1)`', channel), []);
      assert.deepEqual(inFile('`UPDATE orders SET note = 1`', channel), []);
    });
  });

  it('take no long time on hostile texts', function () {
    this.timeout(20_000);
    const many = (part: string, count: number): string => part.repeat(count);
    const question = gone('orders', 'note');
    const texts = [
      `@Entity()${many('@a()', 20_000)}`,
      `@Column(${many('(', 20_000)}`,
      `@Entity(${many(')(', 20_000)})`,
      `\`SELECT ${many(' ', 15_000)} FROM orders ${many(', a', 1_000)}\``,
      many('"SELECT note FROM orders" + ', 5_000),
      `\`SELECT note FROM ${many('orders o, ', 1_500)}\``,
    ];
    for (const text of texts) {
      const start = performance.now();
      findUses([{ path: 'a.ts', text }], [question]);
      assert.ok(performance.now() - start < 3_000, text.slice(0, 40));
    }
    findUses([{ path: 'a.prisma', text: many('model a {\n', 20_000) }], [question]);
  });
});
