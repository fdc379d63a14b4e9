import type { MigrationAnalysis } from '../analyze.ts';
import { qualifiedKey } from '../catalog/catalog.ts';
import type { Catalog, Column, Relation } from '../catalog/catalog.ts';
import { quoteIdentifier } from '../sql/quote.ts';
import { listed, relationName } from '../rules/wording.ts';

/** In which order the migration and the code that goes with it have to be deployed. Names are quoted as in SQL. */
export interface DeployOrder {
  /** Gone afterwards: code that no longer uses it must be live first. */
  readonly removed: readonly string[];
  /** No longer optional: code that always writes it must be live first. */
  readonly demanded: readonly string[];
  /** New: code that uses it must come after. */
  readonly added: readonly string[];
  /** Renamed, or demanded from one moment to the next: code of before and code of after can't both work. */
  readonly breaking: readonly string[];
}

/** Reads the order off the catalogs before and after: tables, views and columns that appear, vanish or change their name. */
export function deployOrder({ before, after }: Pick<MigrationAnalysis, 'before' | 'after'>): DeployOrder {
  const order: Lists = { removed: [], demanded: [], added: [], breaking: [] };
  if (before.relations === after.relations) return order;
  for (const [id, old] of before.relations) {
    if (!isUsedByCode(old)) continue;
    const now = after.relations.get(id);
    if (now === old) continue;
    const replaced = now ?? sameName(after, old);
    if (replaced === undefined) order.removed.push(relationName(old));
    else if (isUsedByCode(replaced)) compare(old, replaced, after, order);
  }
  for (const [id, now] of after.relations) {
    if (!isUsedByCode(now) || before.relations.has(id) || sameName(before, now) !== undefined) continue;
    order.added.push(relationName(now));
  }
  return order;
}

type Used = Exclude<Relation, { kind: 'sequence' | 'index' | 'partitioned index' | 'composite type' }>;
type Lists = { readonly [List in keyof DeployOrder]: string[] };

function isUsedByCode(relation: Relation): relation is Used {
  if (relation.persistence === 'temporary' || relation.extension !== null) return false;
  if (relation.kind === 'view' || relation.kind === 'materialized view') return true;
  // A partition is reached through its parent.
  return 'constraints' in relation && relation.partitionOf === null;
}

/** Made again under its old name, as views often are; or a view left under the name of a renamed table. */
function sameName(catalog: Catalog, { schema, name }: Relation): Used | undefined {
  const id = catalog.relationByName.get(qualifiedKey(schema, name));
  const found = id === undefined ? undefined : catalog.relations.get(id);
  return found !== undefined && isUsedByCode(found) ? found : undefined;
}

function compare(old: Used, now: Used, after: Catalog, order: Lists): void {
  const table = relationName(now);
  if (old.name !== now.name || old.schema !== now.schema) {
    if (sameName(after, old) === undefined) order.breaking.push(`${relationName(old)} becomes ${table}`);
  }
  if (old.columns === now.columns) return;
  const isSame = (a: Column, b: Column): boolean => (old.id === now.id ? a.number === b.number : a.name === b.name);
  for (const column of old.columns) {
    const kept = now.columns.find((each) => isSame(column, each));
    const name = `${table}.${quoteIdentifier(column.name)}`;
    if (kept === undefined) order.removed.push(name);
    else if (kept.name !== column.name) order.breaking.push(`${name} becomes ${quoteIdentifier(kept.name)}`);
    else if (isDemanded(kept) && !column.notNull) order.demanded.push(name);
  }
  for (const column of now.columns) {
    if (old.columns.some((each) => isSame(each, column))) continue;
    const name = `${table}.${quoteIdentifier(column.name)}`;
    if (isDemanded(column) && 'constraints' in now) order.breaking.push(`${name} is demanded at once`);
    else order.added.push(name);
  }
}

/** An INSERT that does not name it fails. */
function isDemanded({ notNull, default: value, generated, identity }: Column): boolean {
  return notNull && value === null && generated === null && identity === null;
}

/** "after the code that no longer uses orders.note, before the code that uses orders.reference". */
export function deployWords({ removed, demanded, added, breaking }: DeployOrder): string {
  if (breaking.length > 0) return `no order is safe: ${listed(breaking)}`;
  const parts = [
    ...(removed.length > 0 ? [`after the code that no longer uses ${listed(removed)}`] : []),
    ...(demanded.length > 0 ? [`after the code that always writes ${listed(demanded)}`] : []),
    ...(added.length > 0 ? [`before the code that uses ${listed(added)}`] : []),
  ];
  return parts.length === 0 ? 'any' : parts.join(', ');
}
