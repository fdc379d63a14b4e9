-- Every tenant sees its own rows only. The application sets app.tenant_id for each request.
ALTER TABLE "Product" ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant_isolation ON "Product"
    USING ("tenantId" = current_setting('app.tenant_id', true)::uuid);

ALTER TABLE "Order" ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant_isolation ON "Order"
    USING ("tenantId" = current_setting('app.tenant_id', true)::uuid);
