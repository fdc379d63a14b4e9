-- Orders get a public reference. Step 1: a nullable column is metadata only; new orders get a value from here on.
ALTER TABLE "Order" ADD COLUMN "reference" UUID;

ALTER TABLE "Order" ALTER COLUMN "reference" SET DEFAULT gen_random_uuid();
