import type { AlterTableCmd } from '@pgsql/types';
import type { TableRelation } from '../../catalog/catalog.ts';
import { ownedSequences, tableById } from '../../catalog/lookup.ts';
import { definitionElement } from '../../sql/tree.ts';
import { documented, measured } from '../fact.ts';
import type { Fact } from '../fact.ts';
import { provenNotNull } from '../notNullProof.ts';
import { touchRemoved } from '../removal.ts';
import { isUnknownTable, rewrite } from './alteredTable.ts';
import type { AlteredTable } from './alteredTable.ts';
import { needsNullScan } from './constraints.ts';
import { nameText } from '../../sql/quote.ts';

const PAGE = 'sql-altertable.html';
const BRIEF = 'Only the definition changes: reads and writes wait for a moment.';

const FACTS = {
  setDefault: { operation: 'set default', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented(PAGE) },
  dropDefault: { operation: 'drop default', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented(PAGE) },
  setNotNull: {
    operation: 'set not null',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The whole table is read to look for NULLs, while nobody can read or write it.',
    source: documented('sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-NOT-NULL'),
  },
  dropNotNull: { operation: 'drop not null', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented(PAGE) },
  addIdentity: { operation: 'add identity', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented(PAGE) },
  setIdentity: { operation: 'set identity', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented(PAGE) },
  dropIdentity: { operation: 'drop identity', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented(PAGE) },
  identitySequence: {
    operation: 'alter sequence',
    lock: 'SHARE ROW EXCLUSIVE',
    why: 'The sequence behind the identity column is changed.',
    source: measured(),
  },
  identitySequenceGone: {
    operation: 'drop sequence',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The sequence behind the identity column is dropped.',
    source: measured(),
  },
  identitySequenceNew: {
    operation: 'create sequence',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The sequence behind the column is made.',
    source: measured(),
  },
  setExpression: {
    operation: 'set expression',
    lock: 'ACCESS EXCLUSIVE',
    why: 'Each row is computed anew: the whole table is rewritten, its indexes too, while nobody can read or write it.',
    source: documented(PAGE, '17-18'),
  },
  dropExpression: { operation: 'drop expression', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented(PAGE) },
  setStatistics: {
    operation: 'set statistics',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'Only the planner’s statistics target changes: reads and writes go on.',
    source: documented(PAGE),
  },
  setOptions: {
    operation: 'set column options',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'Only the planner’s options change: reads and writes go on.',
    source: documented(PAGE),
  },
  setStorage: { operation: 'set storage', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented(PAGE) },
  setCompression: { operation: 'set compression', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented(PAGE) },
  drop: {
    operation: 'drop column',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The column is hidden, not removed from the rows: reads and writes wait for a moment.',
    source: documented('sql-altertable.html#SQL-ALTERTABLE-NOTES'),
  },
  dropDependents: {
    operation: 'drop constraint',
    lock: 'ACCESS EXCLUSIVE',
    why: 'What rests on the dropped column goes with it.',
    source: measured(),
  },
  dropDependentRelation: {
    operation: 'drop view',
    lock: 'ACCESS EXCLUSIVE',
    why: 'What rests on the dropped column goes with it.',
    source: measured(),
  },
} as const satisfies Record<string, Fact>;

export function columnDefault(altered: AlteredTable, command: AlterTableCmd): void {
  const name = command.name ?? '';
  if (command.def === undefined)
    altered.on(altered.family, FACTS.dropDefault, { what: `DROP DEFAULT of ${nameText(name)}`, object: name });
  else altered.on(altered.family, FACTS.setDefault, { what: `SET DEFAULT of ${nameText(name)}`, object: name });
}

export function setNotNull(altered: AlteredTable, command: AlterTableCmd): void {
  const name = command.name ?? '';
  const detail = { what: `SET NOT NULL on ${nameText(name)}`, object: name };
  const dropped = altered.droppedConstraints;
  const there = isThereAlready(altered, name);
  for (const table of there ? altered.self : altered.family) {
    if (isUnknownTable(table)) {
      altered.on([table], FACTS.setNotNull, detail, () => ['unknown']);
      continue;
    }
    if (needsNullScan(table, name, dropped)) {
      altered.on([table], FACTS.setNotNull, detail, () => ['scan']);
      continue;
    }
    const proof = provenNotNull(table, name, dropped);
    const why =
      proof === null
        ? 'The column is NOT NULL already: nothing is read.'
        : `The valid CHECK ${proof} proves that there are no NULLs: nothing is read.`;
    altered.on([table], FACTS.setNotNull, { ...detail, why });
  }
  // ONLY a partitioned table: its partitions are looked at, for they must be NOT NULL already.
  if (altered.only && !there && altered.table.kind === 'partitioned table') {
    const why = 'The partitions must be NOT NULL already: nothing is read.';
    altered.on(altered.everything, FACTS.setNotNull, { ...detail, why });
  }
}

/**
 * Then the children are not gone to: on 18 where a valid constraint says so, before only from a partitioned table, whose
 * partitions must agree (ATExecSetNotNull(), ATPrepSetNotNull() in tablecmds.c).
 */
function isThereAlready({ recorder, table, droppedConstraints }: AlteredTable, name: string): boolean {
  const column = table.columns.find((each) => each.name === name);
  if (column?.notNull !== true) return false;
  if (recorder.major < 18) return table.kind === 'partitioned table';
  const constraint = table.constraints.find((each) => each.kind === 'not null' && each.column === column.number);
  return constraint?.validated === true && !droppedConstraints.has(constraint.name);
}

export function dropNotNull(altered: AlteredTable, command: AlterTableCmd): void {
  const name = command.name ?? '';
  const column = altered.table.columns.find((each) => each.name === name);
  // 18 goes to the children only if there is a constraint to drop.
  const reaches = altered.recorder.major < 18 || column?.notNull !== false;
  altered.on(reaches ? altered.family : altered.self, FACTS.dropNotNull, {
    what: `DROP NOT NULL on ${nameText(name)}`,
    object: name,
  });
}

/** From 17 on identity columns of a partitioned table are identity columns of its partitions too. */
function identityTables(altered: AlteredTable): readonly TableRelation[] {
  return altered.recorder.major >= 17 ? altered.partitions : altered.self;
}

export function addIdentity(altered: AlteredTable, command: AlterTableCmd): void {
  const name = command.name ?? '';
  altered.on(identityTables(altered), FACTS.addIdentity, {
    what: `ADD GENERATED AS IDENTITY on ${nameText(name)}`,
    object: name,
  });
}

export function setIdentity(altered: AlteredTable, command: AlterTableCmd): void {
  const name = command.name ?? '';
  const what = `SET GENERATED on ${nameText(name)}`;
  // Options of the sequence alone don't concern the partitions.
  const options = command.def !== undefined && 'List' in command.def ? command.def.List.items : undefined;
  const reaches = definitionElement(options, 'generated') !== undefined;
  altered.on(reaches ? identityTables(altered) : altered.self, FACTS.setIdentity, { what, object: name });
  touchIdentitySequence(altered, name, FACTS.identitySequence, what);
}

export function dropIdentity(altered: AlteredTable, command: AlterTableCmd): void {
  const name = command.name ?? '';
  const what = `DROP IDENTITY of ${nameText(name)}`;
  altered.on(identityTables(altered), FACTS.dropIdentity, { what, object: name });
  const column = altered.table.columns.find((each) => each.name === name);
  if (column?.identity !== null) touchIdentitySequence(altered, name, FACTS.identitySequenceGone, what);
}

export function touchIdentitySequence(altered: AlteredTable, name: string, fact: Fact, what: string): void {
  const column = altered.table.columns.find((each) => each.name === name);
  if (column === undefined) return;
  for (const sequence of ownedSequences(altered.recorder.before, altered.table.id, column.number)) {
    if (sequence.ownedBy?.internal === true) altered.recorder.touch(sequence.id, fact, { what, object: sequence.name });
  }
}

export const IDENTITY_SEQUENCE: Fact = FACTS.identitySequence;

/** Sequences that a statement made by the way: serial and identity columns. */
export function touchNewSequences(altered: AlteredTable): void {
  const { recorder } = altered;
  for (let id = recorder.before.nextId; id < recorder.after.nextId; id++) {
    const made = recorder.after.relations.get(id);
    if (made?.kind === 'sequence') {
      recorder.touch(id, FACTS.identitySequenceNew, { what: `sequence ${nameText(made.name)}`, object: made.name });
    }
  }
}

export function setExpression(altered: AlteredTable, command: AlterTableCmd): void {
  const name = command.name ?? '';
  const what = `SET EXPRESSION of ${nameText(name)}`;
  const column = altered.table.columns.find((each) => each.name === name);
  if (column?.generated?.kind === 'virtual') {
    const why = 'A virtual column is computed when it is read: existing rows are not touched.';
    altered.on(altered.family, FACTS.setExpression, { what, object: name, why });
  } else {
    altered.on(altered.family, FACTS.setExpression, { what, object: name }, rewrite);
  }
}

export function dropExpression(altered: AlteredTable, command: AlterTableCmd): void {
  const name = command.name ?? '';
  altered.on(altered.family, FACTS.dropExpression, { what: `DROP EXPRESSION of ${nameText(name)}`, object: name });
}

export function setStatistics(altered: AlteredTable, command: AlterTableCmd): void {
  const name = command.name ?? '';
  altered.on(altered.family, FACTS.setStatistics, { what: `SET STATISTICS of ${nameText(name)}`, object: name });
}

export function setOptions(altered: AlteredTable, command: AlterTableCmd): void {
  const name = command.name ?? '';
  altered.on(altered.self, FACTS.setOptions, { what: `SET options of ${nameText(name)}`, object: name });
}

export function setStorage(altered: AlteredTable, command: AlterTableCmd): void {
  const name = command.name ?? '';
  altered.on(altered.family, FACTS.setStorage, { what: `SET STORAGE of ${nameText(name)}`, object: name });
}

export function setCompression(altered: AlteredTable, command: AlterTableCmd): void {
  const name = command.name ?? '';
  altered.on(altered.self, FACTS.setCompression, { what: `SET COMPRESSION of ${nameText(name)}`, object: name });
}

/** Children keep the column if ONLY was written, but are locked all the same. */
/** Direct children are always locked; theirs only where the column goes there too: it is neither their own nor another parent's. */
function losing(altered: AlteredTable, column: string): readonly TableRelation[] {
  const lost = new Map<number, TableRelation>([[altered.table.id, altered.table]]);
  const visit = (table: TableRelation): void => {
    for (const id of table.children) {
      const child = tableById(altered.recorder.before, id);
      if (child === undefined || lost.has(id)) continue;
      lost.set(id, child);
      const own = child.columns.find(({ name }) => name === column);
      if (!altered.only && own?.local === false && own.inheritCount === 1) visit(child);
    }
  };
  visit(altered.table);
  return [...lost.values()];
}

export function dropColumn(altered: AlteredTable, command: AlterTableCmd): void {
  const { recorder, table } = altered;
  const name = command.name ?? '';
  const what = `DROP COLUMN ${nameText(name)}`;
  const column = table.columns.find((each) => each.name === name);
  if (column === undefined) {
    altered.on(altered.self, FACTS.drop, { what, object: name });
    return;
  }
  altered.on(losing(altered, name), FACTS.drop, { what, object: name });
  touchRemoved(recorder, [table.id], FACTS.dropDependents, what, FACTS.dropDependentRelation);
}
