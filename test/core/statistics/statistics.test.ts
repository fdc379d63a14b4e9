import { strict as assert } from 'node:assert';
import { parseStatistics } from '../../../src/core/statistics/parseStatistics.ts';
import { relationSize, statisticsText, writesPerSecond } from '../../../src/core/statistics/statistics.ts';
import { STATISTICS_QUERY } from '../../../src/core/statistics/statisticsQuery.ts';

const ORDERS = {
  schema: 'public',
  name: 'orders',
  kind: 'table',
  rows: 40_000_000,
  bytes: 8_000_000_000,
  indexBytes: 900_000_000,
  indexes: { orders_pkey: 900_000_000 },
  columns: { status: { nullFraction: 0, distinct: 5, width: 7, correlation: 0.3 } },
  writes: { inserted: 86_400, updated: 0, deleted: 0 },
  analyzedAt: '2026-11-21T10:00:00Z',
  partitionOf: null,
};
const FILE = {
  format: 1,
  takenAt: '2026-11-22T10:00:00Z',
  serverVersion: '16.4',
  database: {
    bytes: 1,
    systemIdentifier: '7412',
    statisticsSince: '2026-11-21T10:00:00Z',
    countedSeconds: 86_400,
    settings: { work_mem: '4MB' },
  },
  relations: [ORDERS],
};

describe('statistics of production', () => {
  it('are read from the file, and written as they were read', () => {
    const { statistics, problems } = parseStatistics(JSON.stringify(FILE));
    assert.deepEqual(problems, []);
    assert.deepEqual(relationSize(statistics!, 'public', 'orders'), {
      rows: 40_000_000,
      bytes: 8_000_000_000,
      indexBytes: 900_000_000,
    });
    assert.equal(relationSize(statistics!, 'public', 'nobody'), null);
    assert.equal(writesPerSecond(statistics!, statistics!.relations.get('public.orders')!), 1);
    assert.deepEqual(parseStatistics(statisticsText(statistics!)).statistics, statistics);
  });

  for (const [what, text] of [
    ['psql with its frame', ` statistics \n------------\n ${JSON.stringify(FILE)}\n(1 row)\n`],
    ['a CSV cell', `"${JSON.stringify(FILE).replaceAll('"', '""')}"\r\n`],
    ['a file with a byte order mark', `\ufeff${JSON.stringify(FILE)}`],
  ] as const) {
    it(`are read from ${what}`, () => {
      assert.equal(parseStatistics(text).statistics?.relations.size, 1);
    });
  }

  it('keep names apart that look alike with a dot in them', () => {
    const relations = [
      { ...ORDERS, schema: 'a.b', name: 'c', rows: 1 },
      { ...ORDERS, schema: 'a', name: 'b.c', rows: 2 },
    ];
    const { statistics } = parseStatistics(JSON.stringify({ ...FILE, relations }));
    assert.equal(relationSize(statistics!, 'a.b', 'c')?.rows, 1);
    assert.equal(relationSize(statistics!, 'a', 'b.c')?.rows, 2);
  });

  it('take in no value, whatever the file holds', () => {
    const columns = { status: { ...ORDERS.columns.status, most_common_vals: ['secret'], default: 'secret' } };
    const text = JSON.stringify({ ...FILE, note: 'secret', relations: [{ ...ORDERS, columns, sample: 'secret' }] });
    assert.doesNotMatch(statisticsText(parseStatistics(text).statistics!), /secret/);
  });

  it('name what is wrong and use the rest', () => {
    const relations = [
      ORDERS,
      { ...ORDERS, name: 'a', bytes: -1 },
      { ...ORDERS, name: 'b', rows: 'many' },
      { ...ORDERS, name: 'c', columns: { x: { nullFraction: 2, distinct: 0, width: 4, correlation: 0 } } },
      { ...ORDERS },
      'orders',
      {
        ...ORDERS,
        name: '__proto__',
        columns: JSON.parse('{"__proto__": {"nullFraction": 0, "distinct": 1, "width": 1}}') as object,
      },
    ];
    const { statistics, problems } = parseStatistics(JSON.stringify({ ...FILE, relations }));
    assert.deepEqual([...statistics!.relations.keys()], ['public.orders', 'public.b', 'public.c', 'public.__proto__']);
    assert.deepEqual(problems, [
      'relation 2: public.a has no "bytes" of 0 or more',
      'relation 3: public.b: "rows" is not a number of 0 or more',
      'relation 4: public.c: the numbers of column "x" make no sense',
      'public.orders is listed twice; the first counts',
      'relation 6: it has no "schema" and "name"',
    ]);
    assert.equal(statistics!.relations.get('public.b')?.rows, null);
    assert.deepEqual(Object.keys(statistics!.relations.get('public.__proto__')!.columns), ['__proto__']);
  });

  for (const [text, problem] of [
    ['', 'it holds no JSON'],
    ['{"format": 1', 'it holds no JSON'],
    ['{"format": }', 'it is not valid JSON'],
    ['{"format": 2}', 'it has the format 2, and this version reads format 1'],
    ['{"format": 1, "takenAt": "yesterday"}', '"takenAt" is not a time'],
  ] as const) {
    it(`are not there in ${text === '' ? 'nothing' : text}`, () => {
      assert.deepEqual(parseStatistics(text), { statistics: null, problems: [problem] });
    });
  }

  it('are asked for without naming what holds values', () => {
    assert.doesNotMatch(
      STATISTICS_QUERY,
      /most_common|histogram|adbin|default_value|\b(INSERT|UPDATE|DELETE|CREATE)\b/,
    );
  });
});
