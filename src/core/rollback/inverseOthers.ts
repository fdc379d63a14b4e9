import type { OtherObject, Relation } from '../catalog/catalog.ts';
import { hasColumns, isTable } from '../catalog/lookup.ts';
import { quoteIdentifier } from '../sql/quote.ts';
import { NotKnown, columnList, columnOf, nameIn, relationName } from './naming.ts';
import type { Naming } from './naming.ts';
import type { Plan } from './plan.ts';
import { commentOn, ownerTo } from './privileges.ts';
import { roleName } from './routines.ts';

/**
 * Everything that is known by name only: its definition is the statement that made it, and those that altered it since.
 *
 * @param renamed schemas: the name after, and the name before
 */
export function inverseOthers(plan: Plan, renamed: ReadonlyMap<string, string>): void {
  const from = plan.context.from.catalog.others;
  const to = plan.context.to.catalog.others;
  if (from === to) return;
  const concerns = (one: OtherObject): boolean => one.extension === null && !plan.context.isTransientOther(one);
  const made = [...from].filter(([key, now]) => !to.has(key) && concerns(now));
  const gone = [...to].filter(([key, before]) => !from.has(key) && concerns(before));
  const moved = new Map<OtherObject, OtherObject>();
  for (const [, now] of made) {
    const before = gone.find(([, other]) => !moved.has(other) && isMoved(now, other))?.[1];
    if (before === undefined) {
      if (!goesWithTable(plan, now)) plan.add('drop triggers', dropOther(plan, now));
    } else {
      moved.set(before, now);
      moveBack(plan, now, before, renamed);
    }
  }
  for (const [, before] of gone) {
    const now = moved.get(before);
    if (now !== undefined) changeOther(plan, now, before);
    // What comes with its operator class has no definition of its own.
    else if (!goesWithTable(plan, before) && !(before.kind === 'operator family' && before.definition === null))
      restoreOther(plan, before);
  }
  for (const [key, before] of to) {
    const now = from.get(key);
    if (now !== undefined && now !== before && before.extension === null) changeOther(plan, now, before);
  }
}

/** The same object under another name or in another schema: what made it is the same. */
function isMoved(now: OtherObject, before: OtherObject): boolean {
  return now.kind === before.kind && now.definition !== null && now.definition === before.definition;
}

function moveBack(plan: Plan, now: OtherObject, before: OtherObject, renamed: ReadonlyMap<string, string>): void {
  // They are called after the server, which is renamed itself.
  if (now.kind === 'user mapping' || now.kind === 'transform' || now.kind === 'cast') return;
  const keyword = now.kind.toUpperCase();
  const schema = renamed.get(now.schema ?? '') ?? now.schema;
  if (schema !== before.schema && before.schema !== null)
    plan.add('rename', `ALTER ${keyword} ${otherName(plan, now, 'from')} SET SCHEMA ${quoteIdentifier(before.schema)}`);
  if (now.name === before.name) return;
  const place = { ...now, schema: before.schema };
  plan.add(
    'rename',
    `ALTER ${keyword} ${otherName(plan, place, 'from')} RENAME TO ${quoteIdentifier(bareName(before))}`,
  );
}

function restoreOther(plan: Plan, before: OtherObject): void {
  plan.add(TABLES_NEED.test(before.kind) ? 'schemas' : 'views', definitionOf(plan, before));
  if (before.owner !== null && !OWNERLESS.has(before.kind))
    plan.add('rights', ownerTo(objectNamed(plan, before), before.owner));
  if (before.comment !== null) otherComment(plan, before);
}

/** What tables and their indexes may be made with. */
const TABLES_NEED = /^(?:foreign data wrapper|server|collation|text search .*|access method)$/;

const OWNERLESS: ReadonlySet<string> = new Set(['cast', 'transform', 'user mapping', 'access method']);

function changeOther(plan: Plan, now: OtherObject, before: OtherObject): void {
  // It goes as a whole.
  if (plan.context.isBornOther(before)) return;
  if (now.definition !== before.definition) definitionBack(plan, now, before);
  else if (now.relations.join() !== before.relations.join()) relationsBack(plan, now, before);
  if (now.owner !== before.owner && !OWNERLESS.has(before.kind))
    plan.add('rights', ownerTo(objectNamed(plan, before), before.owner ?? 'current_user'));
  if (now.comment !== before.comment) otherComment(plan, before);
}

/** Nothing hangs on these, so they can be made anew. */
const STAND_ALONE: ReadonlySet<string> = new Set(['event trigger', 'publication', 'user mapping']);

/** ALTER of what the catalog holds as text alone. */
function definitionBack(plan: Plan, now: OtherObject, before: OtherObject): void {
  if (before.kind === 'statistics') {
    if (before.definition === null || now.definition === null)
      throw new NotKnown(`the target of the statistics ${before.name}`);
    plan.add(
      'settings',
      `ALTER STATISTICS ${otherName(plan, before, 'to')} SET STATISTICS ${statisticsTarget(before)}`,
    );
    return;
  }
  if (!STAND_ALONE.has(before.kind) || before.definition === null)
    throw new NotKnown(`what the ${before.kind} ${before.name} was before it was altered`);
  plan.add('drop triggers', dropOther(plan, now));
  plan.add('views', definitionOf(plan, before));
  if (now.owner === before.owner && before.owner !== null)
    plan.add('rights', ownerTo(objectNamed(plan, before), before.owner));
  if (now.comment === before.comment && before.comment !== null) otherComment(plan, before);
}

/** The last target that ALTER STATISTICS gave. */
function statisticsTarget({ definition }: OtherObject): string {
  const last = /.*\bSET\s+STATISTICS\s+(-?\d+|DEFAULT)/is.exec(definition ?? '')?.[1] ?? '-1';
  return last.toUpperCase() === 'DEFAULT' ? '-1' : last;
}

/** Its inheritance children are published, or not, by themselves. */
function publishedName(naming: Naming, id: number): string | null {
  const table = naming.catalog.relations.get(id);
  const name = relationName(naming, id);
  const alone = table !== undefined && isTable(table) && table.kind === 'table' && table.children.length > 0;
  return name === null ? null : `${alone ? 'ONLY ' : ''}${name}`;
}

/** ALTER PUBLICATION … ADD and DROP TABLE. A table that goes leaves its publications by itself. */
function relationsBack(plan: Plan, now: OtherObject, before: OtherObject): void {
  if (before.kind !== 'publication') return;
  const { from, to } = plan.context;
  const name = quoteIdentifier(before.name);
  for (const id of now.relations) {
    const table = publishedName(from, id);
    if (!before.relations.includes(id) && table !== null && to.catalog.relations.has(id) && !plan.context.isBorn(id))
      plan.add('drop triggers', `ALTER PUBLICATION ${quoteIdentifier(now.name)} DROP TABLE ${table}`);
  }
  for (const id of before.relations) {
    const table = publishedName(to, id);
    if (now.relations.includes(id) || table === null || plan.context.isBorn(id)) continue;
    if (!isPlainPublication(before)) throw new NotKnown(`which columns and rows of ${table} ${before.name} published`);
    plan.add('views', `ALTER PUBLICATION ${name} ADD TABLE ${table}`);
  }
}

/** Whole tables, without lists of columns, conditions or schemas. */
function isPlainPublication({ definition }: OtherObject): boolean {
  const [create = ''] = parts(definition ?? '');
  return !/\(|\bWHERE\b|\bIN\s+SCHEMA\b|\bALL\s+(?:TABLES|SEQUENCES)\b/i.test(
    create.replace(/\sWITH\s*\([^)]*\)\s*$/i, ''),
  );
}

/** The statement that made it, and behind it those that altered it. */
function parts(definition: string): readonly string[] {
  return definition.replace(/;\s*$/, '').split(/;\n(?=ALTER\s)/i);
}

/** What makes it again. Statistics outlive a change of name or schema of their table: it is written as it is called then. */
function definitionOf(plan: Plan, object: OtherObject): string {
  if (object.definition === null) throw new NotKnown(`the definition of the ${object.kind} ${object.name}`);
  const [text = '', ...altered] = parts(object.definition);
  const [table] = object.relations.flatMap((id) => plan.context.to.catalog.relations.get(id) ?? []);
  const present = [text, ...altered].map((part) => withPresentName(plan, object, part));
  const [create = '', ...since] = present;
  if (object.kind === 'statistics' && table !== undefined)
    return [statisticsOf(plan, object, create, table), ...since].join(';\n');
  return [object.kind === 'publication' ? publicationOf(plan, object, create) : create, ...since].join(';\n');
}

/** CREATE and ALTER with the name that the object has now, whatever it was called when they were written. */
function withPresentName(plan: Plan, object: OtherObject, text: string): string {
  if (UNNAMED.test(object.kind)) return text;
  const words = object.kind.replaceAll(' ', '\\s+');
  const head = new RegExp(
    `^((?:CREATE|ALTER)\\s+(?:OR\\s+REPLACE\\s+|DEFAULT\\s+)?${words}\\s+(?:IF\\s+(?:NOT\\s+)?EXISTS\\s+)?)((?:"(?:[^"]|"")*"|[^\\s"(;])+)?\\s*`,
    'i',
  );
  if (!head.test(text)) throw new NotKnown(`how the ${object.kind} ${object.name} was made, as it is called now,`);
  const name = otherName(plan, object, 'to');
  // Statistics need no name: PostgreSQL finds one.
  return text.replace(
    head,
    (_, before: string, written = '') => `${before}${name} ${/^on$/i.test(written as string) ? 'ON ' : ''}`,
  );
}

/** Their names hold types, an access method, a role. */
const UNNAMED = /^(?:operator|cast$|transform$|user mapping$|language$|access method$)/;

/** Table and columns as they are called now. */
function statisticsOf(plan: Plan, object: OtherObject, text: string, table: Relation): string {
  const { to } = plan.context;
  const [, head, list = ''] = /^([^]*?\sON\s+)([^]*?)\sFROM\s+(?:"(?:[^"]|"")*"|[^\s"])+\s*$/i.exec(text) ?? [];
  if (head === undefined || !hasColumns(table)) throw new NotKnown(`how the statistics ${object.name} were written`);
  const numbers = object.columns.flatMap((place) => {
    const [relation, column] = place.split('.');
    return Number(relation) === table.id ? [Number(column)] : [];
  });
  const written = list.split(',').map((each) => each.trim());
  const plain = written.every((each) => /^(?:"(?:[^"]|"")*"|[\w$]+)$/.test(each)) && written.length === numbers.length;
  const names = table.columns.map(({ name }) => name);
  const known = numbers.every((number) => list.includes(columnOf(table, number).name));
  if (!plain && !known && names.length > 0) throw new NotKnown(`how the statistics ${object.name} were written`);
  const columns = plain ? columnList(table, numbers) : list;
  return `${head}${columns} FROM ${nameIn(to, table)}`;
}

/** A publication of plain tables, by the names that they have then. */
function publicationOf(plan: Plan, publication: OtherObject, text: string): string {
  const { relations } = publication;
  const names = relations.flatMap((id) => publishedName(plan.context.to, id) ?? []);
  // Columns, conditions and schemas stand as they were written.
  if (!isPlainPublication(publication) || names.length !== relations.length) return text;
  const [, head = text, , rest = ''] = /^(.*?)(\sFOR\s+TABLE\s.*?)?(\sWITH\s*\(.*)?$/is.exec(text) ?? [];
  return `${head.trimEnd()}${names.length === 0 ? '' : ` FOR TABLE ${names.join(', ')}`}${rest}`;
}

/** Extended statistics go with their table, which the migration made and which is dropped as a whole. */
function goesWithTable(plan: Plan, { kind, relations }: OtherObject): boolean {
  return kind === 'statistics' && relations.some((id) => plan.context.isBorn(id));
}

function objectNamed(plan: Plan, object: OtherObject): { readonly keyword: string; readonly name: string } {
  return { keyword: object.kind.toUpperCase(), name: otherName(plan, object, 'to') };
}

function otherComment(plan: Plan, object: OtherObject): void {
  plan.add('comments', commentOn(objectNamed(plan, object), object.comment));
}

function dropOther(plan: Plan, object: OtherObject): string {
  return `DROP ${object.kind.toUpperCase()} ${otherName(plan, object, 'from')}`;
}

/** Without the access method of operator classes and families. */
function bareName({ kind, name }: OtherObject): string {
  return kind === 'operator class' || kind === 'operator family' ? name.replace(/ USING \w+$/, '') : name;
}

/** As DROP and COMMENT want it: some kinds carry types, an access method or a role in their name. */
function otherName(plan: Plan, object: OtherObject, side: 'from' | 'to'): string {
  const { kind, schema, name } = object;
  const qualified = (part: string) =>
    schema === null ? quoteIdentifier(part) : nameIn(plan.context[side], { schema, name: part });
  switch (kind) {
    case 'operator': {
      const [, symbol = name, types = ''] = /^([^(]+)\((.*)\)$/.exec(name) ?? [];
      const prefix = schema === null || schema === plan.context[side].bareSchema ? '' : `${quoteIdentifier(schema)}.`;
      return `${prefix}${symbol} (${types})`;
    }
    case 'operator class':
    case 'operator family':
      return `${qualified(bareName(object))} USING ${/ USING (\w+)$/.exec(name)?.[1] ?? ''}`;
    case 'cast':
      return `(${name})`;
    case 'transform':
    case 'user mapping': {
      const at = name.lastIndexOf(' ');
      const [of, inside] = [name.slice(0, at), quoteIdentifier(name.slice(at + 1))];
      return kind === 'transform' ? `FOR ${of} LANGUAGE ${inside}` : `FOR ${roleName(of)} SERVER ${inside}`;
    }
    default:
      return qualified(name);
  }
}
