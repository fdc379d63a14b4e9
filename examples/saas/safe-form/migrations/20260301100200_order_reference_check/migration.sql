-- Step 3: checked for new rows from here on; old rows are not read yet.
ALTER TABLE "Order" ADD CONSTRAINT "Order_reference_present" CHECK ("reference" IS NOT NULL) NOT VALID;
