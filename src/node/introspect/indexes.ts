import type { IndexKey, IndexRelation } from '../../core/catalog/catalog.ts';
import type { Draft } from '../../core/catalog/draft.ts';
import { isTable, isView } from '../../core/catalog/lookup.ts';
import { numbers, optionRecord } from './reader.ts';
import type { SnapshotReader } from './reader.ts';
import type { IndexRow, RelationRow } from './rows.ts';
import type { Snapshot } from './snapshot.ts';

/** Bits of pg_index.indoption. catalog/pg_index.h */
const DESCENDING = 1;
const NULLS_FIRST = 2;

export function readIndexes(draft: Draft, reader: SnapshotReader, snapshot: Snapshot): void {
  const relations = new Map(snapshot.relations.map((row) => [row.oid, row]));
  for (const row of snapshot.indexes) {
    const relation = relations.get(row.oid);
    if (relation === undefined) continue;
    const index = readIndex(reader, row, relation);
    draft.addRelation(index);
    for (const key of index.keys) draft.linkAll(key.expression?.uses, index.id);
    const table = draft.relations.get(index.table);
    if (table === undefined || (!isTable(table) && !isView(table))) continue;
    const clusteredOn = row.clustered ? index.id : table.clusteredOn;
    const changed = { ...table, indexes: [...table.indexes, index.id], clusteredOn };
    draft.put(
      row.replicaIdentity && isTable(changed)
        ? { ...changed, replicaIdentity: { kind: 'index', index: index.id } }
        : changed,
    );
  }
}

function readIndex(reader: SnapshotReader, row: IndexRow, relation: RelationRow): IndexRelation {
  const all = numbers(row.keys);
  const orders = numbers(row.orders);
  const keys = all.slice(0, row.keyCount).map((number, at): IndexKey => {
    const order = orders[at] ?? 0;
    return {
      column: number === 0 ? null : number,
      expression: number === 0 ? reader.expression(row.expressions?.[at] ?? '', 'pg_class', row.oid, row.table) : null,
      collation: row.collations?.[at] ?? null,
      operatorClass: row.classes?.[at] ?? null,
      descending: (order & DESCENDING) !== 0,
      nullsFirst: (order & NULLS_FIRST) !== 0,
    };
  });
  return {
    kind: relation.kind === 'I' ? 'partitioned index' : 'index',
    id: reader.id('pg_class', row.oid),
    schema: relation.schema,
    name: relation.name,
    persistence: relation.persistence === 'u' ? 'unlogged' : 'permanent',
    owner: relation.owner,
    comment: reader.comment('pg_class', row.oid),
    privileges: [],
    options: optionRecord(relation.options),
    tablespace: relation.tablespace,
    extension: reader.extension('pg_class', row.table),
    table: reader.id('pg_class', row.table),
    method: row.method,
    unique: row.unique,
    nullsNotDistinct: row.nullsNotDistinct,
    valid: row.valid,
    keys,
    include: all.slice(row.keyCount),
    predicate: row.predicate === null ? null : reader.expression(row.predicate, 'pg_class', row.oid, row.table),
    expressionColumns: reader.columnsUsed('pg_class', row.oid, row.table).filter((number) => !all.includes(number)),
    constraint: null,
    parent: null,
    children: [],
  };
}
