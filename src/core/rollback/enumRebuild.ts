import type { Catalog, Column, TableRelation, UserType } from '../catalog/catalog.ts';
import { indexesOf, isTable, viewsOver } from '../catalog/lookup.ts';
import { expressionText } from '../sql/expressionText.ts';
import { quoteIdentifier } from '../sql/quote.ts';
import { grantedByDefault, rightsBack } from './inverseRights.ts';
import { nameIn, typeName } from './naming.ts';
import type { Plan } from './plan.ts';
import { createType } from './routines.ts';

type Enum = UserType & { readonly kind: 'enum' };

/**
 * Takes values away from an enum again: the type is made anew with those of before, and every column that has it is
 * rewritten. Where there are such columns only on request, since that locks and rewrites the tables.
 *
 * @returns why it can't be done (the value stays then); null: the steps are planned
 */
export function rebuildEnum(plan: Plan, before: Enum, added: readonly string[]): string | null {
  const { to } = plan.context;
  const users = usersOf(to.catalog, before);
  if ('obstacle' in users) return users.obstacle;
  const name = nameIn(to, before);
  const oldName = `${before.name.slice(0, 50)}_with_more`;
  const old = nameIn(to, { schema: before.schema, name: oldName });
  const create = createType(to, before);
  const cost = users.tables.length === 0 ? 'nothing uses it' : 'tables that use it are locked and rewritten';
  plan.add('rename', `ALTER TYPE ${name} RENAME TO ${quoteIdentifier(oldName)}`, {
    remark: `The enum ${before.name} is made anew without ${added.join(', ')}: ${cost}.`,
  });
  plan.add('make', create);
  for (const { table, columns } of users.tables) {
    const actions = columns.flatMap((column) => {
      const alter = `ALTER COLUMN ${quoteIdentifier(column.name)}`;
      const type = typeName(to, column.type);
      const text = `text${'[]'.repeat(column.type.arrayDimensions)}`;
      const change = `${alter} TYPE ${type} USING ${quoteIdentifier(column.name)}::${text}::${type}`;
      if (column.default === null) return [change];
      return [`${alter} DROP DEFAULT`, change, `${alter} SET DEFAULT ${expressionText(column.default)}`];
    });
    plan.add('columns', `ALTER TABLE ${nameIn(to, table)} ${actions.join(', ')}`);
    for (const column of columns)
      plan.notes.sinceFails.push(`${table.name}.${column.name} holds ${added.join(' or ')}`);
  }
  plan.add('drop types', `DROP TYPE ${old}`);
  const everybody = [{ grantee: 'public', privilege: 'USAGE', grantable: false }];
  const fresh = { owner: null, comment: null, privileges: grantedByDefault(plan, before.schema, 'types', everybody) };
  rightsBack(plan, { keyword: 'TYPE', name }, fresh, before);
  return null;
}

/** Nothing in the schema has the type, so that making it anew costs nothing. */
export function isUnusedEnum(catalog: Catalog, type: Enum): boolean {
  const users = usersOf(catalog, type);
  return 'tables' in users && users.tables.length === 0;
}

interface Users {
  readonly tables: readonly { readonly table: TableRelation; readonly columns: readonly Column[] }[];
}

/** Plain columns of tables can be rewritten; whatever else knows the type stands in the way. */
function usersOf(catalog: Catalog, { id, name }: Enum): Users | { readonly obstacle: string } {
  const tables: { table: TableRelation; columns: readonly Column[] }[] = [];
  for (const dependent of catalog.dependents.get(id) ?? []) {
    const table = catalog.relations.get(dependent);
    // It once hung on it, and is gone.
    if (table === undefined && !catalog.functions.has(dependent) && !catalog.types.has(dependent)) continue;
    if (table === undefined || !isTable(table) || table.partitionOf !== null || table.inherits.length > 0)
      return { obstacle: `more than plain columns of tables uses the enum ${name}` };
    const columns = table.columns.filter(({ type }) => type.id === id);
    const numbers = new Set(columns.map(({ number }) => number));
    const place = (number: number): string => `${table.id}.${number}`;
    const inView = viewsOver(catalog, table.id).some(({ dependencies }) =>
      dependencies.columns.some(
        (one) => one === `${table.id}.*` || [...numbers].some((number) => one === place(number)),
      ),
    );
    const inCheck = table.constraints.some(
      (one) => one.kind === 'check' && one.columns.some((number) => numbers.has(number)),
    );
    const inIndex = indexesOf(catalog, table).some((index) =>
      index.expressionColumns.some((number) => numbers.has(number)),
    );
    const inRule =
      table.policies.length > 0 || table.rules.length > 0 || table.columns.some(({ generated }) => generated !== null);
    if (inView || inCheck || inIndex || inRule)
      return {
        obstacle: `a view, CHECK, index expression, policy, rule or generated column of ${table.name} may hang on the enum ${name}`,
      };
    if (columns.length > 0) tables.push({ table, columns });
  }
  return { tables };
}
