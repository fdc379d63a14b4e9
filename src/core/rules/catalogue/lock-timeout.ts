import type { HistoryAnalysis, MigrationAnalysis, StatementAnalysis } from '../../analyze.ts';
import { lockStrength } from '../../effects/effect.ts';
import type { Effect } from '../../effects/effect.ts';
import { defineHistoryRule } from '../rule.ts';
import { relationName } from '../wording.ts';

export const lockTimeout = defineHistoryRule({
  id: 'lock-timeout',
  oncePerProject: true,
  wants: (statement) => strongLock(statement) !== undefined,
  meta: {
    title: 'Give the role that migrates a lock_timeout',
    severity: 'hint',
    cause: 'hygiene',
    why: 'A schema change waits for every running query of its table, and all that comes after it queues behind it: one long report then stops the application. With a lock_timeout the migration fails instead, and can be tried again. Said once in a project.',
    instead:
      "Set it where all migrations get it, rather than in each file: for the role, ALTER ROLE migrator SET lock_timeout = '5s'; in the URL, ?options=-c%20lock_timeout%3D5s; or around the tool, PGOPTIONS='-c lock_timeout=5s'.",
    more: `A migration that fails has to be run again: have the deploy try several times. CREATE INDEX CONCURRENTLY and VALIDATE CONSTRAINT wait for locks too, and
fail by it (an index is then left INVALID): a longer one for them does no harm, since nobody waits for them. Silent as soon as any file of the history, its
baseline too, sets one. If it is set where no file tells, switch the rule off: { "rules": { "lock-timeout": "off" } }.`,
    references: ['https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT'],
    alsoKnownAs: {
      squawk: ['require-lock-timeout', 'require-statement-timeout', 'require-timeout-settings'],
      eugene: 'E9',
      pgfence: ['missing-lock-timeout', 'missing-statement-timeout'],
      'postgres-language-server': 'lockTimeoutWarning',
      migrationpilot: ['MP004', 'MP020'],
    },
  },
  examples: {
    bad: ['ALTER TABLE orders ADD COLUMN remark text;'],
    good: [
      "SET lock_timeout = '5s';\nALTER TABLE orders ADD COLUMN remark text;",
      { earlier: "ALTER ROLE migrator SET lock_timeout = '5s';", sql: 'ALTER TABLE orders ADD COLUMN remark text;' },
      'ALTER TABLE orders ADD COLUMN remark text;\n\n-- lock_timeout is set for the role.',
      'CREATE TABLE refunds (id bigint);',
    ],
  },
  check({ analysis, speaking, wanted, report }) {
    for (const migration of speaking) {
      for (const statement of wanted(migration)) {
        const strong = strongLock(statement);
        if (!strong) continue;
        if (setsLockTimeout(analysis)) return;
        report(migration, statement, {
          what: `No lock_timeout is set anywhere in this history: ${statement.statement.kind} waits for ${strong.lock} on ${relationName(strong.relation)} for as long as it takes.`,
        });
        return;
      }
    }
  },
});

function strongLock({ effects }: StatementAnalysis): Effect | undefined {
  return effects.effects.find(
    ({ newRelation, lock }) => !newRelation && lockStrength(lock) > lockStrength('SHARE UPDATE EXCLUSIVE'),
  );
}

const SETS = /\block_timeout\b(?!\s*(?:=|to)\s*'?0)/i;

const known = new WeakMap<MigrationAnalysis, boolean>();

/** A statement sets it, or a comment anywhere tells that something else does. */
function setsLockTimeout({ migrations, baseline }: HistoryAnalysis): boolean {
  if (baseline && SETS.test(baseline.script.text)) return true;
  return migrations.some((analysis) => {
    let sets = known.get(analysis);
    if (sets === undefined) known.set(analysis, (sets = SETS.test(analysis.migration.text)));
    return sets;
  });
}
