import { columnNames, indexById, isTable, tableById } from '../../catalog/lookup.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import type { Fix, TextEdit } from '../rule.ts';
import { alterTableText } from './alterTable.ts';
import { attachSql, indexTree, nameOf } from './indexTree.ts';
import { placed } from './place.ts';
import type { Place } from './place.ts';

/**
 * UNIQUE on a partitioned table, which knows no USING INDEX: the constraint on ONLY the parent (and each partition that has
 * partitions itself); on each partition an index that is built concurrently and becomes its constraint; and all of them
 * attached, from the bottom up. Until the last one is, the parent's does not count.
 * https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE
 *
 * @param constraintName made up by PostgreSQL or not
 * @param id of the table
 */
export function partitionedUniqueFixes(place: Place, constraintName: string, id: number | null): readonly Fix[] {
  const { statement, before, after } = place.statement;
  const altered = alterTableText(statement);
  const parent = id === null ? undefined : tableById(after, id);
  const constraint = parent?.constraints.find((each) => each.name === constraintName);
  if (!altered || altered.parts.length !== 1 || !parent || !isTable(parent) || constraint?.kind !== 'unique') return [];
  const [command] = altered.parts;
  if (command?.command.subtype !== 'AT_AddConstraint' || constraint.deferrable || /^only\b/i.test(altered.target))
    return [];
  const top = indexById(after, constraint.index);
  const isPlain = top?.include.length === 0 && !top.nullsNotDistinct;
  const tree = isPlain ? indexTree(top, before, after) : null;
  if (!top || !tree || tree.leaves.some(({ isOld }) => isOld)) return [];
  const columns = columnNames(parent, constraint.columns).map(quoteIdentifier).join(', ');
  const add = (table: string, name: string, rest: string): string =>
    `ALTER TABLE ${table} ADD CONSTRAINT ${quoteIdentifier(name)} UNIQUE ${rest};`;
  const here: TextEdit = {
    start: statement.start,
    end: statement.end,
    newText: add(`ONLY ${altered.target.replace(/\s*\*$/, '')}`, constraintName, `(${columns})`),
  };
  return placed(place, {
    title: 'Build the index on each partition concurrently, make constraints of them, and attach these',
    here: [here],
    pieces: [
      ...tree.frames.map(({ index, table }) => ({
        name: index.name,
        sql: add(`ONLY ${nameOf(table)}`, index.name, `(${columns})`),
        runs: 'in a transaction' as const,
      })),
      ...tree.leaves.map(({ index, table }) => ({
        name: index.name,
        sql: `CREATE UNIQUE INDEX CONCURRENTLY ${quoteIdentifier(index.name)} ON ${nameOf(table)} (${columns});`,
        runs: 'without a transaction' as const,
      })),
      ...tree.bottomUp.map((part) => {
        const name = quoteIdentifier(part.index.name);
        const isLeaf = part.index.kind === 'index';
        const constrained = isLeaf ? `${add(nameOf(part.table), part.index.name, `USING INDEX ${name}`)}\n` : '';
        return {
          name: `attach_${part.index.name}`,
          sql: `${constrained}${attachSql(part)}`,
          runs: 'in a transaction' as const,
        };
      }),
    ],
    rests: {
      names: [constraintName],
      tables: [parent.name, ...tree.bottomUp.map(({ table }) => table.name)],
      columns: [],
    },
    // Foreign keys and ON CONFLICT need the constraint.
    tailFollows: true,
  });
}
