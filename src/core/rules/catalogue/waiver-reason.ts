import { defineRule } from '../rule.ts';
import { readWaiver } from '../waivers.ts';

export const waiverReason = defineRule({
  id: 'waiver-reason',
  dialect: 'any',
  meta: {
    title: 'Say why a finding is accepted',
    severity: 'warning',
    cause: 'hygiene',
    why: 'Whoever reads the migration later, at a review or in an incident, has to know why somebody found the risk acceptable; a waiver without a reason counts for nothing.',
    instead: '-- lockkeeper-ignore <rule>: <reason>',
    references: [],
    alsoKnownAs: {},
  },
  examples: {
    bad: ['-- lockkeeper-ignore drop-column\nALTER TABLE orders DROP COLUMN note;'],
    good: [
      '-- lockkeeper-ignore drop-column: no version since 4.2 reads it, checked in the query log\nALTER TABLE orders DROP COLUMN note;',
    ],
  },
  check({ statement: { statement }, report }) {
    for (const comment of statement.comments) {
      const waiver = readWaiver(comment);
      if (!waiver || waiver.reason !== '') continue;
      report({
        what: `This comment would accept ${waiver.rule}, but gives no reason.`,
        range: { start: comment.start, end: comment.end },
      });
    }
  },
});
