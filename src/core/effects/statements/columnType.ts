import type { AlterTableCmd } from '@pgsql/types';
import type { Column, Constraint, IndexRelation, TableRelation, TypeReference } from '../../catalog/catalog.ts';
import { indexesOf, tableById } from '../../catalog/lookup.ts';
import { resolveType } from '../../catalog/typeNames.ts';
import { evaluate, evaluateStored } from '../evaluated.ts';
import type { LockMode } from '../effect.ts';
import { documented, measured } from '../fact.ts';
import type { Fact } from '../fact.ts';
import { withPartitions } from '../foreignKeys.ts';
import { castsOver, keepsOperatorClass, typeChange } from '../typeChange.ts';
import type { TypeChange } from '../typeChange.ts';
import { IDENTITY_SEQUENCE, touchIdentitySequence } from './alterColumn.ts';
import { holdsRows, rewrite } from './alteredTable.ts';
import type { AlteredTable } from './alteredTable.ts';
import { keysOn } from './constraints.ts';
import { nameText } from '../../sql/quote.ts';

const NOTES = 'sql-altertable.html#SQL-ALTERTABLE-NOTES';

const FACTS = {
  type: {
    operation: 'alter column type',
    lock: 'ACCESS EXCLUSIVE',
    why: 'Changing a column’s type stops reads and writes of the table.',
    source: documented(NOTES),
  },
  rebuildIndex: {
    operation: 'rebuild index',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The table is not rewritten, but this index can’t be kept for the new type and is built again, while nobody can read or write the table.',
    source: documented(NOTES),
  },
  recheck: {
    operation: 'recheck constraint',
    lock: 'ACCESS EXCLUSIVE',
    why: 'A constraint on the column is made again, and every row checked, even when the type stays the same.',
    source: measured(),
  },
  foreignKey: {
    operation: 'recheck constraint',
    lock: 'ACCESS EXCLUSIVE',
    why: 'A foreign key on the column is dropped and made again: the table on its other side is locked against reads and writes too.',
    source: measured(),
  },
} as const satisfies Record<string, Fact>;

/** ALTER TABLE … ALTER COLUMN … TYPE. */
export function alterColumnType(altered: AlteredTable, command: AlterTableCmd): void {
  const { recorder } = altered;
  const name = command.name ?? '';
  const definition = command.def !== undefined && 'ColumnDef' in command.def ? command.def.ColumnDef : undefined;
  const column = altered.table.columns.find((each) => each.name === name);
  const what = `TYPE of ${nameText(name)}`;
  if (definition === undefined || column === undefined) {
    altered.on(altered.family, FACTS.type, { what, object: name, work: ['unknown'] });
    return;
  }
  const to = resolveType(recorder.before, definition.typeName);
  const change = changeOf(altered, column, to, command);
  const collation = definition.collClause?.collname;
  const recollated = collation !== undefined && collationOf(column) !== collationName(collation);
  for (const table of altered.family) {
    const own = table.columns.find((each) => each.name === name);
    if (own === undefined) continue;
    changeIn(altered, table, own, { to, change, recollated, what });
  }
  evaluate(recorder, altered.family, definition.raw_default);
  if (column.identity !== null) touchIdentitySequence(altered, name, IDENTITY_SEQUENCE, what);
}

function changeOf(altered: AlteredTable, column: Column, to: TypeReference, command: AlterTableCmd): TypeChange {
  const { recorder } = altered;
  const definition = command.def !== undefined && 'ColumnDef' in command.def ? command.def.ColumnDef : undefined;
  if (column.generated?.kind === 'virtual')
    return { rewrite: 'no', why: 'A virtual column is computed when it is read.' };
  const casts = castsOver(definition?.raw_default, column.name);
  if (casts === null) {
    return { rewrite: 'yes', why: 'USING computes each value anew: the whole table is rewritten.' };
  }
  const between = casts.flatMap((node) => ('TypeName' in node ? [resolveType(recorder.before, node.TypeName)] : []));
  return typeChange([column.type, ...between, to], { catalog: recorder.before, timeZone: recorder.timeZone });
}

function changeIn(
  altered: AlteredTable,
  table: TableRelation,
  column: Column,
  options: {
    readonly to: TypeReference;
    readonly change: TypeChange;
    readonly recollated: boolean;
    readonly what: string;
  },
): void {
  const { recorder } = altered;
  const { to, change, recollated, what } = options;
  const detail = { what, object: column.name, why: change.why };
  if (change.rewrite === 'yes') altered.on([table], FACTS.type, detail, rewrite);
  else altered.on([table], FACTS.type, detail, change.rewrite === 'unknown' ? () => ['unknown'] : undefined);
  if (change.rewrite === 'no') {
    const sameClass = !recollated && keepsOperatorClass(recorder.before, column.type, to);
    for (const index of indexesOf(recorder.before, table)) {
      if (!isRebuilt(index, column.number, sameClass)) continue;
      altered.on([table], FACTS.rebuildIndex, { what: `index ${nameText(index.name)}`, object: index.name }, () => [
        'index build',
      ]);
    }
  }
  for (const constraint of table.constraints) {
    if (constraint.kind === 'check' && isChecked(constraint) && constraint.columns.includes(column.number)) {
      altered.on(
        [table],
        FACTS.recheck,
        { what: `CHECK ${nameText(constraint.name)}`, object: constraint.name },
        () => ['scan'],
      );
      evaluateStored(recorder, [table], constraint.expression.uses);
    }
  }
  touchForeignKeys(altered, table, column, to);
}

/** Indexes with expressions or a predicate are never kept, nor a partition's part of a partitioned index; others if the operator class stays (CheckIndexCompatible()). */
function isRebuilt(index: IndexRelation, column: number, sameClass: boolean): boolean {
  const keyed = index.keys.some((key) => key.column === column);
  const usedOtherwise = index.expressionColumns.includes(column) || index.include.includes(column);
  if (!keyed && !usedOtherwise) return false;
  // The partitioned index above it is made again, and makes new ones on the partitions.
  if (index.parent !== null) return true;
  if (index.predicate !== null || index.keys.some((key) => key.expression !== null)) return true;
  return keyed && !sameClass;
}

function isChecked(constraint: Constraint): boolean {
  return constraint.validated && constraint.enforced;
}

/** Foreign keys of the column and those that refer to it: both sides are locked, and read again if the type is another. */
function touchForeignKeys(altered: AlteredTable, table: TableRelation, column: Column, to: TypeReference): void {
  const { recorder } = altered;
  const compared = !keepsOperatorClass(recorder.before, column.type, to) || isRewrittenFirst(altered);
  const touch = (other: TableRelation, constraint: Constraint): void => {
    const scanned = compared && isChecked(constraint);
    const detail = { what: `foreign key ${nameText(constraint.name)}`, object: constraint.name };
    if (scanned) altered.on([table], FACTS.recheck, detail, () => ['scan']);
    for (const each of withPartitions(recorder, other)) {
      // 14 has no triggers on partitioned tables themselves, which would be taken off.
      const bare = recorder.major === 14 && each.kind === 'partitioned table';
      const lock: { lock?: LockMode } = bare ? { lock: 'SHARE ROW EXCLUSIVE' } : {};
      recorder.touch(each.id, FACTS.foreignKey, {
        ...detail,
        ...lock,
        work: scanned && holdsRows(each) ? ['scan'] : [],
      });
    }
  };
  for (const constraint of table.constraints) {
    if (constraint.kind !== 'foreign key' || !constraint.columns.includes(column.number)) continue;
    const referenced = constraint.referenced === null ? undefined : tableById(recorder.before, constraint.referenced);
    if (referenced !== undefined) touch(referenced, constraint);
  }
  for (const key of keysOn(recorder, table, column.number)) touch(key.table, key.constraint);
}

/**
 * A key is taken over unread only if nothing rewrites the table by then: another column's type change in the same
 * statement, SET LOGGED and SET ACCESS METHOD count as well (ATPostAlterTypeParse() looks at tab->rewrite).
 */
function isRewrittenFirst(altered: AlteredTable): boolean {
  const { recorder, table, commands } = altered;
  return commands.some((command) => {
    switch (command.subtype) {
      case 'AT_SetLogged':
        return table.persistence === 'unlogged';
      case 'AT_SetUnLogged':
        return table.persistence === 'permanent';
      case 'AT_SetAccessMethod':
        return (table.accessMethod ?? 'heap') !== (command.name ?? 'heap');
      case 'AT_AlterColumnType': {
        const column = table.columns.find(({ name }) => name === command.name);
        const definition = command.def !== undefined && 'ColumnDef' in command.def ? command.def.ColumnDef : undefined;
        if (column === undefined || definition === undefined) return false;
        return changeOf(altered, column, resolveType(recorder.before, definition.typeName), command).rewrite === 'yes';
      }
      default:
        return false;
    }
  });
}

/** The type `name` comes with the collation C. */
function collationOf(column: Column): string | null {
  return column.collation ?? (column.type.name === 'name' ? 'C' : null);
}

function collationName(nodes: readonly { readonly String?: { readonly sval?: string } }[] | readonly object[]): string {
  const last = nodes.at(-1) as { readonly String?: { readonly sval?: string } } | undefined;
  return last?.String?.sval ?? '';
}
