import type { Example, Rule } from '../../src/core/rules/rule.ts';
import { ruleSeverity } from '../../src/core/rules/rule.ts';
import { relationName } from '../../src/core/rules/wording.ts';
import { lintExample } from '../../test/support/lint.ts';
import { NOTICE } from './notice.ts';

/** The page of one rule: its prose, what it says of its first example, what that locks, and all examples. */
export function rulePage(rule: Rule): string {
  const { id, meta, examples } = rule;
  const known = Object.entries(meta.alsoKnownAs).map(([tool, names]) => `${tool} ${codes(names)}`);
  const severity =
    ruleSeverity(rule) === 'off' ? `off unless it is given a severity (${meta.severity})` : meta.severity;
  const sections = [
    NOTICE,
    `# ${meta.title}`,
    `\`${id}\` · cause: ${meta.cause} · severity: ${severity}`,
    meta.why,
    `**Instead:** ${meta.instead}`,
    meta.more,
    queueOf(rule),
    locksOf(examples.bad),
    `## Reported\n\n${examples.bad.map(exampleBlock).join('\n\n')}`,
    saidOf(rule),
    `## Not reported\n\n${examples.good.map(exampleBlock).join('\n\n')}`,
    `## Switching it off\n\n${switchedOff(rule)}`,
    meta.references.length === 0 ? undefined : `## More\n\n${meta.references.map((url) => `- <${url}>`).join('\n')}`,
    known.length === 0 ? undefined : `In other tools: ${known.join(', ')}.`,
  ];
  return `${sections.filter((section) => section !== undefined).join('\n\n')}\n`;
}

/** What holds of every step of a recipe; the page is read by people who paste. */
function queueOf({ id, meta, dialect = 'postgresql' }: Rule): string | undefined {
  const pastes = meta.cause === 'blocks' || meta.cause === 'loses data' || meta.cause === 'breaks code';
  if (!pastes || dialect !== 'postgresql' || id === 'lock-timeout') return undefined;
  return `Brief steps wait for their locks as well, and everybody queues behind them meanwhile. Before you paste anything: \`SET lock_timeout = '5s';\`, and try
again when it fails. See [lock-timeout](lock-timeout.md).`;
}

function codes(names: string | readonly string[]): string {
  return (typeof names === 'string' ? [names] : names).map((name) => `\`${name}\``).join(', ');
}

/** What the examples lock, by the effects that the rule itself reads, and where that was measured. */
function locksOf(bad: readonly (string | Example)[]): string | undefined {
  const rows = new Set<string>();
  for (const example of bad) {
    for (const { statement, effects } of lintExample(example).analysis.statements) {
      for (const { relation, newRelation, causes } of effects.effects) {
        if (newRelation) continue;
        for (const { what, lock, work, source } of causes) {
          const measured = source.measured === undefined ? 'documentation' : `PostgreSQL ${source.measured}`;
          const named = what.startsWith(statement.kind) ? what : `${statement.kind}: ${what}`;
          rows.add(
            `| ${cell(named)} | ${cell(relationName(relation))} | ${lock} | ${work.length === 0 ? 'brief' : work.join(', ')} | ${measured} |`,
          );
        }
      }
    }
  }
  if (rows.size === 0) return undefined;
  return `## What the examples lock\n\n| part | on | lock | work | measured on |\n|---|---|---|---|---|\n${[...rows].join('\n')}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** The first example's finding, as `lint` prints it. */
function saidOf(rule: Rule): string | undefined {
  const [first] = rule.examples.bad;
  if (first === undefined) return undefined;
  const settings = rule.meta.off ? { [rule.id]: rule.meta.severity } : {};
  const found = lintExample(first, settings).findings.find((finding) => finding.rule === rule.id);
  return found && `What it says of the first one:\n\n\`\`\`text\n${found.message}\n\`\`\``;
}

function switchedOff(rule: Rule): string {
  if (rule.scope === 'waivers')
    return `In \`lockkeeper.jsonc\`: \`{ "rules": { "${rule.id}": "off" } }\`. Findings about waivers are not waived themselves.`;
  const setting =
    ruleSeverity(rule) === 'off'
      ? `It is off. Switched on in \`lockkeeper.jsonc\`: \`{ "rules": { "${rule.id}": "${rule.meta.severity}" } }\`.`
      : `For the project, in \`lockkeeper.jsonc\`: \`{ "rules": { "${rule.id}": "off" } }\`.`;
  return `${setting} For one statement, with the reason, in the line above it:

\`\`\`sql
-- lockkeeper-ignore ${rule.id}: why it does no harm here
\`\`\``;
}

export function exampleBlock(example: string | Example): string {
  const { sql, earlier, alsoNew, later, down, mode, tool, dialect, facts }: Example =
    typeof example === 'string' ? { sql: example } : example;
  const remarks = [
    dialect === 'mysql' ? '-- MySQL' : undefined,
    tool === undefined ? undefined : `-- a history of ${tool}`,
    earlier === undefined ? undefined : `-- in an earlier migration:\n${earlier}\n-- now:`,
    alsoNew === undefined ? undefined : `-- in another new migration:\n${alsoNew}\n-- in this one:`,
    mode === 'explicit' ? '-- a tool that runs the file in a transaction' : undefined,
    mode === 'implicit' ? '-- a tool that sends the whole file in one query' : undefined,
    ...[...(facts?.applied?.values() ?? [])].map(([state]) =>
      state ? `-- in ${state.environment}: ${state.problem ?? 'applied'}` : undefined,
    ),
    facts?.appliedAs === undefined ? undefined : '-- Lockkeeper applied another text',
    facts?.today === undefined ? undefined : `-- on ${facts.today}`,
    ...[...(facts?.merged ?? [])].map(([, { text, ref }]) => `-- on ${ref}: ${text.trim()}`),
    ...[...(facts?.deployedCode?.uses.values() ?? [])].map(([use]) =>
      use
        ? `-- in the code of ${facts?.deployedCode?.ref ?? ''}, ${use.path}:${String(use.line)}: ${use.text}`
        : '-- not found in the deployed code',
    ),
  ];
  const after = [
    later === undefined ? undefined : `-- in a later migration:\n${later}`,
    down === null ? '-- no rollback; the other migrations have one' : undefined,
    typeof down === 'string' ? `-- its rollback:\n${down}` : undefined,
  ];
  const shown = [...remarks, sql, ...after].filter((part) => part !== undefined).join('\n');
  return `\`\`\`sql\n${shown.replaceAll('\u0000', '␀').replaceAll('\r', '')}\n\`\`\``;
}
