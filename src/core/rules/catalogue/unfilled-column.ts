import type { StatementAnalysis } from '../../analyze.ts';
import type { Column, IndexRelation, TableRelation } from '../../catalog/catalog.ts';
import { columnNumbered, indexesOf, tableById } from '../../catalog/lookup.ts';
import type { Effect } from '../../effects/effect.ts';
import type { Operation } from '../../effects/operation.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { defineMigrationRule } from '../rule.ts';
import { listed, relationName } from '../wording.ts';

/** What a column that this migration added holds in the rows that were there before. */
type Held = 'null' | 'one value';

/** By `<table id>.<column number>`. */
type NewColumns = Map<string, Held>;

export const unfilledColumn = defineMigrationRule({
  id: 'unfilled-column',
  wants: ({ effects }) => effects.effects.some(demands),
  alsoReads: ({ effects }) => effects.opaque.length > 0 || effects.effects.some(({ newRelation }) => !newRelation),
  meta: {
    title: 'Fill a new column before you demand something of its values',
    severity: 'error',
    cause: 'fails',
    why: 'Nothing in this migration gives the old rows values of their own, so what is demanded of them can not hold. On an empty database it goes well.',
    instead:
      'Three migrations: add the column; fill it in batches, or let the application do it; then NOT NULL or UNIQUE, when every row has its value.',
    more: `Looked for in one migration: an old table gets a column, and the same file makes it NOT NULL, UNIQUE or a primary key without an UPDATE between.
A column without a default is NULL in every old row. A constant default (now() as well, which is worked out once) is the same value in every old row, so a
unique index over it fails as soon as there are two. A volatile default such as gen_random_uuid() gives each row its own: see add-column-volatile-default.`,
    references: ['https://www.postgresql.org/docs/current/ddl-alter.html#DDL-ALTER-ADDING-A-COLUMN'],
    alsoKnownAs: {},
  },
  examples: {
    bad: [
      "ALTER TABLE orders ADD COLUMN reference text NOT NULL DEFAULT '';\nCREATE UNIQUE INDEX CONCURRENTLY orders_reference_idx ON orders (reference);",
      'ALTER TABLE orders ADD COLUMN channel text;\nALTER TABLE orders ALTER COLUMN channel SET NOT NULL;',
      "ALTER TABLE orders ADD COLUMN reference text DEFAULT '' UNIQUE;",
    ],
    good: [
      "ALTER TABLE orders ADD COLUMN channel text;\nUPDATE orders SET channel = 'web';\nALTER TABLE orders ALTER COLUMN channel SET NOT NULL;",
      'ALTER TABLE orders ADD COLUMN reference text UNIQUE;',
      "ALTER TABLE orders ADD COLUMN reference text NOT NULL DEFAULT '';\nCREATE UNIQUE INDEX CONCURRENTLY orders_reference_idx ON orders (customer_id, reference);",
      'ALTER TABLE orders ADD COLUMN reference uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE;',
      "ALTER TABLE orders ADD COLUMN reference text NOT NULL DEFAULT 'web';",
    ],
  },
  check({ migration, report }) {
    const fresh: NewColumns = new Map();
    for (const statement of migration.statements) {
      const { effects, opaque } = statement.effects;
      if (opaque.length > 0) fresh.clear();
      for (const effect of effects) {
        const { id } = effect.relation;
        const before = id === null || effect.newRelation ? undefined : tableById(statement.before, id);
        const after = before && tableById(statement.after, before.id);
        if (!before || !after) continue;
        forgetFilled(fresh, before, effect);
        for (const [column, held] of addedColumns(before, after, effect)) fresh.set(keyOf(after, column), held);
        const broken = demandOf(statement, before, after, fresh);
        if (broken === null) continue;
        const rows = broken.rows === 1 ? 'a row' : 'two rows';
        report(statement, {
          what: `${broken.what} fails if ${relationName(before)} holds ${rows}: ${broken.because}.`,
          claims: effect.causes.filter(({ operation }) => DEMANDS.has(operation)),
        });
        break;
      }
    }
  },
});

/** Gives a column NOT NULL, or a key. */
const DEMANDS: ReadonlySet<Operation> = new Set<Operation>([
  'set not null',
  'add not null',
  'add unique',
  'add primary key',
  'create index',
  'create index concurrently',
]);

function demands({ newRelation, causes }: Effect): boolean {
  return !newRelation && causes.some(({ operation }) => DEMANDS.has(operation));
}

/** What gives each old row a value of its own, or takes the rows away. */
const FILLS: ReadonlySet<Operation> = new Set<Operation>(['truncate', 'truncate cascade', 'alter column type']);

function forgetFilled(fresh: NewColumns, table: TableRelation, { causes }: Effect): void {
  if (fresh.size === 0 || !causes.some(({ operation, work }) => work.includes('rows') || FILLS.has(operation))) return;
  for (const { number } of table.columns) fresh.delete(keyOf(table, number));
}

const DISTINCT: ReadonlySet<Operation> = new Set<Operation>([
  'add column volatile default',
  'add column serial',
  'add column identity',
  'add column generated stored',
  'add column generated virtual',
]);

/** Columns that the statement adds, whose values in old rows are known. */
function addedColumns(before: TableRelation, after: TableRelation, { causes }: Effect): readonly [number, Held][] {
  if (after.nextColumn === before.nextColumn) return [];
  return after.columns.flatMap((column): [number, Held][] => {
    if (column.number < before.nextColumn || column.generated || column.identity || !isPlain(column)) return [];
    const distinct = causes.some(({ operation, object }) => DISTINCT.has(operation) && object === column.name);
    return distinct ? [] : [[column.number, column.default === null ? 'null' : 'one value']];
  });
}

/** A domain may bring a default of its own. */
function isPlain({ type }: Column): boolean {
  return type.schema === 'pg_catalog';
}

interface Broken {
  readonly what: string;
  readonly because: string;
  readonly rows: 1 | 2;
}

/** What the statement demands of new columns that old rows can't have. */
function demandOf(
  { before: earlier, after: later }: StatementAnalysis,
  before: TableRelation,
  after: TableRelation,
  fresh: NewColumns,
): Broken | null {
  const heldBy = (column: number | null): Held | undefined =>
    column === null ? undefined : fresh.get(keyOf(after, column));
  for (const column of after.columns) {
    const old = columnNumbered(before, column.number);
    if (!column.notNull || !old || old.notNull || heldBy(column.number) !== 'null') continue;
    const name = quoteIdentifier(column.name);
    return { what: `NOT NULL on ${name}`, because: `${name} is new and NULL in every old row`, rows: 1 };
  }
  const known = new Set(before.indexes);
  for (const index of indexesOf(later, after)) {
    if (known.has(index.id) || earlier.relations.has(index.id) || !isPlainUnique(index)) continue;
    if (!index.keys.every(({ column }) => heldBy(column) === 'one value')) continue;
    const names = listed(index.keys.flatMap(({ column }) => nameOf(after, column)));
    return {
      what: `A unique index on ${names}`,
      because: `${names} is new and has the same value in every old row`,
      rows: 2,
    };
  }
  return null;
}

function isPlainUnique({ unique, predicate }: IndexRelation): boolean {
  return unique && predicate === null;
}

function nameOf(table: TableRelation, column: number | null): string[] {
  const found = column === null ? undefined : columnNumbered(table, column);
  return found ? [quoteIdentifier(found.name)] : [];
}

function keyOf({ id }: Pick<TableRelation, 'id'>, column: number): string {
  return `${String(id)}.${String(column)}`;
}
