import { questionKey } from '../../deployedCode/deployedCode.ts';
import type { CodeQuestion, CodeUse } from '../../deployedCode/deployedCode.ts';
import { codeQuestions, mayTakeAway } from '../../deployedCode/questions.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { defineHistoryRule } from '../rule.ts';
import { relationName } from '../wording.ts';

/** More places are counted, not listed. */
const MOST_LISTED = 5;

const WHY: Readonly<Record<CodeQuestion['kind'], string>> = {
  'column gone':
    'Every instance of that code that is still running fails with "column does not exist" from this statement on, until the last one is replaced.',
  'table gone':
    'Every instance of that code that is still running fails with "relation does not exist" from this statement on, until the last one is replaced.',
  'column required':
    'Every row that the running code inserts without the column fails (23502, null value violates not-null constraint), until the last instance is replaced.',
};
const INSTEAD: Readonly<Record<CodeQuestion['kind'], string>> = {
  'column gone': '-- first deploy code that neither reads nor writes it; then, in a later migration, this statement',
  'table gone': '-- first deploy code that does not use it; then, in a later migration, this statement',
  'column required':
    '-- give it a default, or first deploy code that writes it; then, in a later migration, the NOT NULL',
};

export const stillUsedByCode = defineHistoryRule({
  id: 'still-used-by-code',
  needsFacts: true,
  wants: mayTakeAway,
  meta: {
    title: 'Do not take away what deployed code still uses',
    severity: 'error',
    cause: 'breaks code',
    why: 'The code that is running was written for the schema as it is: it fails from this statement on, until its last instance is replaced.',
    instead: 'Deploy the code first, the migration after it.',
    more: `Searched in the code as it is deployed, since your own branch has lost the use already: at the commit where the branch left the default branch, or at
\`"productionRef"\` of lockkeeper.jsonc. Seen are the models of a Prisma schema, the entities of TypeORM, and SQL in string literals and SQL files; what is put
together at run time, other query builders, and other repositories are not. That nothing is reported proves nothing. Needs git; without it the rule is silent.`,
    references: ['https://www.postgresql.org/docs/current/ddl-alter.html'],
    alsoKnownAs: { gitlab: 'RemoveColumn' },
  },
  examples: {
    bad: [
      {
        facts: {
          deployedCode: {
            ref: 'origin/main',
            commit: '4f2a9c1',
            uses: new Map([
              [
                questionKey({ kind: 'column gone', schema: 'public', table: 'orders', column: 'note' }),
                [{ path: 'src/store.ts', line: 12, kind: 'SQL', text: 'SELECT id, note FROM orders' }],
              ],
            ]),
          },
        },
        sql: 'ALTER TABLE orders DROP COLUMN note;',
      },
    ],
    good: [
      {
        facts: {
          deployedCode: {
            ref: 'origin/main',
            commit: '4f2a9c1',
            uses: new Map([
              [questionKey({ kind: 'column gone', schema: 'public', table: 'orders', column: 'note' }), []],
            ]),
          },
        },
        sql: 'ALTER TABLE orders DROP COLUMN note;',
      },
    ],
  },
  check({ speaking, wanted, facts, report }) {
    const { deployedCode } = facts;
    if (!deployedCode) return;
    for (const migration of speaking) {
      if (wanted(migration).length === 0) continue;
      for (const { question, statement } of codeQuestions(migration)) {
        const uses = deployedCode.uses.get(questionKey(question)) ?? [];
        if (uses.length === 0) continue;
        report(migration, statement, {
          what: `${subject(question)}, and the code of ${deployedCode.ref} ${verb(question)}: ${places(uses)}.`,
          why: WHY[question.kind],
          instead: INSTEAD[question.kind],
        });
      }
    }
  },
});

function subject({ kind, schema, table, column }: CodeQuestion): string {
  const name = relationName({ schema, name: table });
  const full = column === null ? name : `${name}.${quoteIdentifier(column)}`;
  return kind === 'column required'
    ? `${full} is NOT NULL without a default from now on`
    : `${full} is gone from now on`;
}

function verb({ kind }: CodeQuestion): string {
  return kind === 'column required' ? 'adds rows that may lack it' : 'still uses it';
}

function places(uses: readonly CodeUse[]): string {
  const shown = uses.slice(0, MOST_LISTED).map(({ path, line, kind }) => `${path}:${String(line)} (${kind})`);
  const more = uses.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${String(more)} more` : shown.join(', ');
}
