-- A constant default: no rewrite since PostgreSQL 11.
ALTER TABLE "Order" ADD COLUMN "currency" CHAR(3) NOT NULL DEFAULT 'EUR';

-- Wider varchar: metadata only.
ALTER TABLE "Order" ALTER COLUMN "note" TYPE VARCHAR(2000);
