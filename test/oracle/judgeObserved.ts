/**
 * Compares what Lockkeeper says with observations made earlier (`planted.ts`): no server, one process.
 * Exit code 1, and the first statement told otherwise, if the two disagree.
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
  readonly unseen: number;
  readonly effects: readonly ObservedEffect[];
  readonly atStart: readonly number[];
}

const [file = '', major = '18'] = process.argv.slice(2);
const cases = JSON.parse(readFileSync(file, 'utf8')) as RecordedCase[];
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
  const differs = pairs.some(({ verdict }) => verdict !== 'equal' && verdict !== 'unseen');
  const unseen = pairs.filter(({ verdict }) => verdict === 'unseen').length;
  if (differs || unseen !== each.unseen || line.transactional !== each.exact) {
    process.stdout.write(`${each.sql}\n`);
    process.exitCode = 1;
    break;
  }
}
