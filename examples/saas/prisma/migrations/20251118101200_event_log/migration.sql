-- Append-only, one partition a quarter.
CREATE TABLE "Event" (
    "id" BIGINT GENERATED ALWAYS AS IDENTITY,
    "tenantId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "occurredAt" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Event_pkey" PRIMARY KEY ("id", "occurredAt")
) PARTITION BY RANGE ("occurredAt");

CREATE TABLE "Event_2026_q1" PARTITION OF "Event" FOR VALUES FROM ('2026-01-01') TO ('2026-04-01');
CREATE TABLE "Event_2026_q2" PARTITION OF "Event" FOR VALUES FROM ('2026-04-01') TO ('2026-07-01');
CREATE TABLE "Event_default" PARTITION OF "Event" DEFAULT;

CREATE INDEX "Event_tenantId_occurredAt_idx" ON "Event"("tenantId", "occurredAt");

-- CreateView
CREATE VIEW "OpenOrder" AS
SELECT o."id", o."tenantId", o."customerId", o."placedAt"
  FROM "Order" o
 WHERE o."status" IN ('PLACED', 'PAID');
