import type { MigrationAnalysis, StatementAnalysis } from '../../core/analyze.ts';
import { lockStrength } from '../../core/effects/effect.ts';
import { briefStallWords, migrationImpact, stallWords, statementImpact } from '../../core/report/lockImpact.ts';
import type { LockImpact } from '../../core/report/lockImpact.ts';
import type { SizeLookup } from '../../core/rules/sizes.ts';
import type { FileImpact, ImpactHint } from './protocol.ts';
import type { TextPlaces } from './textPlaces.ts';

/** What a file's code lens says, and, where they are asked for, its inlay hints; from what is computed already. */
export function fileImpact(
  { statements }: MigrationAnalysis,
  places: TextPlaces,
  { sizes, hints }: { readonly sizes: SizeLookup | null; readonly hints: boolean },
): Omit<FileImpact, 'key' | 'isNew' | 'stagingRuns'> {
  const open = statements.filter((each) => !isAnalysed(each));
  const worst = migrationImpact(statements, sizes);
  const first = open[0]?.statement;
  return {
    statements: statements.length,
    analysed: statements.length - open.length,
    notAnalysed: first === undefined ? null : places.place(first.start, first.end),
    worst:
      worst === null
        ? null
        : {
            text: briefWords(worst),
            detail: impactWords(worst),
            isGrave: worst.stall === 'grows' && worst.estimate?.class !== 'instant',
            sizeUnknown: worst.stall === 'grows' && worst.estimate === null,
            place: placeOf(worst, statements, places),
          },
    hints: hints ? statements.flatMap((each) => hint(each, places, sizes) ?? []) : [],
  };
}

function isAnalysed({ statement, effects }: StatementAnalysis): boolean {
  return statement.error === null && statement.notAnalysed === null && effects.opaque.length === 0;
}

function placeOf(worst: LockImpact, statements: readonly StatementAnalysis[], places: TextPlaces) {
  const statement = statements[worst.statement]?.statement;
  return statement === undefined ? places.place(0, 0) : places.place(statement.start, statement.end);
}

function briefWords(impact: LockImpact): string {
  return `${impact.lock} on ${impact.relation}: ${briefStallWords(impact)}`;
}

function impactWords(impact: LockImpact): string {
  return `${impact.lock} on ${impact.relation}: ${stallWords(impact)}`;
}

/** At the end of a statement that takes more than a reader's or a writer's lock on a table that was there before. */
function hint(each: StatementAnalysis, places: TextPlaces, sizes: SizeLookup | null): ImpactHint | null {
  const impact = statementImpact(each, sizes);
  if (impact === null || (lockStrength(impact.lock) <= lockStrength('ROW EXCLUSIVE') && impact.stall === 'none'))
    return null;
  const { end } = each.statement;
  return {
    place: places.place(end, end),
    text: `${impact.lock}: ${briefStallWords(impact)}`,
    tooltip: impactWords(impact),
  };
}
