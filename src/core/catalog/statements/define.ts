import type { DefineStmt, Node } from '@pgsql/types';
import type { FunctionArgument } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { resolveFunctions } from '../lookup.ts';
import { definitions, nameOf, valueText } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { creationSchema, requireFreeTypeName } from '../targets.ts';
import { resolveType } from '../typeNames.ts';
import { argumentsOf, FUNCTION_PRIVILEGES, identityTypes, sameTypes } from './functions.ts';
import { defineOther } from './otherObjects.ts';
import { newType } from './types.ts';

/** CREATE AGGREGATE, CREATE TYPE (base and shell), and the other statements of the same form. */
export function define(draft: Draft, node: DefineStmt, text: string | null): void {
  if (node.kind === 'OBJECT_AGGREGATE') defineAggregate(draft, node, text);
  else if (node.kind === 'OBJECT_TYPE') defineBaseType(draft, node);
  else defineOther(draft, node, text);
}

function defineAggregate(draft: Draft, node: DefineStmt, text: string | null): void {
  const { schema: written, name } = nameOf(node.defnames);
  const schema = creationSchema(draft, written);
  const options = definitions(node.definition);
  const typeOption = (option: string) => {
    const argument = options.find(({ defname }) => defname?.toLowerCase() === option)?.arg;
    return argument !== undefined && 'TypeName' in argument ? resolveType(draft, argument.TypeName) : null;
  };
  const argumentList = aggregateArguments(draft, node, typeOption('basetype'));
  const argumentTypes = identityTypes(argumentList);
  const existing = resolveFunctions(draft, schema, name).find((one) => sameTypes(one.argumentTypes, argumentTypes));
  if (existing !== undefined && node.replace !== true) throw new Refusal('42723', `function "${name}" already exists`);
  const state = valueText(options.find(({ defname }) => defname?.toLowerCase() === 'sfunc')?.arg) ?? '';
  const final = valueText(options.find(({ defname }) => defname?.toLowerCase() === 'finalfunc')?.arg);
  const called = [state, final ?? ''].flatMap((one) => resolveFunctions(draft, undefined, one.split('.').at(-1) ?? ''));
  const own = called.find(({ name: called }) => called === final)?.returns;
  const aggregate = {
    id: existing?.id ?? draft.newId(),
    kind: 'aggregate',
    schema,
    name,
    argumentTypes,
    arguments: argumentList,
    returns: final === null ? typeOption('stype') : (own ?? null),
    returnsSet: false,
    language: 'internal',
    volatility: 'immutable',
    strict: false,
    leakproof: false,
    parallel: 'unsafe',
    securityDefiner: false,
    settings: [],
    body: null,
    definition: text,
    uses: called.map(({ id }) => id),
    owner: existing?.owner ?? null,
    comment: existing?.comment ?? null,
    privileges: existing?.privileges ?? FUNCTION_PRIVILEGES,
    extension: null,
  } as const;
  if (existing === undefined) draft.addFunction(aggregate);
  else draft.putFunction(aggregate);
}

/** `(int, text)`, `(*)`, or the old style with BASETYPE. The grammar gives a list of [parameters, number of direct ones]. */
function aggregateArguments(
  draft: Draft,
  node: DefineStmt,
  base: ReturnType<typeof resolveType> | null,
): FunctionArgument[] {
  if (node.oldstyle === true) {
    return base === null || base.name === 'any' ? [] : [{ name: null, mode: 'in', type: base, hasDefault: false }];
  }
  const [parameters] = node.args ?? [];
  const nodes: Node[] = parameters !== undefined && 'List' in parameters ? (parameters.List.items ?? []) : [];
  return argumentsOf(draft, nodes);
}

/** CREATE TYPE name (…), and the shell that comes before it. */
function defineBaseType(draft: Draft, node: DefineStmt): void {
  const { schema: written, name } = nameOf(node.defnames);
  const schema = creationSchema(draft, written);
  const shell = [...draft.types.values()].find(
    (type) => type.kind === 'shell' && type.schema === schema && type.name === name,
  );
  if (node.definition === undefined) {
    requireFreeTypeName(draft, schema, name);
    draft.addType({ ...newType(draft, schema, name), kind: 'shell' });
  } else if (shell === undefined) {
    throw new Refusal('42704', `type "${name}" does not exist`);
  } else draft.putType({ ...shell, kind: 'base' });
}
