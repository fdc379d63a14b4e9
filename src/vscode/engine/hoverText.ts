import type { StatementAnalysis } from '../../core/analyze.ts';
import { blockedBy } from '../../core/effects/effect.ts';
import type { Effect, EffectCause, Work } from '../../core/effects/effect.ts';
import { estimate, sizeText } from '../../core/rules/estimate.ts';
import type { SizeLookup } from '../../core/rules/sizes.ts';
import { durationRangeText } from '../../core/statistics/durationClass.ts';

const WORK_WORDS: Readonly<Record<Work, string>> = {
  scan: 'reads the whole table',
  rewrite: 'rewrites the whole table',
  'index build': 'builds an index over the whole table',
  rows: 'changes rows',
  unknown: 'work that the text alone does not tell',
};

/**
 * Lock impact of one statement as Markdown: lock, what it blocks, work, how large the table is and how long that takes,
 * why, and where each fact comes from.
 *
 * @param sizes null: nobody told how large tables are
 */
export function hoverText({ statement, effects, transaction }: StatementAnalysis, sizes: SizeLookup | null): string {
  const head = `**${escapeMarkdown(statement.kind)}**`;
  if (statement.error !== null) return `${head}\n\nNot understood: ${escapeMarkdown(statement.error.message)}`;
  if (statement.notAnalysed !== null) return `${head}\n\nNot analysed: ${escapeMarkdown(statement.notAnalysed)}`;
  const lines = [`${head}${where(transaction.openedBy)}`];
  if (effects.effects.length === 0 && effects.opaque.length === 0) lines.push('Locks no table.');
  for (const effect of effects.effects) lines.push(effectText(effect, sizes));
  if (!effects.transactional) lines.push("Can't run inside a transaction block.");
  for (const what of effects.waitsFor) lines.push(`Waits for ${escapeMarkdown(what)}.`);
  if (effects.unknownRelations.length > 0) {
    lines.push(
      `Not made by this history, so judged as an existing table: ${effects.unknownRelations.map(code).join(', ')}.`,
    );
  }
  for (const { reason } of effects.opaque) lines.push(`Not fully analysed: ${escapeMarkdown(reason)}`);
  return lines.join('\n\n');
}

function where(openedBy: StatementAnalysis['transaction']['openedBy']): string {
  switch (openedBy) {
    case 'tool':
      return " in the migration tool's transaction";
    case 'implicit':
      return ' in one transaction with the rest of the file';
    case 'script':
      return " in the script's own transaction";
    case null:
      return '';
  }
}

function effectText(effect: Effect, sizes: SizeLookup | null): string {
  const name = code(`${effect.relation.schema}.${effect.relation.name}`);
  const work = effect.work.map((kind) => WORK_WORDS[kind]).join(', ');
  const does = work === '' ? 'metadata only' : work;
  const until = effect.held === 'statement' ? 'until the statement ends' : 'until the transaction ends';
  const blocks = effect.newRelation
    ? 'made by this migration, so nobody is blocked'
    : `blocks ${blockedWords(effect)} ${until}`;
  const causes = effect.causes.map(causeText).filter((text) => text !== '');
  const size = effect.newRelation ? '' : sizeWords(effect, sizes);
  return [`${name}: **${effect.lock}**, ${blocks}; ${does}${size}`, ...causes.map((text) => `- ${text}`)].join('\n');
}

/** `; 40 million rows (lockkeeper.jsonc): 4 to 9 minutes, from the size alone`. */
function sizeWords({ relation, work }: Effect, sizes: SizeLookup | null): string {
  const size = sizes?.(relation) ?? null;
  if (size === null) return '';
  const time = estimate(work, size);
  const words = time === null ? '' : `: **${durationRangeText(time)}**, a guess from the size alone`;
  return `; ${escapeMarkdown(sizeText(size))}${words}`;
}

function blockedWords({ lock }: Effect): string {
  const { reads, writes, ddl } = blockedBy(lock);
  if (reads) return 'reads and writes';
  if (writes) return 'writes';
  return ddl ? 'other schema changes' : 'nobody who reads or writes';
}

function causeText({ what, why, failsOnRows, source, conditional }: EffectCause): string {
  const where = conditional === true ? ' (in a branch that may not run)' : '';
  const text = `${escapeMarkdown(what)}${where}: ${escapeMarkdown(why)}`;
  const fails = failsOnRows === undefined ? '' : ` Fails on a table with rows: ${escapeMarkdown(failsOnRows)}.`;
  return `${text}${fails}${sourceText(source)}`;
}

function sourceText({ url, measured }: EffectCause['source']): string {
  const page = url === undefined ? null : `[PostgreSQL documentation](${url})`;
  const test = measured === undefined ? null : `measured on PostgreSQL ${measured}`;
  const parts = [page, test].filter((part) => part !== null);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

/** A name from the user's text, which may hold anything. */
function code(name: string): string {
  const fence = name.includes('`') ? '``' : '`';
  return `${fence}${name.replace(/\s+/g, ' ')}${fence}`;
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~-]/g, '\\$&').replace(/\s+/g, ' ');
}
