/**
 * Compares what Lockkeeper says with observations made earlier (`planted.ts`): no server, one process.
 * Exit code 1, and the number of pairs that differ, if the two disagree.
 */
import { readFileSync } from 'node:fs';
import type { HistoryAnalysis } from '../../src/core/analyze.ts';
import type { ServerMajor } from '../../src/core/catalog/catalog.ts';
import { compare } from './compare.ts';
import type { ObservedEffect } from './observe.ts';
import { predictCase } from './predict.ts';

/** One observed case, as it lies in the file. */
export interface RecordedCase {
  readonly setup: string;
  readonly sql: string;
  readonly timeZone: string;
  readonly exact: boolean;
  readonly compareWork: boolean;
  readonly effects: readonly ObservedEffect[];
  readonly atStart: readonly number[];
}

const [file = '', major = '18'] = process.argv.slice(2);
const cases = JSON.parse(readFileSync(file, 'utf8')) as RecordedCase[];
let wrong = 0;
let previous: HistoryAnalysis | undefined;
for (const each of cases) {
  const { line, analysis } = predictCase(Number(major) as ServerMajor, each.timeZone, each.setup, each.sql, previous);
  previous = analysis;
  const pairs = compare(line.effects, each.effects, {
    kind: line.kind,
    exact: each.exact,
    compareWork: each.compareWork,
    opaque: false,
    empty: new Set(),
    atStart: new Map(each.atStart.map((oid) => [oid, true])),
  });
  wrong += pairs.filter(({ verdict }) => verdict !== 'equal' && verdict !== 'unseen').length;
  if (line.transactional !== each.exact) wrong += 1;
}
process.stdout.write(`${String(wrong)} wrong\n`);
process.exitCode = wrong > 0 ? 1 : 0;
