import { ALTER_TABLE } from './alterTable.ts';
import type { CaseGroup } from './case.ts';
import { BLOCK_CASES } from './blocks.ts';
import { CHILD_ROW_CASES } from './childRows.ts';
import { COLUMN_TYPES } from './columnTypes.ts';
import { CONSTRAINTS } from './constraints.ts';
import { DROP_CASCADES } from './dropCascades.ts';
import { FOREIGN_TABLES } from './foreignTables.ts';
import { FURTHER_FORMS } from './furtherForms.ts';
import { INDEXES } from './indexes.ts';
import { OTHERS } from './others.ts';
import { PARTITION_CASCADES } from './partitionCascades.ts';
import { PARTITION_KEYS } from './partitionKeys.ts';
import { PARTITIONS } from './partitions.ts';

/** The hand-written cases: every statement family and every condition that decides. */
export const CASES: readonly CaseGroup[] = [
  ...ALTER_TABLE,
  ...COLUMN_TYPES,
  ...CONSTRAINTS,
  ...INDEXES,
  ...PARTITIONS,
  ...PARTITION_KEYS,
  ...OTHERS,
  ...BLOCK_CASES,
  ...CHILD_ROW_CASES,
  ...PARTITION_CASCADES,
  ...DROP_CASCADES,
  ...FOREIGN_TABLES,
  ...FURTHER_FORMS,
];
