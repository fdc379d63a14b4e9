import fc from 'fast-check';
import { emptyDatabase, runStatement, type OracleSession } from './session.ts';
import { compare } from './compare.ts';
import { readRelations } from './observe.ts';
import { predictCase } from './predict.ts';
import type { Tally } from './tally.ts';

/** A made-up table and one change of it. */
export interface GeneratedCase {
  readonly setup: string;
  readonly sql: string;
  readonly timeZone: string;
}

interface ColumnType {
  readonly name: string;
  /** A literal of the type. */
  readonly value: string;
  /** Access methods beside btree. */
  readonly methods?: readonly string[];
  readonly unordered?: true;
}

const TYPES: readonly ColumnType[] = [
  { name: 'smallint', value: '1', methods: ['hash', 'brin'] },
  { name: 'integer', value: '1', methods: ['hash', 'brin'] },
  { name: 'bigint', value: '1', methods: ['hash'] },
  { name: 'oid', value: '1' },
  { name: 'numeric', value: '1' },
  { name: 'numeric(10,2)', value: '1' },
  { name: 'numeric(12,2)', value: '1' },
  { name: 'numeric(12,4)', value: '1' },
  { name: 'numeric(8)', value: '1' },
  { name: 'real', value: '1' },
  { name: 'double precision', value: '1' },
  { name: 'text', value: "'1'", methods: ['hash'] },
  { name: 'varchar', value: "'1'", methods: ['hash'] },
  { name: 'varchar(10)', value: "'1'" },
  { name: 'varchar(20)', value: "'1'" },
  { name: 'char(5)', value: "'1'" },
  { name: 'char(10)', value: "'1'" },
  { name: 'citext_like', value: "'1'" },
  { name: 'name', value: "'1'" },
  { name: 'bit(4)', value: "B'1010'" },
  { name: 'varbit(4)', value: "B'1010'" },
  { name: 'varbit(8)', value: "B'1010'" },
  { name: 'varbit', value: "B'1010'" },
  { name: 'boolean', value: 'true' },
  { name: 'date', value: "'2024-01-01'", methods: ['brin'] },
  { name: 'timestamp', value: "'2024-01-01'", methods: ['brin'] },
  { name: 'timestamp(3)', value: "'2024-01-01'" },
  { name: 'timestamp(6)', value: "'2024-01-01'" },
  { name: 'timestamptz', value: "'2024-01-01'" },
  { name: 'timestamptz(3)', value: "'2024-01-01'" },
  { name: 'time', value: "'10:00'" },
  { name: 'time(2)', value: "'10:00'" },
  { name: 'timetz(2)', value: "'10:00'" },
  { name: 'interval', value: "'1 day'" },
  { name: 'interval(3)', value: "'1 day'" },
  { name: 'interval day to second(3)', value: "'1 day'" },
  { name: 'interval year to month', value: "'1 year'" },
  { name: 'uuid', value: "'00000000-0000-0000-0000-000000000001'", methods: ['hash'] },
  { name: 'json', value: "'1'", unordered: true },
  { name: 'jsonb', value: "'1'", methods: ['gin'] },
  { name: 'xml', value: "'<a/>'", unordered: true },
  { name: 'bytea', value: "'1'" },
  { name: 'inet', value: "'10.0.0.1'" },
  { name: 'cidr', value: "'10.0.0.1'" },
  { name: 'macaddr', value: "'08:00:2b:01:02:03'" },
  { name: 'money', value: '1' },
  { name: 'text[]', value: "'{1}'", methods: ['gin'] },
  { name: 'varchar(10)[]', value: "'{1}'" },
  { name: 'integer[]', value: "'{1}'", methods: ['gin'] },
  { name: 'bigint[]', value: "'{1}'" },
  { name: 'tsvector', value: "'a'", methods: ['gin'] },
  { name: 'int4range', value: "'[1,2)'", methods: ['gist'] },
  { name: 'point', value: "'(1,1)'", unordered: true },
  { name: 'letter', value: "'a'" },
  { name: 'free_number', value: '1' },
  { name: 'checked_number', value: '1' },
  { name: 'short_text', value: "'1'" },
];

/** Types of the user's own, and functions of each volatility. */
export const GENERATED_PRELUDE = `
CREATE TYPE letter AS ENUM ('a', 'b');
CREATE DOMAIN free_number AS integer;
CREATE DOMAIN checked_number AS integer CHECK (VALUE > 0);
CREATE DOMAIN short_text AS varchar(10);
CREATE DOMAIN citext_like AS text;
CREATE FUNCTION vol() RETURNS integer LANGUAGE sql VOLATILE AS 'SELECT 1';
CREATE FUNCTION stab() RETURNS integer LANGUAGE sql STABLE AS 'SELECT 1';
CREATE TABLE targets (id integer PRIMARY KEY, big bigint UNIQUE, code varchar(10) UNIQUE, word text UNIQUE);
INSERT INTO targets VALUES (1, 1, '1', '1');
`;

const type = fc.constantFrom(...TYPES);
const timeZone = fc.constantFrom('UTC', 'UTC', 'Europe/Berlin');

const indexes = (column: ColumnType): fc.Arbitrary<readonly string[]> =>
  fc.subarray(
    [
      ...(column.unordered === true
        ? []
        : [
            'CREATE INDEX ON t (c)',
            'CREATE UNIQUE INDEX ON t (c)',
            'CREATE INDEX ON t (other, c)',
            'CREATE INDEX ON t (c) WHERE other > 0',
            'CREATE INDEX ON t (c DESC NULLS LAST)',
          ]),
      ...(column.methods ?? []).map((method) => `CREATE INDEX ON t USING ${method} (c)`),
      'CREATE INDEX ON t (other) INCLUDE (c)',
      'CREATE INDEX ON t (other)',
      'CREATE INDEX ON t (other) WHERE c IS NOT NULL',
      'CREATE INDEX ON t ((c IS NULL))',
      'CREATE INDEX ON t ((coalesce(c, c) IS NULL), other)',
    ],
    { minLength: 0, maxLength: 3 },
  );

const constraints = (column: ColumnType): fc.Arbitrary<readonly string[]> =>
  fc.subarray(
    [
      'ALTER TABLE t ADD CHECK (c IS NOT NULL)',
      'ALTER TABLE t ADD CHECK (c IS NOT NULL OR other IS NULL)',
      'ALTER TABLE t ADD CHECK (c IS NOT NULL) NOT VALID',
      'ALTER TABLE t ADD CHECK (other > 0)',
      'ALTER TABLE t ALTER COLUMN c SET NOT NULL',
      ...(column.name === 'integer'
        ? [
            'ALTER TABLE t ADD FOREIGN KEY (c) REFERENCES targets',
            'ALTER TABLE t ADD FOREIGN KEY (c) REFERENCES targets NOT VALID',
          ]
        : []),
      ...(column.name === 'bigint' ? ['ALTER TABLE t ADD FOREIGN KEY (c) REFERENCES targets (big)'] : []),
      ...(column.name === 'varchar(10)' ? ['ALTER TABLE t ADD FOREIGN KEY (c) REFERENCES targets (code)'] : []),
      ...(column.name === 'text' ? ['ALTER TABLE t ADD FOREIGN KEY (c) REFERENCES targets (word)'] : []),
      ...(column.unordered === true || column.name === 'boolean' ? [] : ['ALTER TABLE t ADD UNIQUE (c)']),
      'CREATE STATISTICS s ON other, id FROM t',
    ],
    { minLength: 0, maxLength: 2 },
  );

const added = fc.tuple(
  type,
  fc.constantFrom('', 'value', 'now', 'volatile', 'vol()', 'stab()', 'null', 'nextval'),
  fc.subarray(['NOT NULL', 'UNIQUE', 'CHECK (added IS NOT NULL)', 'CONSTRAINT x CHECK (other > 0)'], { maxLength: 2 }),
);

function addColumn([column, kind, more]: readonly [ColumnType, string, readonly string[]]): string {
  const timely = /^(timestamp|date|timestamptz)/.test(column.name);
  const numeric = /^(smallint|integer|bigint|numeric|real|double)/.test(column.name);
  const expressions: Record<string, string | null> = {
    value: column.value,
    now: timely ? 'now()' : null,
    volatile: timely ? 'clock_timestamp()' : column.name === 'uuid' ? 'gen_random_uuid()' : numeric ? 'random()' : null,
    'vol()': numeric ? 'vol()' : null,
    'stab()': numeric ? 'stab() + 1' : null,
    null: 'NULL',
    nextval: numeric ? "nextval('numbers')" : null,
  };
  const expression = expressions[kind] ?? null;
  return `ALTER TABLE t ADD COLUMN added ${column.name}${expression === null ? '' : ` DEFAULT ${expression}`} ${more.join(' ')}`.trimEnd();
}

const change = (column: ColumnType): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 6, arbitrary: type.map(({ name }) => `ALTER TABLE t ALTER COLUMN c TYPE ${name}`) },
    { weight: 2, arbitrary: type.map(({ name }) => `ALTER TABLE t ALTER COLUMN c TYPE ${name} USING c::${name}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        ...['"C"', '"POSIX"'].map(
          (collation) => `ALTER TABLE t ALTER COLUMN c TYPE ${column.name} COLLATE ${collation}`,
        ),
      ),
    },
    { weight: 4, arbitrary: added.map(addColumn) },
    {
      weight: 1,
      arbitrary: fc.tuple(added, type).map(([one, { name }]) => `${addColumn(one)}, ALTER COLUMN c TYPE ${name}`),
    },
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        'ALTER TABLE t ALTER COLUMN c SET NOT NULL',
        'ALTER TABLE t ALTER COLUMN c DROP NOT NULL',
        'ALTER TABLE t DROP COLUMN c',
        'ALTER TABLE t ADD PRIMARY KEY (c)',
        'ALTER TABLE t ADD UNIQUE (c, other)',
        'ALTER TABLE t ADD CHECK (c IS NOT NULL)',
        'CREATE INDEX ON t (c)',
        'ALTER TABLE t ALTER COLUMN c SET DEFAULT NULL',
        'ALTER TABLE t ADD FOREIGN KEY (c) REFERENCES targets',
        'ALTER TABLE t ADD FOREIGN KEY (c) REFERENCES targets (word) NOT VALID',
        'ALTER TABLE t SET UNLOGGED',
        'ALTER TABLE t ALTER COLUMN c TYPE text USING other::text, ALTER COLUMN other SET NOT NULL',
        'CLUSTER t USING t_pkey',
        'DROP TABLE t',
        'TRUNCATE t',
        'UPDATE t SET c = c',
      ),
    },
  );

export const generatedCase: fc.Arbitrary<GeneratedCase> = type.chain((column) =>
  fc
    .tuple(indexes(column), constraints(column), change(column), timeZone)
    .map(([indexList, constraintList, sql, zone]) => ({
      setup: [
        `CREATE TABLE t (id integer PRIMARY KEY, c ${column.name}, other integer)`,
        `INSERT INTO t VALUES (1, ${column.value}, 1)`,
        ...indexList,
        ...constraintList,
        'CREATE SEQUENCE numbers',
        '',
      ].join(';\n'),
      sql,
      timeZone: zone,
    })),
);

/** Runs made-up cases; those that the server refuses are counted, not compared. */
export async function compareGenerated(
  session: OracleSession,
  tally: Tally,
  options: { readonly seed: number; readonly runs: number },
): Promise<void> {
  await emptyDatabase(session);
  await session.work.query(GENERATED_PRELUDE);
  for (const each of fc.sample(generatedCase, { seed: options.seed, numRuns: options.runs })) {
    await session.work.query(`SET TimeZone = 'UTC'; DROP TABLE IF EXISTS t; DROP SEQUENCE IF EXISTS numbers;`);
    try {
      await session.work.query(each.setup);
    } catch {
      // An index or a constraint that does not go with the type.
      tally.refused += 1;
      continue;
    }
    await session.work.query(`SET TimeZone = '${each.timeZone}'`);
    const before = await readRelations(session.work);
    const outcome = await runStatement(session, each.sql, before, false);
    if (!outcome.ok) {
      tally.refused += 1;
      continue;
    }
    const { line } = predictCase(session.major, each.timeZone, `${GENERATED_PRELUDE}${each.setup}`, each.sql);
    const pairs = compare(line.effects, outcome.effects, {
      kind: line.kind,
      exact: outcome.exact,
      compareWork: true,
      opaque: line.opaque,
      empty: new Set(),
      atStart: before,
    });
    tally.add(
      'generated',
      each.sql,
      `after: ${each.setup.replaceAll(/\s+/g, ' ')}${each.timeZone === 'UTC' ? '' : ` ${each.timeZone}`}`,
      pairs,
    );
  }
}
