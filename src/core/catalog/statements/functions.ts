import type {
  AlterFunctionStmt,
  CreateFunctionStmt,
  DefElem,
  FunctionParameter,
  Node,
  ObjectWithArgs,
} from '@pgsql/types';
import type { FunctionArgument, Privilege, TypeReference, UserFunction } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { usesOf } from '../expressions.ts';
import { resolveFunctions, sameType } from '../lookup.ts';
import { definitionBoolean, definitions, nameOf, nameText, strings, valueText } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { analyzeQuery } from '../query.ts';
import { creationSchema, knownType, unknown } from '../targets.ts';
import { builtinType, resolveType } from '../typeNames.ts';

/** Everybody may call a new function. https://www.postgresql.org/docs/current/ddl-priv.html */
export const FUNCTION_PRIVILEGES: readonly Privilege[] = [
  { grantee: 'public', privilege: 'EXECUTE', grantable: false },
];

/** CREATE [OR REPLACE] FUNCTION and PROCEDURE. */
export function createFunction(draft: Draft, node: CreateFunctionStmt, text: string | null): void {
  const { schema: written, name } = nameOf(node.funcname);
  const schema = creationSchema(draft, written);
  const options = definitions(node.options);
  const argumentList = argumentsOf(draft, node.parameters);
  const argumentTypes = identityTypes(argumentList);
  const existing = resolveFunctions(draft, schema, name).find((candidate) =>
    sameTypes(candidate.argumentTypes, argumentTypes),
  );
  const kind = node.is_procedure === true ? 'procedure' : has(options, 'window') ? 'window' : 'function';
  const returns = kind === 'procedure' ? null : returnType(draft, node, argumentList);
  if (existing !== undefined) {
    if (node.replace !== true) throw new Refusal('42723', `function "${name}" already exists with same argument types`);
    requireReplaceable(existing, kind, returns, argumentList);
  }
  const language = valueText(options.find(({ defname }) => defname === 'language')?.arg) ?? 'sql';
  const defined: UserFunction = {
    id: existing?.id ?? draft.newId(),
    kind,
    schema,
    name,
    argumentTypes,
    arguments: argumentList,
    returns,
    returnsSet: node.returnType?.setof === true || argumentList.some(({ mode }) => mode === 'table'),
    language: language.toLowerCase(),
    ...attributesOf(options, null),
    body: bodyOf(options),
    definition: text,
    uses: usesOfFunction(draft, node, argumentList, returns),
    owner: existing?.owner ?? null,
    comment: existing?.comment ?? null,
    privileges: existing?.privileges ?? FUNCTION_PRIVILEGES,
    extension: existing?.extension ?? null,
  };
  if (existing === undefined) draft.addFunction(defined);
  else draft.putFunction(defined);
}

function has(options: readonly DefElem[], name: string): boolean {
  return options.some(({ defname }) => defname === name);
}

export function argumentsOf(draft: Draft, nodes: readonly Node[] | undefined): FunctionArgument[] {
  return (nodes ?? []).flatMap((node): FunctionArgument[] => {
    if (!('FunctionParameter' in node)) return [];
    const parameter = node.FunctionParameter;
    // The server keeps no length or precision of an argument.
    const type = withoutModifiers(knownType(draft, parameter.argType));
    return [
      { name: parameter.name ?? null, mode: modeOf(parameter), type, hasDefault: parameter.defexpr !== undefined },
    ];
  });
}

function modeOf({ mode }: FunctionParameter): FunctionArgument['mode'] {
  switch (mode) {
    case 'FUNC_PARAM_OUT':
      return 'out';
    case 'FUNC_PARAM_INOUT':
      return 'inout';
    case 'FUNC_PARAM_VARIADIC':
      return 'variadic';
    case 'FUNC_PARAM_TABLE':
      return 'table';
    default:
      return 'in';
  }
}

/** proargtypes: what goes in. (OUT arguments of procedures are part of a CALL, yet not of the identity since 14.) */
export function identityTypes(argumentList: readonly FunctionArgument[]): TypeReference[] {
  return argumentList.filter(isInput).map(({ type }) => type);
}

function withoutModifiers(type: TypeReference): TypeReference {
  return type.modifiers.length === 0 ? type : { ...type, modifiers: [] };
}

/**
 * Refuses as ALTER FUNCTION … RENAME and SET SCHEMA do where the name is taken.
 * @throws Refusal 42723
 */
export function requireFreeFunction(
  draft: Draft,
  { schema, name, argumentTypes }: Pick<UserFunction, 'schema' | 'name' | 'argumentTypes'>,
): void {
  if (resolveFunctions(draft, schema, name).some((other) => sameTypes(other.argumentTypes, argumentTypes)))
    throw new Refusal('42723', `function ${name} already exists in schema "${schema}"`);
}

export function sameTypes(a: readonly TypeReference[], b: readonly TypeReference[]): boolean {
  return a.length === b.length && a.every((type, at) => sameType(type, b[at] ?? type));
}

function returnType(draft: Draft, node: CreateFunctionStmt, argumentList: readonly FunctionArgument[]): TypeReference {
  const out = argumentList.filter(({ mode }) => mode === 'out' || mode === 'inout' || mode === 'table');
  const [only] = out;
  if (out.length > 1) return builtinType('record');
  if (only !== undefined) return only.type;
  if (node.returnType === undefined) return builtinType('void');
  return withoutModifiers(knownType(draft, node.returnType));
}

function requireReplaceable(
  existing: UserFunction,
  kind: UserFunction['kind'],
  returns: TypeReference | null,
  argumentList: readonly FunctionArgument[],
): void {
  if (existing.kind !== kind) throw new Refusal('42809', `cannot change routine kind of "${existing.name}"`);
  const same = existing.returns === null || returns === null || sameType(existing.returns, returns);
  if (!same) throw new Refusal('42P13', 'cannot change return type of existing function');
  const [before, now] = [existing.arguments, argumentList].map((list) => list.filter(isInput));
  for (const [at, { name, hasDefault }] of (before ?? []).entries()) {
    const replaced = now?.[at];
    if (name !== null && name !== replaced?.name) {
      throw new Refusal('42P13', `cannot change name of input parameter "${name}"`);
    }
    if (hasDefault && replaced?.hasDefault === false) {
      throw new Refusal('42P13', 'cannot remove parameter defaults from existing function');
    }
  }
}

function isInput({ mode }: FunctionArgument): boolean {
  return mode !== 'out' && mode !== 'table';
}

type Attributes = Pick<
  UserFunction,
  'volatility' | 'strict' | 'leakproof' | 'parallel' | 'securityDefiner' | 'settings'
>;

/** Attributes of CREATE and ALTER FUNCTION; `before` for what is not named. */
function attributesOf(options: readonly DefElem[], before: Attributes | null): Attributes {
  let attributes: Attributes = before ?? {
    volatility: 'volatile',
    strict: false,
    leakproof: false,
    parallel: 'unsafe',
    securityDefiner: false,
    settings: [],
  };
  for (const option of options) {
    const text = valueText(option.arg)?.toLowerCase();
    switch (option.defname) {
      case 'volatility':
        attributes = { ...attributes, volatility: text === 'immutable' || text === 'stable' ? text : 'volatile' };
        break;
      case 'strict':
        attributes = { ...attributes, strict: definitionBoolean(option) };
        break;
      case 'leakproof':
        attributes = { ...attributes, leakproof: definitionBoolean(option) };
        break;
      case 'security':
        attributes = { ...attributes, securityDefiner: definitionBoolean(option) };
        break;
      case 'parallel':
        attributes = { ...attributes, parallel: text === 'safe' || text === 'restricted' ? text : 'unsafe' };
        break;
      case 'set':
        attributes = { ...attributes, settings: changedSettings(attributes.settings, option.arg) };
        break;
      default:
        break;
    }
  }
  return attributes;
}

/** SET and RESET of a function: `search_path=public, pg_temp`. */
function changedSettings(settings: readonly string[], node: Node | undefined): readonly string[] {
  if (node === undefined || !('VariableSetStmt' in node)) return settings;
  const { kind, name = '', args } = node.VariableSetStmt;
  if (kind === 'VAR_RESET_ALL') return [];
  const rest = settings.filter((setting) => !setting.startsWith(`${name}=`));
  if (kind !== 'VAR_SET_VALUE') return rest;
  return [...rest, `${name}=${(args ?? []).map((argument) => valueText(argument) ?? '').join(', ')}`];
}

function bodyOf(options: readonly DefElem[]): string | null {
  const as = options.find(({ defname }) => defname === 'as')?.arg;
  const parts = strings(as);
  return parts.length === 1 ? (parts[0] ?? null) : null;
}

function usesOfFunction(
  draft: Draft,
  node: CreateFunctionStmt,
  argumentList: readonly FunctionArgument[],
  returns: TypeReference | null,
): number[] {
  const uses = new Set<number>();
  for (const { type } of argumentList) if (type.id !== null) uses.add(type.id);
  if (returns?.id != null) uses.add(returns.id);
  for (const item of node.parameters ?? []) {
    if ('FunctionParameter' in item && item.FunctionParameter.defexpr !== undefined) {
      for (const id of usesOf(draft, item.FunctionParameter.defexpr)) uses.add(id);
    }
  }
  if (node.sql_body !== undefined) for (const id of usesOfBody(draft, node.sql_body)) uses.add(id);
  return [...uses];
}

/** BEGIN ATOMIC … END and RETURN are parsed when they are made, so the server follows what they use. */
function usesOfBody(draft: Draft, body: Node): number[] {
  const found = new Set<number>();
  const visit = (node: Node): void => {
    if ('List' in node) {
      for (const item of node.List.items ?? []) visit(item);
      return;
    }
    if ('ReturnStmt' in node) {
      for (const id of usesOf(draft, node.ReturnStmt.returnval)) found.add(id);
      return;
    }
    const { dependencies } = analyzeQuery(draft, node);
    for (const id of [...dependencies.relations, ...dependencies.functions, ...dependencies.types]) found.add(id);
  };
  visit(body);
  return [...found];
}

const UNTOLD: ReadonlySet<string> = new Set(['cost', 'rows', 'support']);

/** ALTER FUNCTION, PROCEDURE and ROUTINE: attributes. */
export function alterFunction(draft: Draft, node: AlterFunctionStmt): void {
  const found = requireFunction(draft, node.func);
  const options = definitions(node.actions);
  // What the catalog does not hold, the statement that made the function does not tell any more either.
  const untold = options.some(({ defname }) => UNTOLD.has(defname ?? ''));
  const definition = untold ? null : found.definition;
  draft.putFunction({ ...found, ...attributesOf(options, found), definition, altered: true });
}

/** Finds a function by its name and argument types, as DROP and ALTER write it. Throws `Unknown`. */
export function requireFunction(draft: Draft, node: ObjectWithArgs | undefined): UserFunction {
  const found = findFunction(draft, node);
  if (found === undefined) throw unknown(nameOf(node?.objname), 'function');
  return found;
}

export function findFunction(draft: Draft, node: ObjectWithArgs | undefined): UserFunction | undefined {
  const name = nameOf(node?.objname);
  const overloads = resolveFunctions(draft, name.schema, name.name);
  if (node?.args_unspecified === true) {
    if (overloads.length > 1) throw new Refusal('42725', `function name "${nameText(name)}" is not unique`);
    return overloads[0];
  }
  const types = (node?.objargs ?? []).map((item) => resolveType(draft, 'TypeName' in item ? item.TypeName : undefined));
  const exact = overloads.find((candidate) => sameTypes(candidate.argumentTypes, types));
  if (exact !== undefined || node?.objfuncargs === undefined) return exact;
  const all = argumentsOf(draft, node.objfuncargs);
  const going = identityTypes(all);
  return overloads.find(
    (candidate) =>
      sameTypes(candidate.argumentTypes, going) ||
      sameTypes(
        candidate.arguments.map(({ type }) => type),
        all.map(({ type }) => type),
      ),
  );
}
