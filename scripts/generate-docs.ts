/**
 * Writes docs/rules from the rules' metadata. `--check` writes nothing and fails if a page is not what it would write.
 *
 *     node --import tsx scripts/generate-docs.ts [--check]
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXAMPLE_SCHEMA } from '../test/support/exampleSchema.ts';
import { RULES } from '../src/core/rules/registry.ts';
import type { Example, Rule } from '../src/core/rules/rule.ts';

const FOLDER = fileURLToPath(new URL('../docs/rules/', import.meta.url));
const NOTICE = '<!-- Written by scripts/generate-docs.ts from the rule itself: edit src/core/rules/catalogue. -->';

/** File name in docs/rules -> text of the page. */
export function rulePages(): ReadonlyMap<string, string> {
  return new Map([
    ['README.md', indexPage()],
    ...RULES.map((rule): [string, string] => [`${rule.id}.md`, rulePage(rule)]),
  ]);
}

/** Pages that are missing, not as they should be, or of a rule that is no more. */
export function stalePages(): readonly string[] {
  const pages = rulePages();
  const there = new Set(readdirSync(FOLDER));
  const wrong = [...pages].filter(
    ([name, text]) => !there.has(name) || readFileSync(path.join(FOLDER, name), 'utf8') !== text,
  );
  return [...wrong.map(([name]) => name), ...[...there].filter((name) => !pages.has(name))];
}

function indexPage(): string {
  const rows = RULES.map(
    ({ id, meta }) =>
      `| [${id}](${id}.md) | ${meta.title} | ${meta.cause} | ${meta.off ? `off (${meta.severity})` : meta.severity} |`,
  );
  return `${NOTICE}

# Rules

| rule | in short | cause | severity |
|---|---|---|---|
${rows.join('\n')}

\`cause\` says what is wrong: **blocks** (work that grows with the table, under a lock that stops others), **fails** (on a table with rows,
or in the transaction that the migration tool opens), **holds** (locks held too long), **rows** (sweeping changes of rows), **loses data**, **breaks code**, **hygiene**, **preference**.

A rule is switched off, or given another severity, in \`lockkeeper.jsonc\`:

\`\`\`jsonc
{ "rules": { "drop-index-concurrently": "off", "set-not-null": "error" } }
\`\`\`

One finding is accepted with a comment before its statement, and the reason has to be said:

\`\`\`sql
-- lockkeeper-ignore drop-column: no version since 4.2 reads it, checked in the query log
ALTER TABLE orders DROP COLUMN note;
\`\`\`

The examples on the rules' pages are run by the tests, each as the newest migration of a history that starts with this one:

\`\`\`sql
${EXAMPLE_SCHEMA}\`\`\`
`;
}

function rulePage({ id, meta, examples }: Rule): string {
  const known = Object.entries(meta.alsoKnownAs).map(
    ([tool, names]) =>
      `${tool} ${(typeof names === 'string' ? [names] : names).map((name) => `\`${name}\``).join(', ')}`,
  );
  const sections = [
    NOTICE,
    `# ${meta.title}`,
    `\`${id}\` · cause: ${meta.cause} · severity: ${meta.severity}`,
    meta.why,
    `**Instead:** ${meta.instead}`,
    meta.more,
    `## Reported\n\n${examples.bad.map(exampleBlock).join('\n\n')}`,
    `## Not reported\n\n${examples.good.map(exampleBlock).join('\n\n')}`,
    meta.references.length === 0 ? undefined : `## More\n\n${meta.references.map((url) => `- <${url}>`).join('\n')}`,
    known.length === 0 ? undefined : `In other tools: ${known.join(', ')}.`,
  ];
  return `${sections.filter((section) => section !== undefined).join('\n\n')}\n`;
}

function exampleBlock(example: string | Example): string {
  const { sql, earlier, mode, dialect }: Example = typeof example === 'string' ? { sql: example } : example;
  const remarks = [
    dialect === 'mysql' ? '-- MySQL' : undefined,
    earlier === undefined ? undefined : `-- in an earlier migration:\n${earlier}\n-- now:`,
    mode === 'explicit' ? '-- a tool that runs the file in a transaction' : undefined,
    mode === 'implicit' ? '-- a tool that sends the whole file in one query' : undefined,
  ];
  const shown = [...remarks, sql].filter((part) => part !== undefined).join('\n');
  return `\`\`\`sql\n${shown.replaceAll('\u0000', '␀')}\n\`\`\``;
}

function main(): void {
  if (process.argv.includes('--check')) {
    const stale = stalePages();
    if (stale.length > 0) {
      console.error(`docs/rules is not fresh: ${stale.join(', ')}. Run npm run docs.`);
      process.exitCode = 1;
    }
    return;
  }
  mkdirSync(FOLDER, { recursive: true });
  const pages = rulePages();
  for (const name of readdirSync(FOLDER)) if (!pages.has(name)) rmSync(path.join(FOLDER, name));
  for (const [name, text] of pages) writeFileSync(path.join(FOLDER, name), text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
