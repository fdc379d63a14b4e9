import { attachFixes } from '../fixes/partitions.ts';
import { reportHazards } from '../hazard.ts';
import { defineRule } from '../rule.ts';

export const attachPartitionScan = defineRule({
  id: 'attach-partition-scan',
  operations: ['attach partition', 'create partition'],
  meta: {
    title: 'Prove the bound before you attach a partition',
    severity: 'warning',
    cause: 'blocks',
    why: 'PostgreSQL reads every row to see that it belongs there, while reads and writes of that table wait.',
    instead:
      'Before ATTACH PARTITION, give the table a CHECK that implies the bound (NOT VALID, then VALIDATE CONSTRAINT), and the default partition a CHECK that excludes it; drop them afterwards.',
    references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ATTACH-PARTITION'],
    alsoKnownAs: { pgfence: 'attach-partition', migrationpilot: 'MP046' },
  },
  examples: {
    bad: ["ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');"],
    good: [
      {
        earlier:
          "ALTER TABLE events_2025 ADD CONSTRAINT bound CHECK (at IS NOT NULL AND at >= '2025-01-01' AND at < '2026-01-01');",
        sql: "ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');",
      },
      "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
    ],
  },
  check(context) {
    reportHazards(context, () => ({ fixes: () => attachFixes(context) }));
  },
});
