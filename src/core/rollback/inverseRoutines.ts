import type { Catalog, CompositeTypeRelation, UserFunction, UserType } from '../catalog/catalog.ts';
import { isView, tableById } from '../catalog/lookup.ts';
import { isExtensionFunction } from '../effects/volatility.ts';
import { expressionText } from '../sql/expressionText.ts';
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts';
import { isUnusedEnum, rebuildEnum } from './enumRebuild.ts';
import { grantedByDefault, relationRights, rightsBack } from './inverseRights.ts';
import { functionKeyword, functionSignature, nameIn, NotKnown, typeName } from './naming.ts';
import type { Plan } from './plan.ts';
import { createFunction, createType } from './routines.ts';

/** Enums, domains and ranges. */
export function inverseTypes(plan: Plan, renamed: ReadonlyMap<string, string>): void {
  const { context } = plan;
  const from = context.from.catalog.types;
  const to = context.to.catalog.types;
  for (const now of [...from.values()].sort((a, b) => b.id - a.id)) {
    if (to.has(now.id) || now.extension !== null || context.isTransient(now.id)) continue;
    const replaced = [...to.values()].some(
      ({ id, schema, name }) => name === now.name && schema === now.schema && !from.has(id),
    );
    plan.add(replaced ? 'drop tables' : 'drop types', `DROP ${typeKeyword(now)} ${nameIn(context.from, now)}`);
  }
  for (const before of [...to.values()].sort((a, b) => a.id - b.id)) {
    const now = from.get(before.id);
    if (now === before || before.extension !== null || context.isTransient(before.id)) continue;
    if (now !== undefined) changeType(plan, now, before, renamed);
    else if (!context.isBorn(before.id)) restoreType(plan, before);
  }
}

function restoreType(plan: Plan, before: UserType): void {
  const { to } = plan.context;
  plan.add('schemas', createType(to, before));
  const everybody = [{ grantee: 'public', privilege: 'USAGE', grantable: false }];
  const fresh = { owner: null, comment: null, privileges: grantedByDefault(plan, before.schema, 'types', everybody) };
  rightsBack(plan, { keyword: typeKeyword(before), name: nameIn(to, before) }, fresh, before);
  if (before.kind !== 'domain') return;
  for (const constraint of before.constraints.filter(({ validated }) => !validated)) {
    const check = `CHECK (${expressionText(constraint.expression)}) NOT VALID`;
    plan.add(
      'schemas',
      `ALTER DOMAIN ${nameIn(to, before)} ADD CONSTRAINT ${quoteIdentifier(constraint.name)} ${check}`,
    );
  }
}

function changeType(plan: Plan, now: UserType, before: UserType, renamed: ReadonlyMap<string, string>): void {
  const { context } = plan;
  const keyword = typeKeyword(before);
  const schema = renamed.get(now.schema) ?? now.schema;
  const moves = schema !== before.schema;
  if (moves)
    plan.add('rename', `ALTER ${keyword} ${nameIn(context.from, now)} SET SCHEMA ${quoteIdentifier(before.schema)}`);
  if (now.name !== before.name) {
    const place = moves ? { schema: before.schema, name: now.name } : now;
    plan.add('rename', `ALTER ${keyword} ${nameIn(context.from, place)} RENAME TO ${quoteIdentifier(before.name)}`);
  }
  if (context.isBorn(before.id)) return;
  // A type that is made anew gets its rights with it.
  if (now.kind === 'enum' && before.kind === 'enum' && labelsBack(plan, now, before) === 'made anew') return;
  if (now.kind === 'domain' && before.kind === 'domain') domainBack(plan, now, before);
  rightsBack(plan, { keyword, name: nameIn(context.to, before) }, now, before);
}

type Enum = UserType & { readonly kind: 'enum' };
type Domain = UserType & { readonly kind: 'domain' };

function labelsBack(plan: Plan, now: Enum, before: Enum): 'made anew' | 'kept' {
  const name = nameIn(plan.context.to, before);
  const added = now.labels.filter((label) => !before.labels.includes(label));
  const gone = before.labels.filter((label) => !now.labels.includes(label));
  if (now.labels.length === before.labels.length) {
    for (const [index, label] of before.labels.entries()) {
      const current = now.labels[index];
      if (current !== undefined && current !== label) {
        plan.add('schemas', `ALTER TYPE ${name} RENAME VALUE ${quoteLiteral(current)} TO ${quoteLiteral(label)}`);
      }
    }
    return 'kept';
  }
  if (added.length === 0 && gone.length === 0) return 'kept';
  const values = added.map(quoteLiteral).join(', ');
  const rebuild = plan.context.rebuildEnums || isUnusedEnum(plan.context.to.catalog, before);
  const obstacle = rebuild ? rebuildEnum(plan, before, added.map(quoteLiteral)) : null;
  if (rebuild && obstacle === null) return 'made anew';
  plan.remains.push(
    `${values} ${added.length === 1 ? 'stays a value' : 'stay values'} of the enum ${before.name}: PostgreSQL can't drop enum values, and rows may hold ${added.length === 1 ? 'it' : 'them'} by now. This is harmless.${obstacle === null ? '' : ` It could not be made anew: ${obstacle}.`}`,
  );
  return 'kept';
}

function domainBack(plan: Plan, now: Domain, before: Domain): void {
  const alter = `ALTER DOMAIN ${nameIn(plan.context.to, before)}`;
  const text = ({ default: value }: Domain) => (value === null ? null : expressionText(value));
  if (text(now) !== text(before)) {
    plan.add(
      'columns',
      before.default === null ? `${alter} DROP DEFAULT` : `${alter} SET DEFAULT ${expressionText(before.default)}`,
    );
  }
  if (now.notNull !== before.notNull) {
    plan.add('columns', `${alter} ${before.notNull ? 'SET' : 'DROP'} NOT NULL`);
    if (before.notNull) plan.notes.sinceFails.push(`a column of the domain ${before.name} holds NULL`);
  }
  const nowNames = new Map(now.constraints.map((constraint) => [constraint.name, constraint]));
  const beforeNames = new Map(before.constraints.map((constraint) => [constraint.name, constraint]));
  const gone = before.constraints.filter(({ name }) => !nowNames.has(name));
  const added = now.constraints.filter(({ name }) => !beforeNames.has(name));
  const [renamedFrom, renamedTo] = [added[0], gone[0]];
  const isRename =
    added.length === 1 &&
    gone.length === 1 &&
    renamedFrom &&
    renamedTo &&
    expressionText(renamedFrom.expression) === expressionText(renamedTo.expression);
  if (isRename) {
    plan.add(
      'columns',
      `${alter} RENAME CONSTRAINT ${quoteIdentifier(renamedFrom.name)} TO ${quoteIdentifier(renamedTo.name)}`,
    );
    return;
  }
  for (const constraint of added) plan.add('columns', `${alter} DROP CONSTRAINT ${quoteIdentifier(constraint.name)}`);
  for (const constraint of gone) {
    const check = `CHECK (${expressionText(constraint.expression)})${constraint.validated ? '' : ' NOT VALID'}`;
    plan.add('columns', `${alter} ADD CONSTRAINT ${quoteIdentifier(constraint.name)} ${check}`);
  }
  for (const constraint of before.constraints) {
    const current = nowNames.get(constraint.name);
    if (current === undefined || current.validated === constraint.validated) continue;
    const name = quoteIdentifier(constraint.name);
    plan.add('columns', `${alter} DROP CONSTRAINT ${name}`);
    plan.add('columns', `${alter} ADD CONSTRAINT ${name} CHECK (${expressionText(constraint.expression)}) NOT VALID`);
  }
}

/** CREATE TYPE … AS (…), back. */
export function dropComposite(plan: Plan, now: CompositeTypeRelation): void {
  plan.add('drop types', `DROP TYPE ${nameIn(plan.context.from, now)}`);
}

export function restoreComposite(plan: Plan, before: CompositeTypeRelation): void {
  const { to } = plan.context;
  const attributes = before.columns.map((column) => attributeText(plan, column));
  plan.add(
    'schemas',
    `CREATE TYPE ${nameIn(to, before)} AS (\n${attributes.map((line) => `  ${line}`).join(',\n')}\n)`,
  );
  relationRights(plan, null, before);
}

function attributeText(plan: Plan, column: CompositeTypeRelation['columns'][number]): string {
  const collation = column.collation === null ? '' : ` COLLATE ${quoteIdentifier(column.collation)}`;
  return `${quoteIdentifier(column.name)} ${typeName(plan.context.to, column.type)}${collation}`;
}

function isOfTables(catalog: Catalog, type: number): boolean {
  return (catalog.dependents.get(type) ?? []).some((id) => tableById(catalog, id)?.ofType === type);
}

/** ALTER TYPE … ATTRIBUTE, back. */
export function changeComposite(plan: Plan, now: CompositeTypeRelation, before: CompositeTypeRelation): void {
  const { context } = plan;
  if (context.isBorn(before.id)) return;
  const alter = `ALTER TYPE ${nameIn(context.to, before)}`;
  const current = new Map(now.columns.map((column) => [column.number, column]));
  const wanted = new Map(before.columns.map((column) => [column.number, column]));
  // Tables OF the type have its attributes for columns.
  const cascade = isOfTables(context.from.catalog, now.id) ? ' CASCADE' : '';
  for (const column of now.columns) {
    if (!wanted.has(column.number))
      plan.add('columns', `${alter} DROP ATTRIBUTE ${quoteIdentifier(column.name)}${cascade}`);
  }
  for (const column of before.columns) {
    const is = current.get(column.number);
    if (is === undefined) {
      plan.add('columns', `${alter} ADD ATTRIBUTE ${attributeText(plan, column)}${cascade}`);
      plan.columnEvents.push({ table: before.id, column: column.number, added: true });
    } else {
      if (is.name !== column.name) {
        const names = `${quoteIdentifier(is.name)} TO ${quoteIdentifier(column.name)}`;
        plan.add('rename parts', `ALTER TYPE ${nameIn(context.from, now)} RENAME ATTRIBUTE ${names}${cascade}`);
      }
      if (typeName(context.from, is.type) !== typeName(context.to, column.type)) {
        plan.add(
          'columns',
          `${alter} ALTER ATTRIBUTE ${quoteIdentifier(column.name)} TYPE ${typeName(context.to, column.type)}${cascade}`,
        );
      }
    }
  }
  relationRights(plan, now, before);
}

/** Functions, procedures and aggregates; restored ones that use no view or table that comes back with them come before these. */
export function inverseFunctions(
  plan: Plan,
  renamed: ReadonlyMap<string, string>,
  part: 'before relations' | 'after relations',
): void {
  const { context } = plan;
  const from = context.from.catalog.functions;
  const to = context.to.catalog.functions;
  if (from === to) return;
  for (const now of part === 'after relations' ? [] : [...from.values()].sort((a, b) => b.id - a.id)) {
    if (to.has(now.id) || now.extension !== null || context.isTransient(now.id)) continue;
    // CREATE OR REPLACE, or an IF that only the server decides, may have met the extension's.
    if (isExtensionFunction(now.name) && context.to.catalog.extensions.size > 1)
      throw new NotKnown(`whether the function ${now.name} is the migration's or an extension's`);
    // One statement (a DO block, a called function) may have made it in the place of another of its name.
    const signature = functionSignature(context.from, now);
    const replaced = [...to.values()].some(
      (other) => other.name === now.name && !from.has(other.id) && functionSignature(context.to, other) === signature,
    );
    plan.add(replaced ? 'drop tables' : 'drop routines', `DROP ${functionKeyword(now)} ${signature}`);
  }
  for (const before of [...to.values()].sort((a, b) => a.id - b.id)) {
    const now = from.get(before.id);
    if (now === before || before.extension !== null || context.isTransient(before.id)) continue;
    const later = before.uses.some(
      (id) => context.to.catalog.relations.has(id) && !context.from.catalog.relations.has(id),
    );
    if (later !== (part === 'after relations')) continue;
    if (now !== undefined) changeFunction(plan, now, before, renamed);
    else if (!context.isBorn(before.id)) restoreFunction(plan, before);
  }
}

function restoreFunction(plan: Plan, before: UserFunction): void {
  const { from, to } = plan.context;
  const usesView = before.uses.some((id) => {
    const used = to.catalog.relations.get(id);
    return used !== undefined && isView(used) && !from.catalog.relations.has(id);
  });
  makeFunction(plan, before, usesView ? 'views' : 'make');
  const everybody = [{ grantee: 'public', privilege: 'EXECUTE', grantable: false }];
  const fresh = {
    owner: null,
    comment: null,
    privileges: grantedByDefault(plan, before.schema, 'functions', everybody),
  };
  rightsBack(
    plan,
    { keyword: functionKeyword(before), name: functionSignature(plan.context.to, before) },
    fresh,
    before,
  );
}

/** CREATE OR REPLACE, and what ALTER FUNCTION has changed since: the statement that made it does not tell that. */
function makeFunction(plan: Plan, before: UserFunction, phase: 'views' | 'make'): void {
  const { to } = plan.context;
  plan.add(phase, createFunction(to, before, plan.context.namesOf), { unchecked: before.language === 'sql' });
  if (before.altered !== true) return;
  const attributes = [
    ...(before.kind === 'procedure'
      ? []
      : [
          before.volatility.toUpperCase(),
          before.strict ? 'STRICT' : 'CALLED ON NULL INPUT',
          before.leakproof ? 'LEAKPROOF' : 'NOT LEAKPROOF',
          `PARALLEL ${before.parallel.toUpperCase()}`,
        ]),
    `SECURITY ${before.securityDefiner ? 'DEFINER' : 'INVOKER'}`,
    'RESET ALL',
    ...before.settings.map(setClause),
  ];
  plan.add('settings', `ALTER ${functionKeyword(before)} ${functionSignature(to, before)} ${attributes.join(' ')}`);
}

function changeFunction(
  plan: Plan,
  now: UserFunction,
  before: UserFunction,
  renamed: ReadonlyMap<string, string>,
): void {
  const { context } = plan;
  const keyword = functionKeyword(before);
  const schema = renamed.get(now.schema) ?? now.schema;
  const moves = schema !== before.schema;
  if (moves)
    plan.add(
      'rename',
      `ALTER ${keyword} ${functionSignature(context.from, now)} SET SCHEMA ${quoteIdentifier(before.schema)}`,
    );
  if (now.name !== before.name) {
    const place = moves ? { ...now, schema: before.schema } : now;
    plan.add(
      'rename',
      `ALTER ${keyword} ${functionSignature(context.from, place)} RENAME TO ${quoteIdentifier(before.name)}`,
    );
  }
  if (context.isBorn(before.id)) return;
  const name = functionSignature(context.to, before);
  if (
    now.definition !== before.definition &&
    (now.body !== before.body || now.body === null) &&
    now.name === before.name &&
    !moves
  ) {
    makeFunction(plan, before, 'make');
  } else {
    if (now.definition === null && before.definition !== null)
      throw new NotKnown(`the cost, rows or support function that ${before.name} had`);
    for (const change of attributeChanges(now, before)) plan.add('settings', `ALTER ${keyword} ${name} ${change}`);
  }
  rightsBack(plan, { keyword, name }, now, before);
}

function attributeChanges(now: UserFunction, before: UserFunction): readonly string[] {
  const changes: string[] = [];
  if (now.volatility !== before.volatility) changes.push(before.volatility.toUpperCase());
  if (now.strict !== before.strict) changes.push(before.strict ? 'STRICT' : 'CALLED ON NULL INPUT');
  if (now.securityDefiner !== before.securityDefiner)
    changes.push(`SECURITY ${before.securityDefiner ? 'DEFINER' : 'INVOKER'}`);
  if (now.leakproof !== before.leakproof) changes.push(before.leakproof ? 'LEAKPROOF' : 'NOT LEAKPROOF');
  if (now.parallel !== before.parallel) changes.push(`PARALLEL ${before.parallel.toUpperCase()}`);
  const settings = (object: UserFunction) => new Map(object.settings.map((one) => splitSetting(one)));
  const is = settings(now);
  const was = settings(before);
  for (const name of is.keys()) if (!was.has(name)) changes.push(`RESET ${name}`);
  for (const [name, value] of was) if (is.get(name) !== value) changes.push(setClause(`${name}=${value}`));
  return changes;
}

/** `SET search_path TO a, b` of `search_path=a, b`. */
function setClause(setting: string): string {
  const [name, value] = splitSetting(setting);
  return `SET ${name} TO ${settingValue(value)}`;
}

function splitSetting(setting: string): readonly [string, string] {
  const at = setting.indexOf('=');
  return [setting.slice(0, at), setting.slice(at + 1)];
}

/** A list such as search_path's stays a list. */
function settingValue(value: string): string {
  const parts = value.split(',').map((part) => part.trim());
  return parts.map((part) => (/^(?:[A-Za-z_]\w*|"[^"]*"|\d+)$/.test(part) ? part : quoteLiteral(part))).join(', ');
}

function typeKeyword(type: UserType): string {
  return type.kind === 'domain' ? 'DOMAIN' : 'TYPE';
}
