import { dropIndexFixes } from '../fixes/concurrentIndex.ts';
import { defineRule } from '../rule.ts';
import { listed, quotedObjects, relationName } from '../wording.ts';

export const dropIndexConcurrently = defineRule({
  id: 'drop-index-concurrently',
  operations: ['drop index'],
  meta: {
    title: 'Drop indexes concurrently',
    severity: 'information',
    cause: 'hygiene',
    why: 'The drop itself is brief, but its ACCESS EXCLUSIVE lock has to wait for every running query on the table, and whatever comes after it queues behind it, reads too.',
    instead:
      'DROP INDEX CONCURRENTLY, outside a transaction; or keep DROP INDEX and set a lock_timeout, so that a long query makes the migration fail rather than the application wait.',
    references: ['https://www.postgresql.org/docs/current/sql-dropindex.html'],
    alsoKnownAs: { squawk: 'require-concurrent-index-deletion', strong_migrations: 'remove_index', atlas: 'PG102' },
  },
  examples: {
    bad: ['DROP INDEX orders_placed_at_idx;'],
    good: ['DROP INDEX CONCURRENTLY orders_placed_at_idx;'],
  },
  check(context) {
    const { matches, report } = context;
    const [first] = matches;
    if (!first) return;
    const tables = listed(matches.map(({ effect }) => relationName(effect.relation)));
    const indexes = quotedObjects(matches.map(({ cause }) => cause));
    report({
      what: `DROP INDEX ${indexes} takes ${first.effect.lock} on ${tables}.`,
      claims: matches.map(({ cause }) => cause),
      fixes: () => dropIndexFixes(context),
    });
  },
});
