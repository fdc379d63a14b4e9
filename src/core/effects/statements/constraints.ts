import type { AlterTableCmd, Constraint as ConstraintNode, Node } from '@pgsql/types';
import type { Constraint, ServerMajor, TableRelation } from '../../catalog/catalog.ts';
import { columnNames, indexById, indexesOf, isTable, tableById } from '../../catalog/lookup.ts';
import type { LockMode, Work } from '../effect.ts';
import { documented, measured } from '../fact.ts';
import type { Fact } from '../fact.ts';
import { keysTo, withPartitions } from '../foreignKeys.ts';
import { provenNotNull } from '../notNullProof.ts';
import { evaluate } from '../evaluated.ts';
import type { EffectRecorder } from '../recorder.ts';
import { holdsRows, indexBuild, isUnknownTable, scan } from './alteredTable.ts';
import type { AlteredTable } from './alteredTable.ts';
import { isSameKey } from './partitions.ts';
import { nameText } from '../../sql/quote.ts';

const ADD = 'sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT';

export const CONSTRAINT_FACTS = {
  check: {
    operation: 'add check',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The whole table is read to check its rows, while nobody can read or write it.',
    source: documented(ADD),
  },
  checkNotValid: {
    operation: 'add check not valid',
    lock: 'ACCESS EXCLUSIVE',
    why: 'NOT VALID: existing rows are not looked at, so the lock is held for a moment only.',
    source: documented(ADD),
  },
  checkNotEnforced: {
    operation: 'add check not enforced',
    lock: 'ACCESS EXCLUSIVE',
    why: 'NOT ENFORCED: rows are never checked.',
    source: documented(ADD, '18'),
  },
  notNull: {
    operation: 'add not null',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The whole table is read to look for NULLs, while nobody can read or write it.',
    source: documented(ADD, '18'),
  },
  notNullNotValid: {
    operation: 'add not null not valid',
    lock: 'ACCESS EXCLUSIVE',
    why: 'NOT VALID: existing rows are not looked at, so the lock is held for a moment only.',
    source: documented(ADD, '18'),
  },
  foreignKey: {
    operation: 'add foreign key',
    lock: 'SHARE ROW EXCLUSIVE',
    why: 'Both tables are locked against writes while every row is looked up in the referenced table.',
    source: documented(ADD),
  },
  foreignKeyNotValid: {
    operation: 'add foreign key not valid',
    lock: 'SHARE ROW EXCLUSIVE',
    why: 'NOT VALID: existing rows are not looked up, so both tables are locked against writes for a moment only.',
    source: documented(ADD),
  },
  foreignKeyNotEnforced: {
    operation: 'add foreign key not enforced',
    lock: 'SHARE ROW EXCLUSIVE',
    why: 'NOT ENFORCED: rows are never looked up; both tables are locked against writes for a moment only.',
    source: documented(ADD, '18'),
  },
  unique: {
    operation: 'add unique',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The index behind the constraint is built while nobody can read or write the table.',
    source: documented(ADD),
  },
  uniqueUsingIndex: {
    operation: 'add unique using index',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The index is there already, so the lock is held for a moment only.',
    source: documented('sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX'),
  },
  primaryKey: {
    operation: 'add primary key',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The index behind the key is built while nobody can read or write the table.',
    source: documented(ADD),
  },
  primaryKeyUsingIndex: {
    operation: 'add primary key using index',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The index is there already; only columns that may hold NULL make the server read the table.',
    source: documented('sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX'),
  },
  primaryKeyNotNull: {
    operation: 'set not null',
    lock: 'ACCESS EXCLUSIVE',
    why: 'A primary key makes its columns NOT NULL: the whole table is read to look for NULLs, while nobody can read or write it.',
    source: documented(ADD),
  },
  exclude: {
    operation: 'add exclude',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The index behind the constraint is built, and every row compared, while nobody can read or write the table.',
    source: documented(ADD),
  },
} as const satisfies Record<string, Fact>;

const FACTS = {
  /** ADD UNIQUE and PRIMARY KEY on a partitioned table build each partition's index as CREATE INDEX does. */
  partitionIndex: {
    operation: 'add unique',
    lock: { 14: 'SHARE', 18: 'ACCESS EXCLUSIVE' },
    why: 'The constraint on the partitioned table builds an index on each partition.',
    source: measured(),
  },
  referenced: {
    operation: 'add foreign key',
    lock: 'SHARE ROW EXCLUSIVE',
    why: 'The referenced table gets the triggers that guard the key: writes to it wait.',
    source: documented(ADD),
  },
  referencedReused: {
    operation: 'add foreign key',
    lock: 'ACCESS EXCLUSIVE',
    why: 'A partition has the same key already: its triggers are taken off the referenced table, which can’t be read or written for a moment.',
    source: measured(),
  },
} as const satisfies Record<string, Fact>;

const SCAN: readonly Work[] = ['scan'];

/** The other side of a foreign key that comes to hold. */
export const REFERENCED: Fact = FACTS.referenced;

/** ALTER TABLE … ADD CONSTRAINT. */
export function addConstraint(altered: AlteredTable, command: AlterTableCmd): void {
  const node = command.def !== undefined && 'Constraint' in command.def ? command.def.Constraint : undefined;
  if (node === undefined) return;
  const named = node.conname === undefined ? '' : ` ${nameText(node.conname)}`;
  const object = node.conname === undefined ? {} : { object: node.conname };
  const checked = node.skip_validation !== true;
  switch (node.contype) {
    case 'CONSTR_CHECK': {
      const fact = checked
        ? CONSTRAINT_FACTS.check
        : node.is_enforced === true
          ? CONSTRAINT_FACTS.checkNotValid
          : CONSTRAINT_FACTS.checkNotEnforced;
      const detail = { what: `ADD CHECK${named}`, ...object };
      const tables = node.is_no_inherit === true ? altered.self : altered.family;
      altered.on(tables, fact, detail, checked ? scan : undefined);
      if (checked) evaluate(altered.recorder, tables, node.raw_expr);
      if (altered.recorder.major >= 18) altered.on(altered.family, CONSTRAINT_FACTS.checkNotValid, detail);
      break;
    }
    case 'CONSTR_NOTNULL': {
      const [column = ''] = names(node.keys);
      const fact = checked ? CONSTRAINT_FACTS.notNull : CONSTRAINT_FACTS.notNullNotValid;
      const detail = { what: `ADD NOT NULL${named} on ${nameText(column)}`, object: column };
      // NO INHERIT leaves the children's rows alone, but they are locked.
      const concerned = (table: TableRelation): boolean => node.is_no_inherit !== true || table === altered.table;
      altered.on(altered.family, fact, detail, (table) =>
        checked && concerned(table) && needsNullScan(table, column) ? SCAN : [],
      );
      break;
    }
    case 'CONSTR_FOREIGN':
      addForeignKey(altered, node, { what: `ADD FOREIGN KEY${named}`, ...object });
      break;
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY':
    case 'CONSTR_EXCLUSION':
      addIndexed(altered, node, { named, ...object });
      break;
    default:
  }
}

function addForeignKey(
  altered: AlteredTable,
  node: ConstraintNode,
  detail: { readonly what: string; readonly object?: string },
): void {
  const checked = node.skip_validation !== true;
  const fact = checked
    ? CONSTRAINT_FACTS.foreignKey
    : node.is_enforced === true
      ? CONSTRAINT_FACTS.foreignKeyNotValid
      : CONSTRAINT_FACTS.foreignKeyNotEnforced;
  const { taken, reused } = partitionsToCheck(altered);
  altered.on(taken, fact, detail, checked ? (table) => (reused.has(table.id) ? [] : SCAN) : undefined);
  // 18 locks inheritance children too, though the key does not reach them.
  if (altered.recorder.major >= 18) altered.on(altered.family, CONSTRAINT_FACTS.foreignKeyNotValid, detail);
  // The look-up ends at once when there is no row to look up.
  const looksUp = checked && !altered.partitions.every(({ id }) => altered.recorder.isEmpty(id));
  referenceOther(altered.recorder, node, { ...detail, checked: looksUp, fact, reused: reused.size > 0 });
}

/** A partition that has the same key already keeps it: its rows are not looked at, nor are its own partitions. */
function partitionsToCheck(altered: AlteredTable): {
  readonly taken: readonly TableRelation[];
  readonly reused: ReadonlySet<number>;
} {
  const { recorder, table } = altered;
  const reused = new Set<number>();
  if (table.kind !== 'partitioned table' || altered.only) return { taken: altered.partitions, reused };
  const now = tableById(recorder.after, table.id);
  const made = now?.constraints.filter(({ id }) => !table.constraints.some((old) => old.id === id)) ?? [];
  const taken: TableRelation[] = [];
  const visit = (each: TableRelation): void => {
    taken.push(each);
    const same =
      each !== table &&
      each.constraints.some((own) => made.some((key) => isReused(own, each, key, table, recorder.major)));
    if (same) {
      reused.add(each.id);
      return;
    }
    for (const id of each.children) {
      const child = tableById(recorder.before, id);
      if (child !== undefined) visit(child);
    }
  };
  visit(table);
  return { taken, reused };
}

/** The other side of a new foreign key. */
export function referenceOther(
  recorder: EffectRecorder,
  node: ConstraintNode,
  options: {
    readonly what: string;
    readonly object?: string;
    readonly checked: boolean;
    readonly fact: Fact;
    /** A partition's own key becomes part of the new one, and loses its triggers. */
    readonly reused?: boolean;
  },
): void {
  if (node.pktable === undefined) return;
  const { what, checked } = options;
  const detail = { what, ...(options.object === undefined ? {} : { object: options.object }) };
  const base = options.reused === true ? FACTS.referencedReused : FACTS.referenced;
  const fact: Fact = { ...base, operation: options.fact.operation };
  const referenced = recorder.resolve(node.pktable);
  if (referenced === undefined) {
    recorder.touchUnknown(node.pktable, fact, { ...detail, work: checked ? SCAN : [] });
  } else if (isTable(referenced)) {
    for (const each of withPartitions(recorder, referenced)) {
      recorder.touch(each.id, fact, { ...detail, work: checked && holdsRows(each) ? SCAN : [] });
    }
  }
}

/** UNIQUE, PRIMARY KEY, EXCLUDE: an index of their own, or one that is there. */
function addIndexed(
  altered: AlteredTable,
  node: ConstraintNode,
  options: { readonly named: string; readonly object?: string },
): void {
  const { recorder, table } = altered;
  const primary = node.contype === 'CONSTR_PRIMARY';
  const word = primary ? 'PRIMARY KEY' : node.contype === 'CONSTR_UNIQUE' ? 'UNIQUE' : 'EXCLUDE';
  const using = node.indexname;
  const detail = {
    what: `ADD ${word}${options.named}${using === undefined ? '' : ` USING INDEX ${nameText(using)}`}`,
    ...(options.object === undefined ? {} : { object: options.object }),
  };
  if (primary) primaryKeyColumns(altered, node, detail.what);
  if (using !== undefined) {
    altered.on(
      altered.self,
      primary ? CONSTRAINT_FACTS.primaryKeyUsingIndex : CONSTRAINT_FACTS.uniqueUsingIndex,
      detail,
      primary && isUnknownTable(altered.table) ? () => ['unknown'] : undefined,
    );
    return;
  }
  const fact = primary
    ? CONSTRAINT_FACTS.primaryKey
    : node.contype === 'CONSTR_UNIQUE'
      ? CONSTRAINT_FACTS.unique
      : CONSTRAINT_FACTS.exclude;
  altered.on(altered.self, fact, detail, indexBuild);
  if (recorder.major >= 18)
    altered.on(altered.family, { ...CONSTRAINT_FACTS.uniqueUsingIndex, operation: fact.operation }, detail);
  if (table.kind !== 'partitioned table' || altered.only) return;
  for (const partition of altered.partitions) {
    if (partition.id === table.id) continue;
    const work: readonly Work[] = holdsRows(partition) && !adoptsIndex(recorder, partition) ? ['index build'] : [];
    // One that can be checked at COMMIT needs a trigger on each partition.
    const deferred = node.deferrable === true && recorder.major < 18;
    const lock: { lock?: LockMode } = deferred ? { lock: 'SHARE ROW EXCLUSIVE' } : {};
    recorder.touch(partition.id, { ...FACTS.partitionIndex, operation: fact.operation }, { ...detail, work, ...lock });
  }
}

function isReused(
  own: Constraint,
  partition: TableRelation,
  key: Constraint,
  table: TableRelation,
  major: ServerMajor,
): boolean {
  return (own.validated || major >= 18) && isSameKey(own, partition, key, table);
}

/** A partition's index from before becomes part of the new one. */
function adoptsIndex(recorder: EffectRecorder, partition: TableRelation): boolean {
  const now = tableById(recorder.after, partition.id);
  if (now === undefined) return false;
  return indexesOf(recorder.after, now).some((index) => {
    const old = indexById(recorder.before, index.id);
    return old !== undefined && old.parent === null && index.parent !== null;
  });
}

/** Columns of a new primary key that are not NOT NULL yet are made so, in children too. */
function primaryKeyColumns(altered: AlteredTable, node: ConstraintNode, what: string): void {
  const { recorder, table } = altered;
  const index = table.indexes.map((id) => indexById(recorder.before, id)).find((each) => each?.name === node.indexname);
  const columns =
    node.indexname === undefined
      ? names(node.keys)
      : columnNames(table, index?.keys.flatMap(({ column }) => column ?? []) ?? []);
  for (const column of columns) {
    if (table.columns.find(({ name }) => name === column)?.notNull !== false) continue;
    altered.on(altered.family, CONSTRAINT_FACTS.primaryKeyNotNull, { what, object: column }, (each) =>
      needsNullScan(each, column) ? SCAN : [],
    );
    // ONLY a partitioned table: its partitions must be NOT NULL already.
    if (altered.only && table.kind === 'partitioned table')
      altered.on(altered.everything, CONSTRAINT_FACTS.primaryKeyNotNull, { what, object: column });
  }
}

/** SET NOT NULL must look at the rows: the column may hold NULLs and no valid CHECK says otherwise. */
export function needsNullScan(table: TableRelation, column: string, dropped?: ReadonlySet<string>): boolean {
  const found = table.columns.find(({ name }) => name === column);
  if (found === undefined) return isUnknownTable(table);
  const validated = table.constraints.find((each) => each.kind === 'not null' && each.column === found.number);
  if (found.notNull && validated?.validated !== false) return false;
  return provenNotNull(table, column, dropped) === null;
}

/** Foreign keys that rest on these columns of a table (all if null), with what their other side must know. */
export function keysOn(recorder: EffectRecorder, table: TableRelation, column: number): ReturnType<typeof keysTo> {
  return keysTo(recorder, table).filter(({ constraint }) => constraint.referencedColumns.includes(column));
}

function names(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));
}
