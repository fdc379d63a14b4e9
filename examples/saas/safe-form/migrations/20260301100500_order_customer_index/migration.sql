-- Must stay the only statement of its file: CONCURRENTLY can't run in a transaction.
CREATE INDEX CONCURRENTLY "Order_customerId_idx" ON "Order"("customerId");
