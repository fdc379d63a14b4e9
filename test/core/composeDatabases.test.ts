import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { composeDatabases, composeUrl } from '../../src/core/composeDatabases.ts';

const service = (lines: string): string =>
  `services:\n  db:\n${lines.replaceAll(/^/gm, '    ')}\n  web:\n    image: node:20\n    ports: ['3000:3000']\n`;

describe('databases of a compose file', () => {
  it('are those whose port is published, with user and database', () => {
    const [found, ...others] = composeDatabases(
      service(`image: postgres:18-alpine
environment:
  POSTGRES_USER: app
  POSTGRES_PASSWORD: s3cret/@
  POSTGRES_DB: shop
ports:
  - "127.0.0.1:5433:5432"`),
    );
    assert.deepEqual(
      [found, others],
      [{ service: 'db', port: 5433, user: 'app', database: 'shop', password: 's3cret/@' }, []],
    );
    assert.equal(composeUrl(found!), 'postgresql://app:s3cret%2F%40@127.0.0.1:5433/shop');
  });

  it('have the defaults of the image, from lists, long ports and merged maps too', () => {
    const read = (lines: string) => composeDatabases(service(lines)).map(({ password, ...rest }) => rest);
    const db = { service: 'db', port: 5432, user: 'postgres', database: 'postgres' };
    assert.deepEqual(read('image: postgis/postgis:16-3.4\nports: ["5432:5432"]'), [db]);
    assert.deepEqual(
      read('build: ./db\nenvironment:\n  - POSTGRES_PASSWORD=x\n  - POSTGRES_USER=a\nports: ["5432:5432/tcp"]'),
      [{ ...db, user: 'a', database: 'a' }],
    );
    assert.deepEqual(read('image: ghcr.io/acme/postgres@sha256:00\nports:\n  - {target: 5432, published: "15432"}'), [
      { ...db, port: 15_432 },
    ]);
    const merged = `x-db: &db\n  POSTGRES_DB: shop\nservices:\n  db:\n    image: postgres\n    environment:\n      <<: *db\n    ports: ["5432:5432"]\n`;
    assert.equal(composeDatabases(merged)[0]?.database, 'shop');
  });

  it('take a default that the file gives, and expand no variable', () => {
    const text = service(`image: postgres
environment:
  POSTGRES_USER: \${DB_USER:-app}
  POSTGRES_PASSWORD: \${DB_PASSWORD}
  POSTGRES_DB: \${DB_NAME-shop}
ports: ["\${DB_PORT:-5544}:5432"]`);
    assert.deepEqual(composeDatabases(text), [
      { service: 'db', port: 5544, user: 'app', database: 'shop', password: null },
    ]);
  });

  it('are left out where the file does not say which port, user or database', () => {
    for (const lines of [
      'image: postgres',
      'image: postgres\nports: ["5432"]',
      'image: postgres\nports: ["$PORT:5432"]',
      'image: postgres\nports: ["5430-5440:5432"]',
      'image: postgres\nports: ["5432:5432/udp"]',
      'image: postgres\nports: ["99999:5432"]',
      'image: postgres\nports: ["8080:80"]',
      'image: postgres\nenvironment: {POSTGRES_USER: $WHO}\nports: ["5432:5432"]',
      'image: prom/postgres-exporter\nports: ["5432:5432"]',
    ])
      assert.deepEqual(composeDatabases(service(lines)), [], lines);
  });

  it('are none of what is no compose file, whatever it is', () => {
    for (const text of ['', '[1, 2]', 'services: [a]', 'services: {db: 5}', '{', '\t- a: b\n  c', 'a: *nowhere'])
      assert.deepEqual(composeDatabases(text), [], text);
    const bomb = `${Array.from(
      { length: 9 },
      (_, at) =>
        `a${String(at)}: &a${String(at)} [${Array(9)
          .fill(at === 0 ? 'x' : `*a${String(at - 1)}`)
          .join(', ')}]`,
    ).join('\n')}\nservices: *a8\n`;
    assert.deepEqual(composeDatabases(bomb), []);
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(composeDatabases(text))));
  });
});
