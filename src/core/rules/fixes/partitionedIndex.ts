import type { IndexRelation, TableRelation } from '../../catalog/catalog.ts';
import { indexById, isTable, resolveRelation, tableById } from '../../catalog/lookup.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { nodeAs } from '../../sql/tree.ts';
import type { Fix } from '../rule.ts';
import { attachSql, indexTree, nameOf } from './indexTree.ts';
import { placed } from './place.ts';
import type { Place } from './place.ts';
import { closedStatement, tokensOf } from './tokens.ts';

/**
 * CREATE INDEX on a partitioned table, which knows no CONCURRENTLY: the frame ON ONLY the parent (and each partition that
 * has partitions itself), each partition's index concurrently, and then all of them attached, from the bottom up. The
 * partitions' indexes have the names that PostgreSQL would give them; those that are there already are attached only.
 */
export function partitionedIndexFixes(place: Place): readonly Fix[] {
  const { statement, before, after } = place.statement;
  const index = nodeAs(statement.tree, 'IndexStmt');
  const parent = index?.relation && resolveRelation(before, index.relation.schemaname, index.relation.relname ?? '');
  if (!index || !parent || !isTable(parent) || index.relation?.inh !== true || index.if_not_exists === true) return [];
  const made = newIndexes(parent, tableById(after, parent.id), place)[0];
  const tree = made && indexTree(made, before, after);
  const text = cutAtTable(statement.text);
  if (!made || !tree || !text) return [];
  const { start } = statement;
  const name = quoteIdentifier(made.name);
  const naming =
    index.idxname === undefined ? [{ start: start + text.on, end: start + text.on, newText: `${name} ` }] : [];
  const create = `CREATE ${index.unique === true ? 'UNIQUE ' : ''}INDEX`;
  const definition = statement.text.slice(text.rest);
  return placed(place, {
    title: 'Create the index on each partition concurrently, and attach them',
    here: [...naming, { start: start + text.table, end: start + text.table, newText: 'ONLY ' }],
    pieces: [
      ...tree.frames.map(({ index: frame, table }) => ({
        name: frame.name,
        sql: closedStatement(`${create} ${quoteIdentifier(frame.name)} ON ONLY ${nameOf(table)}${definition}`),
        runs: 'in a transaction' as const,
      })),
      ...tree.leaves.flatMap(({ index: leaf, table, isOld }) =>
        isOld
          ? []
          : [
              {
                name: leaf.name,
                sql: closedStatement(
                  `${create} CONCURRENTLY ${quoteIdentifier(leaf.name)} ON ${nameOf(table)}${definition}`,
                ),
                runs: 'without a transaction' as const,
              },
            ],
      ),
      // Each by itself: nobody waits for several tables at once.
      ...tree.bottomUp.map((part) => ({
        name: `attach_${part.index.name}`,
        sql: attachSql(part),
        runs: 'in a transaction' as const,
      })),
    ],
    rests: { names: [made.name], tables: [parent.name, ...tree.bottomUp.map(({ table }) => table.name)], columns: [] },
  });
}

function newIndexes(
  before: TableRelation,
  after: TableRelation | undefined,
  { statement }: Place,
): readonly IndexRelation[] {
  return (after?.indexes ?? []).flatMap((id) =>
    before.indexes.includes(id) ? [] : (indexById(statement.after, id) ?? []),
  );
}

/** Where ON stands, the table's name, and what comes after that. */
function cutAtTable(text: string): { readonly on: number; readonly table: number; readonly rest: number } | null {
  const tokens = tokensOf(text);
  const at = tokens.findIndex(({ kind, text: word, depth }) => kind === 'word' && word === 'on' && depth === 0);
  let last = at + 1;
  while (tokens[last + 1]?.text === '.') last += 2;
  const [on, table, end] = [tokens[at], tokens[at + 1], tokens[last]];
  return on && table && end && table.text !== 'only' ? { on: on.start, table: table.start, rest: end.end } : null;
}
