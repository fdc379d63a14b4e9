-- Step 2: older orders, in batches that commit one by one. Must stay the only statement of its file:
-- COMMIT inside DO works only outside a transaction block.
DO $$
DECLARE
  last_id bigint := 0;
  next_id bigint;
BEGIN
  LOOP
    SELECT max(id) INTO next_id
      FROM (SELECT "id" FROM "Order" WHERE "id" > last_id ORDER BY "id" LIMIT 5000) AS batch (id);
    EXIT WHEN next_id IS NULL;
    UPDATE "Order" SET "reference" = gen_random_uuid()
     WHERE "id" > last_id AND "id" <= next_id AND "reference" IS NULL;
    COMMIT;
    last_id := next_id;
  END LOOP;
END
$$;
