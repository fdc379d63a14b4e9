import { RULES } from '../../src/core/rules/registry.ts';
import { ruleSeverity } from '../../src/core/rules/rule.ts';
import { SQUAWK_RULES } from '../../src/core/rules/squawk.ts';
import { NOTICE } from './notice.ts';

/** All rules of squawk 2.66, with what is different here. https://squawkhq.com/docs/rules */
export const SQUAWK: Readonly<Record<string, string>> = {
  'adding-field-with-default':
    'Only volatile defaults, stored generated columns, serial and identity: `DEFAULT now()` and `DEFAULT 0` are brief since PostgreSQL 11.',
  'adding-foreign-key-constraint': 'Not on a table that the same migration makes, and not for a nullable new column.',
  'adding-not-nullable-field':
    'Not where a valid CHECK, from any earlier file, proves it, nor on what is NOT NULL already.',
  'adding-required-field': '',
  'adding-serial-primary-key-field': 'Not where an index is used that is there, on columns that are NOT NULL.',
  'ban-alter-domain-with-add-constraint': 'NOT VALID is quiet.',
  'ban-char-field': 'Taste: off until you switch it on.',
  'ban-concurrent-index-creation-in-transaction':
    'All that refuses a transaction. Whether there is one is known from your migration tool: nothing like `assume_in_transaction` has to be set.',
  'ban-create-domain-with-constraint': 'Taste: off until you switch it on.',
  'ban-drop-column':
    'Not for a column that the same migration added. `still-used-by-code` tells where deployed code uses it.',
  'ban-drop-database': '',
  'ban-drop-not-null': 'Not where the column may be NULL already.',
  'ban-drop-table': 'Not for a table that the same migration made.',
  'ban-duplicate-column-assignments': '',
  'ban-truncate-cascade': 'Plain TRUNCATE too; with CASCADE it names what goes along.',
  'ban-uncommitted-transaction': '',
  'changing-column-type':
    'Knows the old type: `varchar(10)` to `text`, a longer `varchar`, a wider `numeric` and other changes of the catalog alone are quiet.',
  'constraint-missing-not-valid':
    'One finding, not two, for a foreign key; none for a primary key, which can not be NOT VALID.',
  'disallowed-unique-constraint': '',
  'identifier-too-long': '',
  'prefer-bigint-over-int': 'Taste: off until you switch it on.',
  'prefer-bigint-over-smallint': 'Taste: off until you switch it on.',
  'prefer-identity':
    'Taste: off until you switch it on, and never a way out for ADD COLUMN: an identity column rewrites the table as serial does.',
  'prefer-repack': 'On every version; CLUSTER, SET UNLOGGED and SET TABLESPACE too.',
  'prefer-robust-stmts': 'Taste: off until you switch it on, and quiet where the tool runs the file in a transaction.',
  'prefer-text-field': 'Taste: off until you switch it on.',
  'prefer-timestamptz': 'Taste: off until you switch it on.',
  'prefer-timestamp-tz': 'An older name of prefer-timestamptz.',
  'renaming-column': '',
  'renaming-table': 'Not where a view with the old name is made in the same migration.',
  'require-concurrent-index-creation': '',
  'require-concurrent-index-deletion': 'Information: the drop is brief, the danger is its wait for the lock.',
  'require-concurrent-partition-detach': '',
  'require-concurrent-reindex': '',
  'require-enum-value-ordering': 'Taste: off until you switch it on.',
  'require-lock-timeout': 'One hint for the project, not one a file: set it for the role or in the URL.',
  'require-statement-timeout': 'See require-lock-timeout.',
  'require-table-schema': 'Taste: off until you switch it on.',
  'require-timeout-settings': 'See require-lock-timeout.',
  'syntax-error': "PostgreSQL's own grammar; what follows in the file is still looked at.",
  'transaction-nesting': 'Known from your tool whether there is a transaction already.',
  'unused-ignore': 'Of waivers in Lockkeeper’s own words.',
};

/** docs/coming-from-squawk.md */
export function squawkPage(): string {
  const names = Object.keys(SQUAWK).toSorted();
  const rows = names.map((name) => {
    const ours = [...(SQUAWK_RULES.get(name) ?? [])].map((id) => `[${id}](rules/${id}.md)`);
    return `| ${name} | ${ours.join(', ')} | ${SQUAWK[name] ?? ''} |`;
  });
  const more = RULES.filter(
    (rule) => rule.dialect !== 'mysql' && rule.meta.alsoKnownAs['squawk'] === undefined && ruleSeverity(rule) !== 'off',
  ).map(({ id, meta }) => `- [${id}](rules/${id}.md): ${meta.title}`);
  return `${NOTICE}

# Coming from squawk

squawk reads one file at a time. Lockkeeper replays the whole history of migrations first, so it knows the column's old type, what is new and
what is proven already, and it knows from your migration tool which statements share a transaction. So most files get fewer findings here, and some get new ones.

- Your comments stay: \`-- squawk-ignore <rule>\`, \`-- squawk-ignore-file <rule>\` and the forms without a name are honoured, by the table below. New waivers
  are written \`-- lockkeeper-ignore <rule>: <reason>\`, may have an end (\`until 2027-01-31\`), and are listed for reviewers.
- Settings of \`.squawk.toml\` are not read. \`excluded_rules\` becomes \`"rules": { "<rule>": "off" }\` in [lockkeeper.jsonc](configuration.md), \`pg_version\`
  becomes \`"postgresVersion"\`; \`assume_in_transaction\` and \`excluded_paths\` are not needed: the tool's own transactions are known, and only new migrations speak.
- \`squawk migrations/*.sql\` becomes \`lockkeeper lint\`; \`--reporter json\` becomes \`--format json\`, and \`upload-to-github\` becomes \`--format markdown\` or \`--format sarif\`.

| squawk | Lockkeeper | what is different |
|---|---|---|
${rows.join('\n')}

## What squawk has no rule for

${more.join('\n')}
`;
}
