import { defineWaiverRule } from '../rule.ts';

export const waiverExpired = defineWaiverRule({
  id: 'waiver-expired',
  dialect: 'any',
  meta: {
    title: 'Look again at a waiver that has ended',
    severity: 'warning',
    cause: 'hygiene',
    why: 'Somebody accepted the finding until a day that has passed, so it is reported again.',
    instead: 'Do what the finding says, or give the waiver a later day and say why it still holds.',
    references: [],
    alsoKnownAs: {},
  },
  examples: {
    bad: [
      {
        facts: { today: '2027-02-01' },
        sql: '-- lockkeeper-ignore drop-column until 2027-01-31: no version since 4.2 reads it\nALTER TABLE orders DROP COLUMN note;',
      },
    ],
    good: [
      {
        facts: { today: '2027-01-31' },
        sql: '-- lockkeeper-ignore drop-column until 2027-01-31: no version since 4.2 reads it\nALTER TABLE orders DROP COLUMN note;',
      },
    ],
  },
  check({ uses, reportAt }) {
    for (const { state, rule, until, reason, place } of uses) {
      if (state !== 'expired') continue;
      const range = place ?? { start: 0, end: 1 };
      const where = place ? '' : ' (in lockkeeper.jsonc)';
      reportAt(range.start, { what: `The waiver of ${rule}${where} ended on ${until ?? ''}: ${reason}`, range });
    }
  },
});
