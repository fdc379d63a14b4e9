import type { Extension, OtherObject } from '../catalog/catalog.ts';
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts';
import { inverseDefaultPrivileges } from './defaultPrivileges.ts';
import { grantedByDefault, rightsBack } from './inverseRights.ts';
import { NotKnown, nameIn, relationName } from './naming.ts';
import type { Plan } from './plan.ts';
import { commentOn } from './privileges.ts';

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

/** Everything that is known by name only: its definition is the statement that made it. */
export function inverseOthers(plan: Plan): void {
  const from = plan.context.from.catalog.others;
  const to = plan.context.to.catalog.others;
  if (from === to) return;
  for (const [key, now] of from)
    if (!to.has(key) && now.extension === null && !goesWithTable(plan, now))
      plan.add('drop triggers', dropOther(plan, now));
  for (const [key, before] of to) {
    const now = from.get(key);
    if (now === before || before.extension !== null) continue;
    if (now === undefined) {
      if (goesWithTable(plan, before)) continue;
      // Comes with its operator class.
      if (before.kind === 'operator family' && before.definition === null) continue;
      plan.add('views', definitionOf(plan, before));
      if (before.comment !== null) otherComment(plan, before);
    } else {
      changeOther(plan, now, before);
    }
  }
}

/** The statement that made it. Statistics outlive a change of name or schema of their table: it is written as it is called then. */
function definitionOf(plan: Plan, object: OtherObject): string {
  if (object.definition === null) throw new NotKnown(`the definition of the ${object.kind} ${object.name}`);
  const text = object.definition.replace(/;\s*$/, '');
  const [table] = object.relations.flatMap((id) => plan.context.to.catalog.relations.get(id) ?? []);
  if (object.kind === 'publication' && table !== undefined) return publicationOf(plan, object, text);
  if (object.kind !== 'statistics' || table === undefined) return text;
  return text
    .replace(/\bFROM\s+(?:"(?:[^"]|"")*"|[^\s"])+\s*$/i, () => `FROM ${nameIn(plan.context.to, table)}`)
    .replace(
      /^(CREATE\s+STATISTICS\s+(?:IF\s+NOT\s+EXISTS\s+)?)(?:"(?:[^"]|"")*"|[^\s"(])+/i,
      (_, head: string) => `${head}${otherName(plan, object, 'to')}`,
    );
}

/** A publication of plain tables, by the names that they have then. */
function publicationOf(plan: Plan, { relations }: OtherObject, text: string): string {
  const names = relations.flatMap((id) => relationName(plan.context.to, id) ?? []);
  const [, head, list = '', rest = ''] =
    /^(.*?\bFOR\s+TABLE\s+)((?:ONLY\s+)?[^()]*?)(\s+WITH\s*\(.*)?$/is.exec(text) ?? [];
  // Columns, conditions and schemas stand as they were written.
  if (head === undefined || names.length !== relations.length || list.split(',').length !== names.length) return text;
  return `${head}${names.join(', ')}${rest}`;
}

/** Extended statistics go with their table, which the migration made and which is dropped as a whole. */
function goesWithTable(plan: Plan, { kind, relations }: OtherObject): boolean {
  return kind === 'statistics' && relations.some((id) => plan.context.isBorn(id));
}

function changeOther(plan: Plan, now: OtherObject, before: OtherObject): void {
  if (now.definition !== before.definition || now.relations.join() !== before.relations.join()) {
    plan.add('drop triggers', dropOther(plan, now));
    plan.add('views', definitionOf(plan, before));
    if (before.comment !== null) otherComment(plan, before);
  } else if (now.comment !== before.comment) {
    otherComment(plan, before);
  }
}

function otherComment(plan: Plan, object: OtherObject): void {
  const name = otherName(plan, object, 'to');
  plan.add('comments', commentOn({ keyword: object.kind.toUpperCase(), name }, object.comment));
}

function dropOther(plan: Plan, object: OtherObject): string {
  return `DROP ${object.kind.toUpperCase()} ${otherName(plan, object, 'from')}`;
}

/** As DROP and COMMENT want it: some kinds carry types, an access method or a role in their name. */
function otherName(plan: Plan, { kind, schema, name }: OtherObject, side: 'from' | 'to'): string {
  const qualified = (part: string) =>
    schema === null ? quoteIdentifier(part) : nameIn(plan.context[side], { schema, name: part });
  switch (kind) {
    case 'operator': {
      const [, symbol = name, types = ''] = /^([^(]+)\((.*)\)$/.exec(name) ?? [];
      const prefix = schema === null || schema === plan.context[side].bareSchema ? '' : `${quoteIdentifier(schema)}.`;
      return `${prefix}${symbol} (${types})`;
    }
    case 'operator class':
    case 'operator family': {
      const [, own = name, method = ''] = /^(.*) USING (\w+)$/.exec(name) ?? [];
      return `${qualified(own)} USING ${method}`;
    }
    case 'cast':
      return `(${name})`;
    case 'transform':
    case 'user mapping': {
      const at = name.lastIndexOf(' ');
      return `FOR ${name.slice(0, at)} ${kind === 'transform' ? 'LANGUAGE' : 'SERVER'} ${quoteIdentifier(name.slice(at + 1))}`;
    }
    default:
      return qualified(name);
  }
}
