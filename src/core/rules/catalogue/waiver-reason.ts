import { defineWaiverRule } from '../rule.ts';

export const waiverReason = defineWaiverRule({
  id: 'waiver-reason',
  dialect: 'any',
  meta: {
    title: 'Say why a finding is accepted',
    severity: 'warning',
    cause: 'hygiene',
    why: 'Whoever reads the migration later, at a review or in an incident, has to know why somebody found the risk acceptable; a waiver that names no rule or gives no reason counts for nothing.',
    instead: '-- lockkeeper-ignore <rule>: <reason>   (or, with an end: <rule> until 2027-01-31: <reason>)',
    references: [],
    alsoKnownAs: {},
  },
  examples: {
    bad: [
      '-- lockkeeper-ignore drop-column\nALTER TABLE orders DROP COLUMN note;',
      '-- lockkeeper-ignore drop-column until summer: nobody reads it\nALTER TABLE orders DROP COLUMN note;',
    ],
    good: [
      '-- lockkeeper-ignore drop-column: no version since 4.2 reads it, checked in the query log\nALTER TABLE orders DROP COLUMN note;',
      '-- lockkeeper-ignore drop-column until 2027-01-31: no version since 4.2 reads it\nALTER TABLE orders DROP COLUMN note;',
    ],
  },
  check({ uses, reportAt }) {
    for (const { state, rule, until, place } of uses) {
      const range = place ?? { start: 0, end: 1 };
      if (state === 'without reason')
        reportAt(range.start, { what: `This comment would accept ${rule}, but gives no reason.`, range });
      if (state === 'not understood')
        reportAt(range.start, {
          what:
            rule === ''
              ? 'This comment would accept a finding, but names no rule.'
              : `This comment would accept ${rule} until ${until ?? ''}, which is no date like 2027-01-31.`,
          range,
        });
    }
  },
});
