import { EXAMPLE_SCHEMA } from '../../test/support/exampleSchema.ts';
import { RULES } from '../../src/core/rules/registry.ts';
import type { Rule } from '../../src/core/rules/rule.ts';
import { ruleSeverity } from '../../src/core/rules/rule.ts';
import { NOTICE } from './notice.ts';

/** docs/rules/README.md: all rules, and how they are switched and waived. */
export function indexPage(): string {
  const on = RULES.filter((rule) => ruleSeverity(rule) !== 'off');
  const off = RULES.filter((rule) => ruleSeverity(rule) === 'off');
  return `${NOTICE}

# Rules

| rule | in short | cause | severity |
|---|---|---|---|
${on.map(row).join('\n')}

Off until a project gives them a severity, since teams differ about them:

| rule | in short | cause | severity to give |
|---|---|---|---|
${off.map(row).join('\n')}

\`cause\` says what is wrong: **blocks** (work that grows with the table, under a lock that stops others), **fails** (on a table with rows,
or in the transaction that the migration tool opens), **holds** (locks held too long), **rows** (sweeping changes of rows), **loses data**, **breaks code**, **hygiene**, **preference**.

Where sizes are known (see [configuration](../configuration.md#sizes)), they decide the severity of what **blocks**: work that is done in under a second
is information, in under a minute a warning, longer an error.

A rule is switched off or on, or given another severity, in \`lockkeeper.jsonc\`:

\`\`\`jsonc
{ "rules": { "drop-index-concurrently": "off", "set-not-null": "error", "prefer-text": "hint" } }
\`\`\`

## Waivers

A finding is accepted with a comment before its statement, and the reason has to be said:

\`\`\`sql
-- lockkeeper-ignore drop-column: no version since 4.2 reads it, checked in the query log
ALTER TABLE orders DROP COLUMN note;

-- lockkeeper-ignore drop-table, truncate-table until 2027-01-31: rehearsal data, the table is rebuilt in January
TRUNCATE scratch;
\`\`\`

- \`-- lockkeeper-ignore-file <rule>: <reason>\`, before any statement of the file, counts for all of it.
- \`until\` names the last day on which it counts. After it the finding is back, and the waiver is a finding itself (waiver-expired).
- A waiver that accepts nothing is a finding too (waiver-unused), and so is one without a reason (waiver-reason).
- For files that must not change, in \`lockkeeper.jsonc\`:
  \`{ "waivers": [{ "files": "migrations/2024*/**", "rule": "drop-column", "reason": "applied in 2024" }] }\`
- \`-- squawk-ignore <rule>\` and \`-- squawk-ignore-file\` are honoured, by [the table of squawk's rules](../coming-from-squawk.md).
- Every waiver is listed for reviewers: \`lockkeeper lint --format json\` and \`--format markdown\`.

## The examples

The examples on the rules' pages are run by the tests, each as the newest migration of a history that starts with this one:

\`\`\`sql
${EXAMPLE_SCHEMA}\`\`\`
`;
}

function row(rule: Rule): string {
  const { id, meta } = rule;
  return `| [${id}](${id}.md) | ${meta.title} | ${meta.cause} | ${meta.severity} |`;
}
