-- Step 4: reads the whole table, while reads and writes go on.
ALTER TABLE "Order" VALIDATE CONSTRAINT "Order_reference_present";
