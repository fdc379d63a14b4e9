import type { StatementAnalysis } from '../../analyze.ts';
import type { StatementEffects } from '../../effects/effect.ts';
import type { Report } from '../rule.ts';
import type { Catalog, ForeignKeyConstraint, TableRelation } from '../../catalog/catalog.ts';
import { columnNames, indexesOf, tableById } from '../../catalog/lookup.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { relationName } from '../wording.ts';
import { NOTHING_ELSE, defineHistoryRule } from '../rule.ts';

export const foreignKeyWithoutIndex = defineHistoryRule({
  id: 'foreign-key-without-index',
  wants: (statement) => keysOf(statement).length > 0,
  alsoReads: NOTHING_ELSE,
  meta: {
    title: 'Give the columns of a foreign key an index',
    severity: 'information',
    cause: 'hygiene',
    why: 'PostgreSQL makes none by itself: each DELETE of a referenced row, and each change of its key, reads the whole referencing table, and cascades one by one.',
    instead:
      'CREATE INDEX CONCURRENTLY on the columns, in this migration or a later one; before the foreign key if the table is large.',
    more: 'Looked for at the end of the history, so that the index may stand in a later file. An index counts that begins with the columns, in any order, and has no WHERE.',
    references: ['https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK'],
    alsoKnownAs: {
      eugene: 'E15',
      pgfence: 'fk-missing-index',
      migrationpilot: 'MP016',
      'postgres-language-server': 'unindexedForeignKeys',
    },
  },
  examples: {
    bad: [
      'ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;',
      'CREATE TABLE refunds (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id));',
    ],
    good: [
      'CREATE TABLE refunds (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id));\nCREATE INDEX ON refunds (order_id);',
      {
        sql: 'CREATE TABLE refunds (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id));',
        later: 'CREATE INDEX ON refunds (order_id, id);',
      },
    ],
  },
  check({ analysis, speaking, wanted, report }) {
    const end = analysis.migrations.at(-1)?.after;
    if (!end) return;
    for (const migration of speaking)
      for (const statement of wanted(migration))
        for (const made of unindexedKeys(statement, end)) report(migration, statement, made);
  },
});

const known = new WeakMap<StatementEffects, { readonly end: Catalog; readonly reports: readonly Report[] }>();

/** Kept for as long as the history ends in the same catalog: the rule is asked at every keystroke. */
function unindexedKeys(statement: StatementAnalysis, end: Catalog): readonly Report[] {
  const kept = known.get(statement.effects);
  if (kept?.end === end) return kept.reports;
  const reports = keysOf(statement).flatMap(({ table: id, constraint }): Report[] => {
    const table = tableById(end, id);
    if (!table?.constraints.some((each) => each.id === constraint.id) || isIndexed(end, table, constraint)) return [];
    const columns = columnNames(table, constraint.columns).map(quoteIdentifier).join(', ');
    const name = relationName(table);
    return [
      {
        what: `No index of ${name} begins with ${columns}, which ${quoteIdentifier(constraint.name)} refers to ${constraint.referencedName} by.`,
        instead: `CREATE INDEX CONCURRENTLY ON ${name} (${columns});`,
      },
    ];
  });
  known.set(statement.effects, { end, reports });
  return reports;
}

interface NewKey {
  readonly statement: StatementAnalysis;
  readonly table: number;
  readonly constraint: ForeignKeyConstraint;
}

/** The foreign keys that a statement makes. */
function keysOf(statement: StatementAnalysis): readonly NewKey[] {
  const { before, after, effects } = statement;
  if (before === after || !/references/i.test(statement.statement.text)) return [];
  const tables = new Set(effects.effects.flatMap(({ relation }) => relation.id ?? []));
  for (let id = before.nextId; id < after.nextId; id++) tables.add(id);
  return [...tables].flatMap((table) => {
    const old = new Set(tableById(before, table)?.constraints.map(({ id }) => id));
    return (tableById(after, table)?.constraints ?? []).flatMap((constraint): NewKey[] =>
      constraint.kind === 'foreign key' && constraint.parent === null && !old.has(constraint.id)
        ? [{ statement, table, constraint }]
        : [],
    );
  });
}

function isIndexed(catalog: Catalog, table: TableRelation, { columns }: ForeignKeyConstraint): boolean {
  return indexesOf(catalog, table).some(({ keys, predicate }) => {
    const first = new Set(keys.slice(0, columns.length).map(({ column }) => column));
    return predicate === null && columns.every((column) => first.has(column));
  });
}
