import { splitFixes } from '../fixes/split.ts';
import type { StatementAnalysis } from '../../analyze.ts';
import { lockStrength } from '../../effects/effect.ts';
import type { Effect } from '../../effects/effect.ts';
import { ROW_CHANGES } from '../rowChanges.ts';
import { isBlocking, isGrowing } from '../hazard.ts';
import { defineMigrationRule } from '../rule.ts';
import type { MigrationContext } from '../rule.ts';
import { isStrongAndHeld, transactionsOf } from '../transactions.ts';
import { relationName, waiters } from '../wording.ts';

type IsPending = MigrationContext['isPending'];

interface HeldLock {
  readonly effect: Effect;
  readonly by: StatementAnalysis;
}

export const lockHeldThroughWork = defineMigrationRule({
  id: 'lock-held-through-work',
  wants: (statement) => slowEffect(statement) !== undefined,
  alsoReads: ({ effects }) => effects.effects.some(isStrongAndHeld),
  meta: {
    title: 'Do not hold a strong lock through later slow statements',
    severity: 'warning',
    cause: 'holds',
    why: 'A lock is held until the transaction ends, so even a brief schema change stops others for as long as what comes after it in the same transaction takes.',
    instead: 'Put the slow statement into a migration (a transaction) of its own, before or after the schema change.',
    more: 'Typical: a constraint is added NOT VALID and validated in the same transaction, or an index is built after ALTER TABLE. For rows that are filled in the same transaction see backfill-with-ddl.',
    references: ['https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES'],
    alsoKnownAs: {
      eugene: 'E4',
      pgfence: 'statement-after-access-exclusive',
      migrationpilot: 'MP008',
      strong_migrations: 'validate_foreign_key',
    },
  },
  examples: {
    bad: [
      {
        mode: 'explicit',
        sql: 'ALTER TABLE orders ADD COLUMN remark text;\nCREATE INDEX customers_country_idx ON customers (country);',
      },
      {
        mode: 'implicit',
        sql: 'ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT total_positive;',
      },
    ],
    good: [
      "ALTER TABLE orders ADD COLUMN remark text;\nUPDATE orders SET remark = '' WHERE id = 1;",
      {
        mode: 'explicit',
        sql: 'ALTER TABLE orders ADD COLUMN remark text;\nALTER TABLE orders ADD COLUMN channel text;',
      },
    ],
  },
  check({ migration, wanted, history, isPending, report }) {
    const working = new Set(wanted);
    for (const statements of transactionsOf(migration)) {
      const held: HeldLock[] = [];
      const slow: { statement: StatementAnalysis; effect: Effect; lock: HeldLock }[] = [];
      for (const statement of statements) {
        const { effects } = statement.effects;
        const effect = held.length > 0 && working.has(statement) ? slowEffect(statement, isPending) : undefined;
        const lock = effect && held.find((earlier) => adds(earlier, effects));
        if (effect && lock) slow.push({ statement, effect, lock });
        for (const each of effects)
          if (isStrongAndHeld(each) && !isPending(each.relation)) held.push({ effect: each, by: statement });
      }
      const [first, ...others] = slow;
      if (!first) continue;
      const { statement, effect, lock } = first;
      const also =
        others.length === 0
          ? ''
          : others.length === 1
            ? '; so does one later statement'
            : `; so do ${String(others.length)} later statements`;
      report(statement, {
        what: `This statement works through ${relationName(effect.relation)} while the transaction still holds ${lock.effect.lock} on ${relationName(lock.effect.relation)}, taken in line ${String(lock.by.statement.startLine)} by ${lock.by.statement.kind}${also}.`,
        why: `Until the transaction ends ${waiters(lock.effect.lock)} wait.`,
        fixes: () =>
          splitFixes(
            { migration, history },
            cutsOf(statements, isPending),
            'Run what takes long, and what comes after it, in a transaction of its own',
          ),
      });
    }
  },
});

/** Statements before which the transaction has to be cut, so that nothing takes long while a lock is held. */
function cutsOf(statements: readonly StatementAnalysis[], isPending: IsPending): readonly StatementAnalysis[] {
  const cuts: StatementAnalysis[] = [];
  let held: HeldLock[] = [];
  for (const statement of statements) {
    const { effects } = statement.effects;
    if (slowEffect(statement, isPending) && held.some((earlier) => adds(earlier, effects))) {
      cuts.push(statement);
      held = [];
    }
    const strong = effects.filter((effect) => isStrongAndHeld(effect) && !isPending(effect.relation));
    held.push(...strong.map((effect) => ({ effect, by: statement })));
  }
  return cuts;
}

/** A lock that the statement's own blocking work does not take on the same relation anyway, just as strong. */
function adds(earlier: HeldLock, effects: readonly Effect[]): boolean {
  return !effects.some(
    (own) =>
      isBlocking(own) &&
      own.relation.id === earlier.effect.relation.id &&
      own.relation.name === earlier.effect.relation.name &&
      lockStrength(own.lock) >= lockStrength(earlier.effect.lock),
  );
}

/** What in the statement takes long: work of DDL that grows with an existing table. Rows are left to `backfill-with-ddl`. */
function slowEffect(statement: StatementAnalysis, isPending?: IsPending): Effect | undefined {
  return statement.effects.effects.find(
    (effect) =>
      !effect.newRelation &&
      isPending?.(effect.relation) !== true &&
      effect.causes.some((cause) => {
        const { operation } = cause;
        return (
          isGrowing(cause) && operation !== 'select' && operation !== 'select for update' && !ROW_CHANGES.has(operation)
        );
      }),
  );
}
