import type { OtherObject, TypeReference } from '../../core/catalog/catalog.ts';
import { typeText } from '../../core/catalog/lookup.ts';
import type { SnapshotReader } from './reader.ts';
import type { OtherRow } from './rows.ts';
import type { Snapshot } from './snapshot.ts';

/** Objects that only need to be known by name. Names of casts, operators and transforms are made as the replay makes them. */
export function readOthers(reader: SnapshotReader, snapshot: Snapshot): OtherObject[] {
  return snapshot.others.map((row) => {
    const uses = reader.uses(row.class, row.oid);
    return {
      kind: row.kind,
      schema: row.schema,
      name: nameOf(reader, row),
      owner: row.owner,
      extension: reader.extension(row.class, row.oid),
      definition: null,
      relations: (row.relations ?? []).map((oid) => reader.id('pg_class', oid)),
      columns: row.kind === 'statistics' ? uses.columns : [],
      uses: [...uses.functions, ...uses.types],
      ...(IN_ANOTHER.has(row.kind) && row.a !== null ? { of: row.a } : {}),
      comment: reader.comment(row.class, row.oid),
    };
  });
}

/** Kinds whose row names what they lie in. */
const IN_ANOTHER: ReadonlySet<string> = new Set(['server', 'user mapping', 'operator class']);

function nameOf(reader: SnapshotReader, row: OtherRow): string {
  const text = (oid: string | null): string =>
    oid === null || oid === '0' ? 'none' : typeText(reader.type(oid) satisfies TypeReference);
  switch (row.kind) {
    case 'cast':
      return `${text(row.a)} AS ${text(row.b)}`;
    case 'operator':
      return `${row.name}(${text(row.a)}, ${text(row.b)})`;
    case 'transform':
      return `${text(row.a)} ${row.name}`;
    default:
      return row.name;
  }
}
