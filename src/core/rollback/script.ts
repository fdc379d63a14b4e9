import type { MigrationAnalysis } from '../analyze.ts';
import { digestedText } from '../digest.ts';
import { hashText } from '../records/recordFile.ts';
import { dollarQuote, quoteIdentifier, quoteLiteral } from '../sql/quote.ts';
import type { TransactionMode } from '../tools/tool.ts';
import { serverWideStatements } from './notUndone.ts';
import type { RollbackGrade, RollbackStep, Undone } from './rollback.ts';

interface ScriptParts {
  readonly migration: MigrationAnalysis;
  readonly mode: TransactionMode;
  readonly undone: Undone;
  readonly grade: RollbackGrade;
}

/** The first words of every script that Lockkeeper wrote; a person's script has others, and is never overwritten. */
export const GENERATED_MARK = '-- Rollback by Lockkeeper of';

/** Was this down script written by Lockkeeper, so that it may be written anew? */
export function isGenerated(text: string): boolean {
  return text.trimStart().startsWith(GENERATED_MARK);
}

/** The whole script: what it is and what it brings back, then the statements, each under the one that it undoes. */
export function scriptText(parts: ScriptParts): string {
  const { migration, undone, mode } = parts;
  const blocks = declineBlock(undone.declined);
  const prelude = searchPathBlock(undone.searchPath);
  const steps = undone.steps;
  const body: string[] = [];
  if (mode === 'autocommit') {
    body.push(...autocommitBlocks(steps, migration, [...blocks, ...prelude], undone.declined.length > 0));
  } else {
    body.push(...blocks, ...prelude, ...stepBlocks(steps, migration));
  }
  if (steps.length === 0 && undone.declined.length === 0) body.push('-- The schema was not changed: nothing to undo.');
  return `${[header(parts).join('\n'), ...body].join('\n\n')}\n`;
}

function header({ migration, grade, undone }: ScriptParts): readonly string[] {
  const { id, text, range } = migration.migration;
  const up = digestedText(text, range);
  const { schema, data } = grade;
  const lines = [`${GENERATED_MARK} ${oneLine(id)}`, `-- made for the up script with SHA-256 ${hashText(up)}.`];
  const words = {
    restored: 'as before the migration.',
    columnOrder: 'as before the migration, but for the order of columns:',
    different: 'NOT as before the migration:',
  };
  lines.push(`-- Schema: ${words[schema.state]}`, ...listed(schema.reasons));
  lines.push(
    data.before.state === 'kept'
      ? '-- Rows from before the migration: kept.'
      : '-- Rows from before the migration: these do NOT come back:',
    ...listed(data.before.lost),
  );
  if (data.since.lost.length > 0) lines.push('-- Lost of what was written since:', ...listed(data.since.lost));
  if (data.since.fails.length > 0) lines.push('-- The script fails if:', ...listed(data.since.fails));
  if (data.stays.length > 0) lines.push('-- Stays:', ...listed(data.stays));
  const { waits } = undone.notes;
  if (waits.length > 0) lines.push('-- While it runs:', ...listed(waits));
  const serverWide = serverWideStatements(migration);
  if (serverWide.length > 0) lines.push('-- Not undone:', ...listed(serverWide));
  return lines;
}

function listed(items: readonly string[]): readonly string[] {
  return items.map((item) => `--   - ${oneLine(item)}`);
}

/** First of all, so that nothing has been done when it raises. */
function declineBlock(reasons: readonly string[]): readonly string[] {
  if (reasons.length === 0) return [];
  const message = `Lockkeeper can't undo this migration: ${reasons.join('; ')}`;
  const block = `\nBEGIN\n  RAISE EXCEPTION USING MESSAGE = ${quoteLiteral(oneLine(message))};\nEND\n`;
  return [
    [
      ...reasons.map((reason) => `-- cannot be undone: ${oneLine(reason)}`),
      '-- Complete what follows by hand, try it, and then remove this block.',
      `DO ${dollarQuote(block)};`,
    ].join('\n'),
  ];
}

function searchPathBlock(path: readonly string[] | null): readonly string[] {
  if (path === null) return [];
  const names =
    path.length === 0 ? "''" : path.map((name) => (name === '$user' ? '"$user"' : quoteIdentifier(name))).join(', ');
  return [`-- As the migration itself.\nSET search_path TO ${names};`];
}

/** Each statement of the up script with what undoes it; neighbours of one statement under one comment. */
function stepBlocks(steps: readonly RollbackStep[], migration: MigrationAnalysis): readonly string[] {
  const blocks: string[] = [];
  let lines: string[] = [];
  let undoes: number | null = null;
  for (const step of steps) {
    if (step.undoes !== undoes) {
      if (lines.length > 0) blocks.push(lines.join('\n'));
      lines = [`-- ${statementLine(migration, step.undoes)}`];
      undoes = step.undoes;
    }
    if (step.remark !== null) lines.push(`-- ${oneLine(step.remark)}`);
    lines.push(`${step.sql};`);
  }
  if (lines.length > 0) blocks.push(lines.join('\n'));
  return blocks;
}

/** For a tool that sends statement by statement: what can, goes into transactions, so that an error leaves nothing half done. */
function autocommitBlocks(
  steps: readonly RollbackStep[],
  migration: MigrationAnalysis,
  first: readonly string[],
  declined: boolean,
): readonly string[] {
  const blocks: string[] = declined ? ['BEGIN;', ...first] : [...first];
  if (declined) return [...blocks, ...stepBlocks(steps, migration), 'COMMIT;'];
  let together: RollbackStep[] = [];
  const flush = (): void => {
    const inside = stepBlocks(together, migration);
    if (together.length > 1) blocks.push('BEGIN;', ...inside, 'COMMIT;');
    else blocks.push(...inside);
    together = [];
  };
  for (const step of steps) {
    if (!step.nonTransactional && !step.ownTransaction) {
      together.push(step);
      continue;
    }
    flush();
    blocks.push(...stepBlocks([step], migration));
  }
  flush();
  return blocks;
}

const LONGEST = 100;

function statementLine(migration: MigrationAnalysis, index: number): string {
  const found = migration.statements.find(({ statement }) => statement.index === index);
  if (found === undefined) return '';
  const text = oneLine(found.statement.text);
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST - 1).trimEnd()}…` : text;
  return `line ${found.statement.startLine}: ${short}`;
}

/** Comments end with their line, so no text may bring a line end of its own. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
