import type { DomainConstraint, UserType } from '../../core/catalog/catalog.ts';
import type { Draft } from '../../core/catalog/draft.ts';
import { privileges } from './reader.ts';
import type { SnapshotReader } from './reader.ts';
import type { ConstraintRow, UserTypeRow } from './rows.ts';
import type { Snapshot } from './snapshot.ts';

/** Enums, domains, ranges and base types. Composite types are relations. */
export function readTypes(draft: Draft, reader: SnapshotReader, snapshot: Snapshot): void {
  const constraints = groupByType(snapshot.constraints);
  for (const row of snapshot.userTypes) {
    const type = readType(reader, row, constraints.get(row.oid) ?? []);
    draft.addType(type);
    if (type.kind === 'domain') {
      draft.link(type.base.id, type.id);
      for (const constraint of type.constraints) draft.claimConstraintName(type.schema, constraint.name);
      for (const constraint of type.constraints) draft.linkAll(constraint.expression.uses, type.id);
      draft.linkAll(type.default?.uses, type.id);
      if (type.notNullName !== null) draft.claimConstraintName(type.schema, type.notNullName);
    }
    if (type.kind === 'range') draft.link(type.subtype.id, type.id);
  }
}

function groupByType(rows: readonly ConstraintRow[]): Map<string, ConstraintRow[]> {
  const groups = new Map<string, ConstraintRow[]>();
  for (const row of rows) {
    if (row.type === '0') continue;
    groups.set(row.type, [...(groups.get(row.type) ?? []), row]);
  }
  return groups;
}

function readType(reader: SnapshotReader, row: UserTypeRow, constraints: readonly ConstraintRow[]): UserType {
  const base = {
    id: reader.id('pg_type', row.oid),
    schema: row.schema,
    name: row.name,
    owner: row.owner,
    comment: reader.comment('pg_type', row.oid),
    privileges: privileges(row.acl),
    extension: reader.extension('pg_type', row.oid),
  };
  switch (row.kind) {
    case 'e':
      return { ...base, kind: 'enum', labels: row.labels ?? [] };
    case 'd':
      return {
        ...base,
        kind: 'domain',
        base: reader.type(row.base, row.formatted),
        notNull: row.notNull,
        notNullName: constraints.find(({ kind }) => kind === 'n')?.name ?? null,
        default: row.default === null ? null : reader.expression(row.default, 'pg_type', row.oid, '0'),
        collation: row.collation,
        constraints: constraints
          .filter(({ kind }) => kind === 'c')
          .map((constraint): DomainConstraint => ({
            name: constraint.name,
            expression: reader.expression(constraint.definition ?? '', 'pg_constraint', constraint.oid, '0'),
            validated: constraint.validated,
            comment: reader.comment('pg_constraint', constraint.oid),
          })),
      };
    case 'r':
      return { ...base, kind: 'range', subtype: reader.type(row.subtype ?? '0'), multirange: row.multirange };
    default:
      return { ...base, kind: row.defined ? 'base' : 'shell' };
  }
}
