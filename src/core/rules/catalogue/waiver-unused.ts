import { defineWaiverRule } from '../rule.ts';

export const waiverUnused = defineWaiverRule({
  id: 'waiver-unused',
  dialect: 'any',
  meta: {
    title: 'Take away a waiver that accepts nothing',
    severity: 'information',
    cause: 'hygiene',
    why: 'It keeps nothing silent today, but would hide what a later edit brings: the rule found nothing here, or its name is misspelt.',
    instead: 'Remove the waiver, or correct the name of its rule.',
    more: "Waivers in squawk's comments are honoured, and never called unused: squawk may need them.",
    references: [],
    alsoKnownAs: { squawk: 'unused-ignore' },
  },
  examples: {
    bad: ['-- lockkeeper-ignore drop-table: nobody reads it\nALTER TABLE orders DROP COLUMN note;'],
    good: ['-- lockkeeper-ignore drop-column: nobody reads it\nALTER TABLE orders DROP COLUMN note;'],
  },
  check({ uses, reportAt, text, isAlwaysKnown }) {
    for (const { state, rule, by, scope, place } of uses) {
      if (state !== 'unused' || by === 'squawk comment' || !isAlwaysKnown(rule)) continue;
      const range = place ?? { start: 0, end: 1 };
      const where = scope === 'file' ? 'in this file' : 'here';
      // A comment that accepts several rules is left to the person.
      const isAlone = place !== null && !/ignore(?:-file)?\s+[^:]*,/.test(text.slice(place.start, place.end));
      reportAt(range.start, {
        what: `The waiver of ${rule}${place ? '' : ' in lockkeeper.jsonc'} accepts nothing: that rule finds nothing ${where}.`,
        range,
        ...(isAlone
          ? { fixes: () => [{ title: 'Remove the waiver', edits: [{ ...rangeOf(place), newText: '' }] }] }
          : {}),
      });
    }
  },
});

function rangeOf({ start, end }: { readonly start: number; readonly end: number }): { start: number; end: number } {
  return { start, end };
}
