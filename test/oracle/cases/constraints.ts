import { group, since } from './case.ts';
import { SHOP } from './shop.ts';

export const CONSTRAINTS = [
  group('constraints', SHOP, [
    'ALTER TABLE customers ADD CONSTRAINT c CHECK (amount > 0)',
    'ALTER TABLE customers ADD CONSTRAINT c CHECK (amount > 0) NOT VALID',
    'ALTER TABLE customers ADD CHECK (amount > 0), ADD CHECK (score > 0)',
    'ALTER TABLE items VALIDATE CONSTRAINT items_quantity_check',
    'ALTER TABLE items VALIDATE CONSTRAINT items_order_fk',
    'ALTER TABLE customers VALIDATE CONSTRAINT customers_score_check',
    'ALTER TABLE orders VALIDATE CONSTRAINT orders_customer_fk',
    'ALTER TABLE customers DROP CONSTRAINT customers_score_check',
    'ALTER TABLE customers DROP CONSTRAINT IF EXISTS nowhere',
    'ALTER TABLE orders DROP CONSTRAINT orders_customer_fk',
    'ALTER TABLE orders DROP CONSTRAINT orders_parent_fk',
    'ALTER TABLE customers DROP CONSTRAINT customers_pkey CASCADE',
    'ALTER TABLE orders DROP CONSTRAINT orders_pkey CASCADE',
    'ALTER TABLE items DROP CONSTRAINT items_pkey',
    'ALTER TABLE items DROP CONSTRAINT items_pkey, ADD PRIMARY KEY (order_id)',
    'ALTER TABLE items ADD CONSTRAINT fk FOREIGN KEY (order_id) REFERENCES orders (id)',
    'ALTER TABLE items ADD CONSTRAINT fk FOREIGN KEY (order_id) REFERENCES orders (id) NOT VALID',
    'ALTER TABLE items ADD FOREIGN KEY (order_id) REFERENCES orders ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED',
    'ALTER TABLE orders ADD FOREIGN KEY (number) REFERENCES orders',
    'ALTER TABLE orders ALTER CONSTRAINT orders_customer_fk DEFERRABLE INITIALLY DEFERRED',
    'ALTER TABLE orders ALTER CONSTRAINT orders_customer_fk NOT DEFERRABLE',
    ...since(
      18,
      'ALTER TABLE customers ADD CONSTRAINT nn NOT NULL born',
      'ALTER TABLE customers ADD CONSTRAINT nn NOT NULL born NOT VALID',
      'ALTER TABLE customers ADD NOT NULL name',
      'ALTER TABLE customers ADD NOT NULL email',
      'ALTER TABLE customers ADD CONSTRAINT c CHECK (amount > 0) NOT ENFORCED',
      'ALTER TABLE items ADD CONSTRAINT fk FOREIGN KEY (order_id) REFERENCES orders NOT ENFORCED',
      'ALTER TABLE orders ALTER CONSTRAINT orders_customer_fk NOT ENFORCED',
      'ALTER TABLE customers DROP CONSTRAINT customers_email_not_null',
    ),
    {
      sql: 'ALTER TABLE customers VALIDATE CONSTRAINT nn',
      since: 18,
      first: 'ALTER TABLE customers ADD CONSTRAINT nn NOT NULL born NOT VALID',
    },
    {
      sql: 'ALTER TABLE customers ALTER COLUMN born SET NOT NULL',
      since: 18,
      first: 'ALTER TABLE customers ADD CONSTRAINT nn NOT NULL born NOT VALID',
    },
    {
      sql: 'ALTER TABLE items ALTER CONSTRAINT fk ENFORCED',
      since: 18,
      first: 'ALTER TABLE items ADD CONSTRAINT fk FOREIGN KEY (order_id) REFERENCES orders NOT ENFORCED',
    },
    {
      sql: 'ALTER TABLE customers ALTER COLUMN born SET NOT NULL',
      first: 'ALTER TABLE customers ADD CHECK (born IS NOT NULL) NOT VALID',
    },
    {
      sql: 'ALTER TABLE customers ALTER COLUMN born SET NOT NULL',
      first:
        'ALTER TABLE customers ADD CONSTRAINT b CHECK (born IS NOT NULL) NOT VALID; ALTER TABLE customers VALIDATE CONSTRAINT b',
    },
    {
      sql: 'ALTER TABLE customers ALTER COLUMN born SET NOT NULL',
      first: 'ALTER TABLE customers ADD CHECK (born IS NOT NULL AND score IS NOT NULL)',
    },
    {
      sql: 'ALTER TABLE customers ALTER COLUMN born SET NOT NULL',
      first: 'ALTER TABLE customers ADD CHECK (born IS NOT NULL OR score IS NOT NULL)',
    },
    {
      sql: 'ALTER TABLE customers ALTER COLUMN born SET NOT NULL',
      first: "ALTER TABLE customers ADD CHECK (born > '1900-01-01')",
    },
    {
      sql: 'ALTER TABLE customers ALTER COLUMN born SET NOT NULL',
      first: 'ALTER TABLE customers ADD CHECK (NOT (born IS NULL))',
    },
    {
      sql: 'ALTER TABLE customers ALTER COLUMN born SET NOT NULL, DROP CONSTRAINT b',
      first: 'ALTER TABLE customers ADD CONSTRAINT b CHECK (born IS NOT NULL)',
    },
    'ALTER TABLE customers ADD UNIQUE (name)',
    'ALTER TABLE customers ADD CONSTRAINT u UNIQUE (score, name)',
    ...since(15, 'ALTER TABLE customers ADD CONSTRAINT u UNIQUE NULLS NOT DISTINCT (score)'),
    'ALTER TABLE customers ADD CONSTRAINT u UNIQUE (score) INCLUDE (name) DEFERRABLE',
    'ALTER TABLE customers ADD CONSTRAINT u UNIQUE USING INDEX customers_email_key',
    { sql: 'ALTER TABLE notes ADD PRIMARY KEY (body)' },
    { sql: 'ALTER TABLE items ADD PRIMARY KEY (order_id)', first: 'ALTER TABLE items DROP CONSTRAINT items_pkey' },
    {
      sql: 'ALTER TABLE items ADD PRIMARY KEY USING INDEX k',
      first: 'ALTER TABLE items DROP CONSTRAINT items_pkey; CREATE UNIQUE INDEX k ON items (order_id)',
    },
    { sql: 'ALTER TABLE notes ADD PRIMARY KEY USING INDEX k', first: 'CREATE UNIQUE INDEX k ON notes (body)' },
    {
      sql: 'ALTER TABLE notes ADD PRIMARY KEY USING INDEX k',
      first: 'CREATE UNIQUE INDEX k ON notes (body); ALTER TABLE notes ADD CHECK (body IS NOT NULL)',
    },
    'ALTER TABLE orders ADD CONSTRAINT e EXCLUDE USING btree (number WITH =)',
    'ALTER TABLE orders ADD CONSTRAINT e EXCLUDE USING hash (number WITH =) WHERE (number > 3)',
    'ALTER TABLE customers ADD CONSTRAINT c CHECK (amount > 0), ALTER COLUMN score SET NOT NULL, ADD COLUMN note text',
    'ALTER TABLE customers ADD COLUMN note text, ADD CONSTRAINT c CHECK (note IS NULL)',
    'ALTER TABLE orders DROP CONSTRAINT orders_customer_fk, ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers ON DELETE SET NULL',
  ]),
];
