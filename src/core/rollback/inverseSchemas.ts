import type { Extension } from '../catalog/catalog.ts';
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts';
import { inverseDefaultPrivileges } from './defaultPrivileges.ts';
import { grantedByDefault, rightsBack } from './inverseRights.ts';
import { NotKnown } from './naming.ts';
import type { Plan } from './plan.ts';

/**
 * Schemas and extensions.
 *
 * @returns schemas that were renamed: the name after, and the name before
 */
export function inverseSchemas(plan: Plan): ReadonlyMap<string, string> {
  const { context } = plan;
  const from = context.from.catalog.schemas;
  const to = context.to.catalog.schemas;
  const created = [...from.values()].filter(({ name }) => !to.has(name));
  const removed = [...to.values()].filter(({ name }) => !from.has(name));
  const renamed = renamedSchemas(
    plan,
    created.map(({ name }) => name),
    removed.map(({ name }) => name),
  );
  for (const [now, before] of renamed) {
    plan.add('rename', `ALTER SCHEMA ${quoteIdentifier(now)} RENAME TO ${quoteIdentifier(before)}`);
  }
  for (const { name } of created) {
    if (!renamed.has(name)) plan.add('drop schemas', `DROP SCHEMA ${quoteIdentifier(name)}`);
  }
  const oldNames = new Set(renamed.values());
  for (const before of removed) {
    const object = { keyword: 'SCHEMA', name: quoteIdentifier(before.name) };
    if (oldNames.has(before.name)) continue;
    plan.add('schemas', `CREATE SCHEMA ${object.name}`);
    rightsBack(
      plan,
      object,
      { owner: null, comment: null, privileges: grantedByDefault(plan, '', 'schemas', []) },
      before,
    );
  }
  for (const before of to.values()) {
    const now = from.get(before.name);
    if (now === undefined || now === before) continue;
    rightsBack(plan, { keyword: 'SCHEMA', name: quoteIdentifier(before.name) }, now, before);
  }
  inverseExtensions(plan);
  inverseDefaultPrivileges(plan);
  return renamed;
}

/** One name gone, one come, and something that is known by id moved along: a rename. */
function renamedSchemas(
  plan: Plan,
  created: readonly string[],
  removed: readonly string[],
): ReadonlyMap<string, string> {
  const [now] = created;
  const [before] = removed;
  if (created.length !== 1 || removed.length !== 1 || now === undefined || before === undefined) return new Map();
  const { from, to } = plan.context;
  const inside = [
    ...[...from.catalog.relations.values()]
      .filter(({ schema }) => schema === now)
      .map(({ id }) => to.catalog.relations.get(id)),
    ...[...from.catalog.functions.values()]
      .filter(({ schema }) => schema === now)
      .map(({ id }) => to.catalog.functions.get(id)),
    ...[...from.catalog.types.values()]
      .filter(({ schema }) => schema === now)
      .map(({ id }) => to.catalog.types.get(id)),
  ];
  // An empty schema can be renamed or made anew, which is the same.
  return inside.every((object) => object?.schema === before) ? new Map([[now, before]]) : new Map();
}

function inverseExtensions(plan: Plan): void {
  const from = plan.context.from.catalog.extensions;
  const to = plan.context.to.catalog.extensions;
  for (const now of from.values()) {
    if (!to.has(now.name)) plan.add('drop schemas', `DROP EXTENSION ${quoteIdentifier(now.name)}`);
  }
  for (const before of to.values()) {
    const now = from.get(before.name);
    if (now === undefined) plan.add('schemas', createExtension(before));
    else if (now !== before) changeExtension(plan, now, before);
  }
}

function createExtension({ name, schema, version }: Extension): string {
  const where = schema === null ? '' : ` SCHEMA ${quoteIdentifier(schema)}`;
  return `CREATE EXTENSION ${quoteIdentifier(name)}${where}${version === null ? '' : ` VERSION ${quoteLiteral(version)}`}`;
}

function changeExtension(plan: Plan, now: Extension, before: Extension): void {
  const name = quoteIdentifier(before.name);
  if (now.schema !== before.schema && before.schema !== null) {
    plan.add('settings', `ALTER EXTENSION ${name} SET SCHEMA ${quoteIdentifier(before.schema)}`);
  }
  if (now.version !== before.version) {
    throw new NotKnown(
      `how the extension ${before.name} gets from version ${now.version ?? 'the newest'} back to ${before.version ?? 'the one it had'}`,
    );
  }
}
