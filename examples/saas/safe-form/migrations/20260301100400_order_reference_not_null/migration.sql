-- Step 5: the validated CHECK proves it, so nothing is read again.
ALTER TABLE "Order" ALTER COLUMN "reference" SET NOT NULL;

ALTER TABLE "Order" DROP CONSTRAINT "Order_reference_present";
