import type { IndexRelation, TableRelation } from '../../catalog/catalog.ts';
import { indexById, isTable, resolveRelation, tableById } from '../../catalog/lookup.ts';
import { qualifiedName, quoteIdentifier } from '../../sql/quote.ts';
import { nodeAs } from '../../sql/tree.ts';
import type { Fix } from '../rule.ts';
import { placed } from './place.ts';
import type { Place } from './place.ts';
import { closedStatement, tokensOf } from './tokens.ts';

/**
 * CREATE INDEX on a partitioned table, which knows no CONCURRENTLY: the frame ON ONLY the parent, each partition's index
 * concurrently, and then all of them attached. The partitions' indexes have the names that PostgreSQL would give them.
 */
export function partitionedIndexFixes(place: Place): readonly Fix[] {
  const { statement, before, after } = place.statement;
  const index = nodeAs(statement.tree, 'IndexStmt');
  const parent = index?.relation && resolveRelation(before, index.relation.schemaname, index.relation.relname ?? '');
  if (!index || !parent || !isTable(parent) || index.relation?.inh !== true || index.if_not_exists === true) return [];
  const made = newIndexes(parent, tableById(after, parent.id), place)[0];
  const parts = (made?.children ?? []).map((id) => {
    const child = indexById(after, id);
    const table = child && tableById(after, child.table);
    return child && table ? { child, table } : null;
  });
  if (!made || parts.length === 0) return [];
  const known = parts.flatMap((part) => (part?.child.kind === 'index' && part.table.kind === 'table' ? [part] : []));
  const text = cutAtTable(statement.text);
  if (known.length !== parts.length || !text) return [];
  const { start } = statement;
  const name = quoteIdentifier(made.name);
  const naming =
    index.idxname === undefined ? [{ start: start + text.on, end: start + text.on, newText: `${name} ` }] : [];
  const schema = parent.schema === 'public' ? null : parent.schema;
  return placed(place, {
    title: 'Create the index on each partition concurrently, and attach them',
    here: [...naming, { start: start + text.table, end: start + text.table, newText: 'ONLY ' }],
    pieces: [
      ...known.map(({ child, table }) => ({
        name: child.name,
        sql: closedStatement(
          `CREATE ${index.unique === true ? 'UNIQUE ' : ''}INDEX CONCURRENTLY ${quoteIdentifier(child.name)} ON ${qualifiedName(table.schema === 'public' ? null : table.schema, table.name)}${statement.text.slice(text.rest)}`,
        ),
        runs: 'without a transaction' as const,
      })),
      // Each by itself: nobody waits for several tables at once.
      ...known.map(({ child }) => ({
        name: `attach_${child.name}`,
        sql: `ALTER INDEX ${qualifiedName(schema, made.name)} ATTACH PARTITION ${qualifiedName(child.schema === 'public' ? null : child.schema, child.name)};`,
        runs: 'in a transaction' as const,
      })),
    ],
    rests: { names: [made.name], tables: [parent.name, ...known.map(({ table }) => table.name)], columns: [] },
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
