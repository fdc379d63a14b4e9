import type { ScannedMigration } from '../scanHistory.ts';
import type { SizeLookup } from '../rules/sizes.ts';
import type { Finding } from '../rules/rule.ts';
import { counted } from './figures.ts';
import { migrationImpact, stallClassWords, stallWords } from './lockImpact.ts';

/** An old migration that would hurt today, in words. */
export interface ScanRow {
  readonly history: string;
  readonly migration: string;
  /** As the reader would type it, or absolute. */
  readonly path: string;
  /** The worst finding's line, from 1. */
  readonly line: number;
  /** `minutes`, `grows with the table`, `brief` … */
  readonly stall: string;
  /** "ACCESS EXCLUSIVE on orders: reads and writes wait while it is rewritten"; null where it locks nothing that existed. */
  readonly lock: string | null;
  /** The worst finding: its rule, severity, and what happens. */
  readonly worst: Pick<Finding, 'rule' | 'severity'> & { readonly what: string };
  /** All of them, that one too. */
  readonly findings: number;
}

export interface ScanReport {
  /** The worst first. */
  readonly rows: readonly ScanRow[];
  /** Old migrations that were looked at. */
  readonly scanned: number;
  readonly sizesKnown: boolean;
}

/** A history that was scanned. */
export interface ScannedHistory {
  readonly id: string;
  readonly scanned: readonly ScannedMigration[];
  /** Old migrations in it, those too that would not hurt. */
  readonly count: number;
  readonly pathOf: (path: string) => string;
}

/** Puts the histories of a workspace into one ranking. */
export function scanReport(histories: readonly ScannedHistory[], sizes: SizeLookup | null): ScanReport {
  const rows = histories.flatMap(({ id, scanned, pathOf }) =>
    scanned.map((each) => ({ row: scanRow(id, each, pathOf, sizes), score: each.score })),
  );
  return {
    rows: rows.sort((a, b) => b.score - a.score).map(({ row }) => row),
    scanned: histories.reduce((sum, { count }) => sum + count, 0),
    sizesKnown: sizes !== null,
  };
}

function scanRow(
  history: string,
  { migration, analysis, findings }: ScannedMigration,
  pathOf: (path: string) => string,
  sizes: SizeLookup | null,
): ScanRow {
  const impact = migrationImpact(analysis.statements, sizes);
  const [worst] = findings;
  return {
    history,
    migration: migration.id,
    path: pathOf(migration.path),
    line: worst?.startLine ?? 1,
    stall: impact === null ? 'none' : stallClassWords(impact),
    lock: impact === null ? null : `${impact.lock} on ${impact.relation}: ${stallWords(impact)}`,
    worst: {
      rule: worst?.rule ?? '',
      severity: worst?.severity ?? 'hint',
      what: worst?.message.split('\n')[0] ?? '',
    },
    findings: findings.length,
  };
}

/** What was looked at, and what the order rests on: two sentences. */
export function scanHeadline({ rows, scanned, sizesKnown }: ScanReport): string {
  const found =
    rows.length === 0
      ? `None of ${counted(scanned, 'old migration')} would hurt if it ran today.`
      : `${rows.length} of ${counted(scanned, 'old migration')} would hurt if ${rows.length === 1 ? 'it' : 'they'} ran today.`;
  const basis = sizesKnown
    ? 'Ranked by kind of work and by the sizes that tables have.'
    : 'Ranked by kind of work: no sizes are known. "sizes" in lockkeeper.jsonc, or pulled statistics, tell them.';
  return `${found} ${basis}`;
}

/** The ranking for a terminal. Ends with a newline. */
export function scanText(report: ScanReport, { limit }: { readonly limit: number }): string {
  const shown = report.rows.slice(0, limit);
  const blocks = shown.map(({ path, line, lock, worst, findings }, index) => {
    const margin = ' '.repeat(5);
    const more = findings > 1 ? `; ${counted(findings - 1, 'finding')} more` : '';
    return [
      `${String(index + 1).padStart(3)}. ${path}:${line}`,
      ...(lock === null ? [] : [`${margin}${lock}`]),
      `${margin}${worst.what} [${worst.rule}]${more}`,
    ].join('\n');
  });
  const rest = report.rows.length - shown.length;
  return (
    [scanHeadline(report), ...blocks, ...(rest > 0 ? [`… and ${rest} more (--limit).`] : []), '']
      .join('\n\n')
      .trimEnd() + '\n'
  );
}
