import { strict as assert } from 'node:assert';
import type { Client } from 'pg';
import type { FilledTable } from '../../../src/core/report/stagingRun.ts';
import { withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { quoteLiteral } from '../../../src/core/sql/quote.ts';
import { fillTables } from '../../../src/node/staging/fill/fillTables.ts';
import { parser } from '../../support/parser.ts';
import { sharedServer } from '../../support/server.ts';

describe('filling tables with made-up rows', function () {
  this.timeout(60_000);

  it('fills what the table refers to first, to a tenth, and says how large it is', () =>
    filled(
      `CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE);
       CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, note varchar(5) NOT NULL)`,
      ['orders'],
      1000,
      async (tables, client) => {
        assert.deepEqual(tables.map(brief), ['public.customers 100/100 referenced', 'public.orders 1000/1000 touched']);
        assert.ok(tables[1]!.bytes > 50_000);
        assert.equal(await one(client, 'SELECT count(DISTINCT customer_id) FROM orders'), '100');
        assert.equal(await one(client, "SELECT reltuples::text FROM pg_class WHERE relname = 'orders'"), '1000');
      },
    ));

  it('makes values of every ordinary type', () =>
    filled(
      `CREATE TYPE mood AS ENUM ('sad', 'glad');
       CREATE DOMAIN percentage AS numeric(5,2) CHECK (VALUE >= 0 AND VALUE <= 100);
       CREATE TABLE everything (
         a smallint NOT NULL, b int NOT NULL, c bigint NOT NULL, d numeric(6,2) NOT NULL, e numeric NOT NULL, f real NOT NULL,
         g double precision NOT NULL, h boolean NOT NULL, i text NOT NULL, j varchar(20) NOT NULL, k char(3) NOT NULL,
         l uuid NOT NULL, m date NOT NULL, n timestamp NOT NULL, o timestamptz NOT NULL, p time NOT NULL, q interval NOT NULL,
         r json NOT NULL, s jsonb NOT NULL, t bytea NOT NULL, u inet NOT NULL, v cidr NOT NULL, w macaddr NOT NULL,
         x mood NOT NULL, y percentage NOT NULL, z int[] NOT NULL, aa text[] NOT NULL, ab tstzrange NOT NULL, ac bit(4) NOT NULL,
         ad tsvector NOT NULL, ae money NOT NULL, af point NOT NULL, ag mood[] NOT NULL, ah int4range NOT NULL, ai varbit(9) NOT NULL,
         aj numeric(3,3) NOT NULL, ak xml, al timetz NOT NULL, am oid NOT NULL, an name NOT NULL, ao macaddr8 NOT NULL, ap "char")`,
      ['everything'],
      50_000,
      (tables) => {
        assert.deepEqual(tables.map(brief), ['public.everything 50000/50000 touched']);
      },
    ));

  it('meets simple CHECKs, and leaves NULL what it cannot meet', () =>
    filled(
      `CREATE TABLE t (
         id int PRIMARY KEY CHECK (id > 0),
         status text NOT NULL CHECK (status IN ('new', 'paid')),
         rate int NOT NULL CHECK (rate BETWEEN 5 AND 7),
         code text NOT NULL CHECK (length(code) = 3),
         starts_at timestamptz NOT NULL,
         ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
         zip text NOT NULL CHECK (zip ~ '^Z[0-9]{5}$'),
         upper_code text NOT NULL CHECK (upper_code = upper(upper_code)),
         state text NOT NULL CHECK (state ~ '^(open|closed)$'),
         name text NOT NULL CHECK (trim(name) <> ''),
         digest bytea NOT NULL CHECK (digest IS NULL OR octet_length(digest) = 20),
         half varchar(40) NOT NULL DEFAULT lower(NULL),
         odd text CONSTRAINT odd_form CHECK (md5(odd) LIKE '00%'))`,
      ['t'],
      500,
      async (tables, client) => {
        assert.deepEqual(tables.map(brief), ['public.t 500/500 touched']);
        assert.equal(await one(client, 'SELECT count(DISTINCT zip) FROM t'), '500');
        assert.equal(await one(client, 'SELECT count(odd) FROM t'), '0');
        assert.equal(tables[0]!.leftNull, 'odd NULL in all rows: made-up ones do not meet the CHECK odd_form');
        assert.equal(await one(client, 'SELECT count(DISTINCT state) FROM t'), '2');
        assert.equal(await one(client, 'SELECT count(DISTINCT status) FROM t'), '2');
      },
    ));

  it('says which table could not be filled, and why', () =>
    filled(
      `CREATE TABLE strange (id int, zip text NOT NULL CONSTRAINT zip_form CHECK (md5(zip) LIKE '00%'));
       CREATE TABLE child (strange_id int NOT NULL);
       ALTER TABLE strange ADD PRIMARY KEY (id);
       ALTER TABLE child ADD CONSTRAINT child_strange FOREIGN KEY (strange_id) REFERENCES strange`,
      ['child'],
      100,
      (tables) => {
        assert.deepEqual(tables.map(brief), ['public.strange 0/10 referenced', 'public.child 0/100 touched']);
        assert.match(tables[0]!.shortfall ?? '', /violates check constraint "zip_form"/);
        assert.match(
          tables[1]!.shortfall ?? '',
          /public\.strange that the NOT NULL foreign key child_strange refers to holds no rows/,
        );
      },
    ));

  it('keeps unique keys over references, and says when they allow no more', () =>
    filled(
      `CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
       CREATE TABLE teams (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
       CREATE TABLE members (user_id uuid REFERENCES users, team_id uuid REFERENCES teams, PRIMARY KEY (user_id, team_id));
       CREATE TABLE profiles (user_id uuid PRIMARY KEY REFERENCES users);
       CREATE TABLE flags (flag boolean PRIMARY KEY)`,
      ['members', 'profiles', 'flags'],
      1000,
      (tables) => {
        assert.deepEqual(tables.map(brief).sort(), [
          'public.flags 2/1000 touched',
          'public.members 1000/1000 touched',
          'public.profiles 1000/1000 touched',
          'public.teams 100/100 referenced',
          'public.users 1000/1000 referenced',
        ]);
        assert.match(tables.find(({ table }) => table === 'public.flags')?.shortfall ?? '', /\(flag\) allows only 2/);
      },
    ));

  it('keeps composite foreign keys of one tenant together', () =>
    filled(
      `CREATE TABLE tenants (id int PRIMARY KEY);
       CREATE TABLE users (tenant_id int REFERENCES tenants, id int, PRIMARY KEY (tenant_id, id));
       CREATE TABLE projects (tenant_id int REFERENCES tenants, id int, PRIMARY KEY (tenant_id, id));
       CREATE TABLE tasks (id serial PRIMARY KEY, tenant_id int NOT NULL REFERENCES tenants, user_id int NOT NULL, project_id int NOT NULL, parent_id int REFERENCES tasks,
         FOREIGN KEY (tenant_id, user_id) REFERENCES users, FOREIGN KEY (tenant_id, project_id) REFERENCES projects)`,
      ['tasks'],
      2000,
      (tables) => {
        assert.deepEqual(brief(tables.at(-1)!), 'public.tasks 2000/2000 touched');
      },
    ));

  it('fills partitioned tables by a partition of theirs, circles, and tables with triggers', () =>
    filled(
      `CREATE TABLE events (id bigserial, at timestamptz NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
       CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
       CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
       CREATE TABLE a (id int PRIMARY KEY, b_id int);
       CREATE TABLE b (id int PRIMARY KEY, a_id int NOT NULL REFERENCES a);
       ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b;
       CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
       CREATE TRIGGER refuse BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION refuse();
       ALTER TABLE a ENABLE ALWAYS TRIGGER refuse`,
      ['events_1', 'b'],
      300,
      async (tables, client) => {
        assert.deepEqual(tables.map(brief).sort(), [
          'public.a 30/30 referenced',
          'public.b 300/300 touched',
          'public.events 300/300 touched',
        ]);
        assert.equal(await one(client, "SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'refuse'"), 'A');
        assert.equal(await one(client, 'SELECT count(*) FROM events_1'), '150');
      },
    ));

  it('adds to rows that the history inserted, and quotes odd names', () =>
    filled(
      `CREATE TABLE "Odd ""Name" ("a b" int PRIMARY KEY, "select" text NOT NULL UNIQUE);
       INSERT INTO "Odd ""Name" VALUES (1, 'x'), (2, 'y')`,
      ['"Odd ""Name"'],
      100,
      (tables) => {
        assert.equal(tables[0]!.table, 'public."Odd ""Name"');
        assert.ok(tables[0]!.rows >= 98 && tables[0]!.rows <= 100);
      },
    ));
});

async function filled(
  schema: string,
  touched: readonly string[],
  rows: number,
  check: (tables: readonly FilledTable[], client: Client) => void | Promise<void>,
): Promise<void> {
  const server = await sharedServer();
  await withScratchDatabase(server.url, (url) =>
    withClient(url, {}, async (client) => {
      await client.query(schema);
      const oids: number[] = [];
      for (const name of touched)
        oids.push(Number(await one(client, `SELECT ${quoteLiteral(name)}::regclass::oid::int8`)));
      await check(await fillTables(client, { parser, touched: oids, rows: () => rows }), client);
    }),
  );
}

async function one(client: Client, sql: string): Promise<string> {
  const { rows } = await client.query<string[]>({ text: sql, rowMode: 'array' });
  return String(rows[0]?.[0]);
}

function brief({ table, rows, wanted, role }: FilledTable): string {
  return `${table} ${rows}/${wanted} ${role}`;
}
