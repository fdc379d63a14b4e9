import type { Column, PartitionKey, Relation, TableRelation, ViewRelation } from '../../core/catalog/catalog.ts';
import type { Draft } from '../../core/catalog/draft.ts';
import { readConstraints } from './constraints.ts';
import { readIndexes } from './indexes.ts';
import { parseBound } from './partitionBound.ts';
import { numbers, optionRecord, privileges } from './reader.ts';
import type { SnapshotReader } from './reader.ts';
import type { ColumnRow, RelationRow, SequenceRow } from './rows.ts';
import type { Snapshot } from './snapshot.ts';
import { readPolicies, readRules, readTriggers } from './tableParts.ts';

const KINDS: Readonly<Record<string, TableRelation['kind']>> = {
  r: 'table',
  p: 'partitioned table',
  f: 'foreign table',
};
const PERSISTENCE = { p: 'permanent', u: 'unlogged', t: 'temporary' } as const;

/** Tables, views, sequences, indexes and composite types, with all their parts. */
export function readRelations(draft: Draft, reader: SnapshotReader, snapshot: Snapshot): void {
  const columns = new Map<string, ColumnRow[]>();
  for (const row of snapshot.columns) {
    const known = columns.get(row.relation);
    if (known === undefined) columns.set(row.relation, [row]);
    else known.push(row);
  }
  const kinds = new Map(snapshot.relations.map((row) => [row.oid, row.kind]));
  const sequences = new Map(snapshot.sequences.map((row) => [row.oid, row]));
  for (const row of snapshot.relations) {
    const found = readRelation(reader, row, columns.get(row.oid) ?? [], sequences);
    if (found === null) continue;
    draft.addRelation(found);
    if ('columns' in found) for (const column of found.columns) link(draft, found.id, column);
  }
  readIndexes(draft, reader, snapshot);
  readInheritance(draft, reader, snapshot, kinds);
  readConstraints(draft, reader, snapshot);
  readTriggers(draft, reader, snapshot);
  readPolicies(draft, reader, snapshot);
  readRules(draft, reader, snapshot);
}

function link(draft: Draft, relation: number, column: Column): void {
  draft.link(column.type.id, relation);
  draft.linkAll(column.default?.uses, relation);
  draft.linkAll(column.generated?.expression.uses, relation);
}

function readRelation(
  reader: SnapshotReader,
  row: RelationRow,
  columnRows: readonly ColumnRow[],
  sequences: ReadonlyMap<string, SequenceRow>,
): Relation | null {
  const id = reader.id('pg_class', row.oid);
  const base = {
    id,
    schema: row.schema,
    name: row.name,
    persistence: PERSISTENCE[row.persistence as keyof typeof PERSISTENCE],
    owner: row.owner,
    comment: row.kind === 'c' ? reader.comment('pg_type', row.rowType) : reader.comment('pg_class', row.oid),
    privileges: privileges(row.acl),
    options: { ...optionRecord(row.options), ...optionRecord(row.toastOptions, 'toast.') },
    tablespace: row.tablespace,
    extension: reader.extension('pg_class', row.oid),
  };
  const columns = columnRows.map((column) => readColumn(reader, column));
  const kind = KINDS[row.kind];
  if (kind !== undefined) {
    return {
      ...base,
      kind,
      columns,
      nextColumn: row.columns + 1,
      constraints: [],
      indexes: [],
      triggers: [],
      policies: [],
      rules: [],
      rowSecurity: row.rowSecurity ? 'on' : 'off',
      forceRowSecurity: row.forceRowSecurity,
      replicaIdentity: { kind: replicaIdentity(row) },
      accessMethod: row.accessMethod,
      ofType: row.ofType === null ? null : reader.id('pg_class', row.ofType),
      server: row.server,
      inherits: [],
      children: [],
      partitionKey: partitionKeyOf(row),
      partitionOf: null,
      clusteredOn: null,
      onCommit: 'preserve',
    };
  }
  if (row.kind === 'v' || row.kind === 'm') return readView(row, { ...base, columns });
  if (row.kind === 'c') return { ...base, kind: 'composite type', columns, nextColumn: row.columns + 1 };
  return row.kind === 'S' ? readSequence(reader, sequences.get(row.oid), base) : null;
}

function readView(
  row: RelationRow,
  base: Pick<ViewRelation, 'id' | 'schema' | 'name' | 'columns'> & Omit<Relation, 'kind' | 'columns'>,
): ViewRelation {
  return {
    ...(base as Omit<ViewRelation, 'kind'>),
    kind: row.kind === 'v' ? 'view' : 'materialized view',
    query: { tree: null, text: row.query },
    dependencies: { relations: [], columns: [], functions: [], types: [] },
    indexes: [],
    populated: row.populated,
    accessMethod: row.accessMethod,
    clusteredOn: null,
    triggers: [],
    rules: [],
  };
}

function readSequence(
  reader: SnapshotReader,
  found: SequenceRow | undefined,
  base: Omit<Relation, 'kind'>,
): Relation | null {
  if (found === undefined) return null;
  const { dataType, start, increment, minimum, maximum, cache, cycle } = found;
  return {
    ...base,
    kind: 'sequence',
    ...{ dataType, start, increment, minimum, maximum, cache, cycle },
    ownedBy:
      found.ownerRelation === null
        ? null
        : {
            relation: reader.id('pg_class', found.ownerRelation),
            column: found.ownerColumn ?? 0,
            internal: found.internal === true,
          },
  };
}

const STORAGE: Readonly<Record<string, string>> = { p: 'plain', e: 'external', m: 'main', x: 'extended' };
const COMPRESSION: Readonly<Record<string, string>> = { p: 'pglz', l: 'lz4' };

function readColumn(reader: SnapshotReader, row: ColumnRow): Column {
  const expression =
    row.default === null ? null : reader.expression(row.default, 'pg_attrdef', row.defaultOid ?? '', row.relation);
  const generated = row.generated === '' || expression === null ? null : expression;
  return {
    number: row.number,
    name: row.name,
    type: reader.type(row.type, row.formatted, row.modifier),
    notNull: row.notNull,
    default: generated === null ? expression : null,
    generated:
      generated === null ? null : { kind: row.generated === 'v' ? 'virtual' : 'stored', expression: generated },
    identity: row.identity === 'a' ? 'always' : row.identity === 'd' ? 'by default' : null,
    collation: row.collation,
    storage: row.storage === null ? null : (STORAGE[row.storage] ?? row.storage),
    compression: COMPRESSION[row.compression] ?? null,
    // Up to 16 the default is -1, then NULL.
    statistics: row.statistics === null || row.statistics < 0 ? null : row.statistics,
    comment: reader.comment('pg_class', row.relation, row.number),
    privileges: privileges(row.acl),
    options: columnOptions(row.options),
    local: row.local,
    inheritCount: row.inheritCount,
  };
}

/** Debian's 15.20 keeps `pg_attver` of its own in attoptions. */
function columnOptions(options: readonly string[] | null): Record<string, string> {
  return optionRecord((options ?? []).filter((option) => !option.startsWith('pg_attver=')));
}

/** Foreign tables and views have 'n' without anybody's doing. */
function replicaIdentity({ kind, replicaIdentity }: RelationRow): 'default' | 'full' | 'nothing' {
  if (kind === 'f') return 'default';
  return replicaIdentity === 'f' ? 'full' : replicaIdentity === 'n' ? 'nothing' : 'default';
}

function partitionKeyOf(row: RelationRow): PartitionKey | null {
  if (row.strategy === null) return null;
  return {
    strategy: row.strategy === 'l' ? 'list' : row.strategy === 'h' ? 'hash' : 'range',
    columns: numbers(row.partitionColumns).map((number) =>
      number === 0 ? { column: null, expression: { tree: null, text: null } } : { column: number, expression: null },
    ),
  };
}

/** Inheritance, partitions, and the same of indexes. */
function readInheritance(
  draft: Draft,
  reader: SnapshotReader,
  snapshot: Snapshot,
  kinds: ReadonlyMap<string, string>,
): void {
  const bounds = new Map(snapshot.relations.map((row) => [row.oid, row.bound]));
  for (const row of snapshot.inheritance) {
    if (!kinds.has(row.child) || !kinds.has(row.parent)) continue;
    const childId = reader.id('pg_class', row.child);
    const parentId = reader.id('pg_class', row.parent);
    const child = draft.relations.get(childId);
    const parent = draft.relations.get(parentId);
    if (child === undefined || parent === undefined || !('children' in parent)) continue;
    draft.put({ ...parent, children: [...parent.children, childId] });
    draft.link(parentId, childId);
    if ('parent' in child) draft.put({ ...child, parent: parentId });
    else if ('partitionOf' in child) {
      const bound = bounds.get(row.child) ?? null;
      draft.put(
        bound === null
          ? { ...child, inherits: [...child.inherits, parentId] }
          : { ...child, partitionOf: { parent: parentId, bound: parseBound(bound) } },
      );
    }
  }
  for (const row of snapshot.sequences) {
    if (row.ownerRelation !== null)
      draft.link(reader.id('pg_class', row.ownerRelation), reader.id('pg_class', row.oid));
  }
}
