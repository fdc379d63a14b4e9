import type { MigrationAnalysis, StatementAnalysis } from '../analyze.ts';
import { blockedBy } from '../effects/effect.ts';
import type { Effect, LockMode } from '../effects/effect.ts';
import { counted, shortened } from './figures.ts';
import { relationName } from '../rules/wording.ts';

export interface ExplainTextOptions {
  /** ANSI colours; the caller knows whether the output is a terminal. */
  readonly colours: boolean;
  /** The file's name as the user should see it. */
  readonly name: string;
  /** Relations of which the reader knows by now that no migration makes them: each is told once. Added to. */
  readonly told: Set<string>;
}

/** What every statement of a migration locks and costs, for a terminal. Ends with a newline. */
export function explainText({ statements }: MigrationAnalysis, { colours, name, told }: ExplainTextOptions): string {
  const bold = (text: string): string => (colours ? `\u001b[1m${text}\u001b[0m` : text);
  const analysed = statements.filter(
    ({ statement, effects }) =>
      statement.error === null && statement.notAnalysed === null && effects.opaque.length === 0,
  ).length;
  return [
    `${bold(name)}  ${analysed} of ${counted(statements.length, 'statement')} analysed${together(statements)}`,
    ...statements.flatMap((each) => ['', ...statementLines(each, bold, told)]),
    '',
    '',
  ].join('\n');
}

/** What is not to be seen in the text: the tool runs the file in one transaction. A BEGIN of the script's own is. */
function together(statements: readonly StatementAnalysis[]): string {
  const [first] = statements;
  const { id, openedBy } = first?.transaction ?? { id: null, openedBy: null };
  const isOne = id !== null && statements.every(({ transaction }) => transaction.id === id);
  const locks = statements.some(({ effects }) => effects.effects.some(({ newRelation }) => !newRelation));
  return isOne && locks && openedBy !== 'script' && statements.length > 1
    ? '; one transaction, so each lock is kept until the last statement is done'
    : '';
}

const BASELINE =
  'Without a baseline its columns and indexes are not known: set "baseline" in lockkeeper.jsonc to a schema dump from before the first migration (pg_dump --schema-only --file baseline.sql).';

function statementLines(
  { statement, effects }: StatementAnalysis,
  bold: (text: string) => string,
  told: Set<string>,
): string[] {
  const head = `  ${String(statement.startLine).padStart(4)}  ${bold(shortened(statement.text, 100))}`;
  if (statement.error !== null) return [head, `        does not parse: ${statement.error.message}`];
  if (statement.notAnalysed !== null) return [head, `        not analysed: ${statement.notAnalysed}`];
  const lines = effects.effects.map((effect) => `        ${effectText(effect)}`);
  // DROP INDEX CONCURRENTLY of an index that no migration makes locks a table, but nobody knows which.
  const known = effects.opaque.length === 0 && effects.waitsFor.length === 0;
  if (lines.length === 0 && known) lines.push('        locks no table');
  if (!effects.transactional) lines.push('        cannot run in a transaction block');
  for (const waited of effects.waitsFor) lines.push(`        waits for ${waited}`);
  for (const { reason, line } of effects.opaque) lines.push(`        not fully analysed, line ${line}: ${reason}`);
  for (const relation of effects.unknownRelations) {
    if (told.has(relation)) continue;
    const how = told.size === 0 ? `. ${BASELINE}` : '';
    lines.push(`        no migration makes ${relation}${how}`);
    told.add(relation);
  }
  return [head, ...lines];
}

/** `orders: SHARE, index build; others can read, but not write`. */
function effectText({ relation, lock, work, newRelation }: Effect): string {
  const doing = work.length === 0 ? 'no work that grows with the table' : work.join(', ');
  const sameRows = work.includes('rows') && !blockedBy(lock).writes ? '; writes of the same rows wait' : '';
  const who = newRelation ? 'new here, so nobody waits' : `${blockedText(lock)}${sameRows}`;
  return `${relationName(relation)}: ${lock}, ${doing}; ${who}`;
}

/** What others can do meanwhile. */
export function blockedText(lock: LockMode): string {
  const { reads, writes, ddl } = blockedBy(lock);
  if (reads) return 'others can neither read nor write';
  if (writes) return 'others can read, but not write';
  return ddl ? 'others can read and write; other DDL waits' : 'others can read and write';
}
