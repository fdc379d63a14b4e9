import { bytes, counted, duration, grouped } from './figures.ts';
import { stagingHeadline, withoutPublic, worstStalls } from './headline.ts';
import { isEstimate } from '../staging/estimate.ts';
import { lockQueueWords, placeWords, rollbackWords, snapshotWords } from './runWords.ts';
import { estimateOf, estimateText } from './productionTime.ts';
import type { MeasuredStatement, StagingRun } from './stagingRun.ts';

export interface StagingTextOptions {
  /** ANSI colours; the caller knows whether the output is a terminal. */
  readonly colours: boolean;
}

/** A staging run for a terminal: the headline, then a line a statement with what it locked, then what the reader must know. */
export function stagingText(run: StagingRun, { colours }: StagingTextOptions): string {
  const bold = (text: string): string => (colours ? `\u001b[1m${text}\u001b[0m` : text);
  const filled = run.tables
    .filter(({ rows }) => rows > 0)
    .map(({ table, rows }) => `${withoutPublic(table)} ${grouped(rows)}`);
  return [
    `${bold(run.migration)} on ${placeWords(run)}, PostgreSQL ${run.server.version}`,
    `  ${bold(`${stagingHeadline(run)}.`)}`,
    filled.length === 0 ? '  rows: none' : `  rows: ${filled.join(', ')} (${snapshotWords(run)})`,
    ...(run.notComparable === null ? [] : [`  not comparable: ${run.notComparable}`]),
    '',
    ...run.statements.flatMap((statement) => statementLines(run, statement)),
    ...commitLines(run),
    ...(run.failure === null ? [] : [`  FAILED: ${run.failure.message}`, '']),
    ...growthLines(run),
    ...(run.rollback === null ? [] : [`  rollback: ${rollbackWords(run.rollback)}`]),
    ...(run.lockQueue === null ? [] : [`  lock queue: ${lockQueueWords(run.lockQueue)}`]),
    ...run.differences.map(
      ({ statement, relation, predicted, observed }) =>
        `  not as predicted: statement ${statement + 1} on ${relation}: predicted ${predicted}, observed ${observed}`,
    ),
    ...run.tables.flatMap(({ table, shortfall }) => (shortfall === null ? [] : [`  note: ${table}: ${shortfall}`])),
    ...run.notes.map((note) => `  note: ${note}`),
  ]
    .join('\n')
    .replace(/\n*$/, '\n');
}

function statementLines(run: StagingRun, statement: MeasuredStatement): string[] {
  const lines = [`  ${duration(statement.milliseconds).padStart(10)}  ${statement.text}`];
  const locks = statement.locks.filter(({ newRelation }) => !newRelation);
  const seen = statement.locksSeenBy === 'polled' ? ' (polled; brief locks are not seen)' : '';
  if (locks.length > 0) {
    lines.push(
      `              ${locks.map(({ relation, lock }) => `${lock} on ${withoutPublic(relation)}`).join(', ')}${seen}`,
    );
  }
  const work = [
    ...statement.rewritten.map((table) => `${withoutPublic(table)} rewritten${reasons(statement, table)}`),
    ...statement.indexesBuilt.map((index) => `${withoutPublic(index)} built`),
    ...(statement.walBytes >= 100_000 ? [`${bytes(statement.walBytes)} of WAL`] : []),
    ...statement.scans
      .filter(({ sequential }) => sequential > 0)
      .map(({ relation }) => `${withoutPublic(relation)} read whole`),
  ];
  if (work.length > 0) lines.push(`              ${work.join(', ')}`);
  for (const { session, milliseconds } of statement.waitedFor)
    lines.push(`              waited about ${duration(milliseconds)} for ${session}`);
  const estimate = estimateOf(run, statement.index);
  if (estimate !== undefined && (isEstimate(estimate) || estimate.class !== 'instant')) {
    const why = isEstimate(estimate) ? estimate.basis : estimate.reason;
    lines.push(`              in production: ${estimateText(estimate)} (${why})`);
  }
  for (const { table, operation, milliseconds } of worstStalls({
    ...run,
    stalls: run.stalls.filter((stall) => stall.statement === statement.index),
  })) {
    lines.push(
      `              ${operation === 'read' ? 'reads of' : 'writes to'} ${withoutPublic(table)} waited up to ${duration(milliseconds)}`,
    );
  }
  return [...lines, ''];
}

function reasons({ rewriteReasons }: MeasuredStatement, table: string): string {
  const words = rewriteReasons.find(({ relation }) => relation === table)?.reasons ?? [];
  return words.length === 0 ? '' : ` (${words.join('; ')})`;
}

function growthLines({ growth }: StagingRun): string[] {
  if (growth === null) return [];
  const { total, calibration } = growth;
  const calibrated =
    calibration === null
      ? []
      : [
          `  calibrated: ${calibration.migrations} earlier migrations took ${calibration.factor.toFixed(2)} times what was estimated in ${calibration.environment}`,
        ];
  return [
    `  in production: ${estimateText(total)} in all (${isEstimate(total) ? total.basis : total.reason})`,
    ...calibrated,
  ];
}

function commitLines(run: StagingRun): string[] {
  return run.transactions
    .filter(({ commitMilliseconds }) => commitMilliseconds >= 50)
    .flatMap(({ commitMilliseconds, statements }) => [
      `  ${duration(commitMilliseconds).padStart(10)}  COMMIT of ${counted(statements.length, 'statement')}, all locks held until here`,
      '',
    ]);
}
