import { sizedWork, isBlocking, isGrowing } from '../hazard.ts';
import { defineRule } from '../rule.ts';
import { relationName, waiters, workPhrase } from '../wording.ts';

/** Nobody writes to a materialized view but a refresh, so EXCLUSIVE on one stops nothing else. */
const HARMLESS = new Set(['refresh materialized view concurrently']);

/**
 * The net under all other rules, last in the registry: what blocks by its effects and was claimed by none of them. Recall
 * follows from the effects, not from the list of rules.
 */
export const blockingWork = defineRule({
  id: 'blocking-work',
  wants: ({ effects }) => effects.effects.some(isBlocking),
  meta: {
    title: 'Do not do long work under a strong lock',
    severity: 'warning',
    cause: 'blocks',
    why: 'Others wait for as long as the work takes, and that grows with the table.',
    instead: 'Do the work in a statement of its own, under a weaker lock, or in batches.',
    more: 'This rule speaks where no other one has more to say: any statement whose own scan, rewrite or index build happens under SHARE or a stronger lock on a table that existed before.',
    references: ['https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES'],
    alsoKnownAs: {},
  },
  examples: {
    bad: [
      {
        earlier: 'ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;',
        sql: 'ALTER TABLE orders VALIDATE CONSTRAINT total_positive, ADD COLUMN remark text;',
      },
    ],
    good: ['ALTER TABLE orders ADD COLUMN remark text;'],
  },
  check({ matches, claimed, report }) {
    const left = matches.filter(
      ({ effect, cause }) =>
        isBlocking(effect) && isGrowing(cause) && !claimed.has(cause) && !HARMLESS.has(cause.operation),
    );
    const [first] = left;
    if (!first) return;
    const table = relationName(first.effect.relation);
    report({
      what: `${first.cause.what}: the statement holds ${first.effect.lock} on ${table} while ${workPhrase(sizedWork(left.map(({ cause }) => cause)))}.`,
      why: `Until that is done ${waiters(first.effect.lock)} wait.`,
      claims: left.map(({ cause }) => cause),
    });
  },
});
