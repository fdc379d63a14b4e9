import type { Constraint, ForeignKeyAction } from '../../core/catalog/catalog.ts';
import type { Draft } from '../../core/catalog/draft.ts';
import { indexById, isTable } from '../../core/catalog/lookup.ts';
import type { SnapshotReader } from './reader.ts';
import type { ConstraintRow } from './rows.ts';
import type { Snapshot } from './snapshot.ts';

const ACTIONS: Readonly<Record<string, ForeignKeyAction>> = {
  a: 'no action',
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
};

export function readConstraints(draft: Draft, reader: SnapshotReader, snapshot: Snapshot): void {
  const names = new Map(snapshot.relations.map((row) => [row.oid, row.name]));
  for (const row of snapshot.constraints) {
    if (row.relation === '0') continue;
    const tableId = reader.id('pg_class', row.relation);
    const table = draft.relations.get(tableId);
    if (table === undefined || !isTable(table)) continue;
    const constraint = readConstraint(draft, reader, row, names.get(row.referenced) ?? '');
    if (constraint === null) continue;
    draft.addConstraint(tableId, constraint);
    if ('index' in constraint) {
      const index = indexById(draft, constraint.index);
      if (index !== undefined) draft.put({ ...index, constraint: constraint.id });
    }
  }
}

function readConstraint(
  draft: Draft,
  reader: SnapshotReader,
  row: ConstraintRow,
  referencedName: string,
): Constraint | null {
  // A whole row, and an expression of an exclusion constraint, stand as 0.
  const columns = (row.columns ?? []).filter((number) => number > 0);
  const base = {
    id: reader.id('pg_constraint', row.oid),
    name: row.name,
    deferrable: row.deferrable,
    initiallyDeferred: row.deferred,
    validated: row.validated,
    enforced: row.enforced,
    // Of keys it only says whether the table can have partitions.
    noInherit: (row.kind === 'c' || row.kind === 'n') && row.noInherit,
    local: row.local,
    inheritCount: row.inheritCount,
    parent: row.parent === null ? null : reader.id('pg_constraint', row.parent),
    comment: reader.comment('pg_constraint', row.oid),
  };
  const index = row.index === '0' ? null : reader.id('pg_class', row.index);
  switch (row.kind) {
    case 'c': {
      const expression = reader.expression(row.definition ?? '', 'pg_constraint', row.oid, row.relation);
      return { ...base, kind: 'check', columns, expression };
    }
    case 'n':
      return { ...base, kind: 'not null', column: columns[0] ?? 0 };
    case 'p':
    case 'u': {
      const nullsNotDistinct = index !== null && indexById(draft, index)?.nullsNotDistinct === true;
      return {
        ...base,
        kind: row.kind === 'p' ? 'primary key' : 'unique',
        columns,
        index: index ?? 0,
        nullsNotDistinct,
      };
    }
    case 'x':
      return {
        ...base,
        kind: 'exclude',
        columns,
        index: index ?? 0,
        definition: { tree: null, text: row.definition },
      };
    case 'f':
      return {
        ...base,
        kind: 'foreign key',
        columns,
        referenced: reader.id('pg_class', row.referenced),
        referencedName,
        referencedColumns: row.referencedColumns ?? [],
        referencedIndex: index,
        period: row.period,
        match: row.match === 'f' ? 'full' : 'simple',
        onUpdate: ACTIONS[row.onUpdate] ?? 'no action',
        onDelete: ACTIONS[row.onDelete] ?? 'no action',
        onDeleteSetColumns: row.setColumns ?? [],
      };
    default:
      return null;
  }
}
