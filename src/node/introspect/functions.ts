import type { FunctionArgument, UserFunction } from '../../core/catalog/catalog.ts';
import type { Draft } from '../../core/catalog/draft.ts';
import { privileges } from './reader.ts';
import type { SnapshotReader } from './reader.ts';
import type { FunctionRow } from './rows.ts';
import type { Snapshot } from './snapshot.ts';

const KINDS = { f: 'function', p: 'procedure', a: 'aggregate', w: 'window' } as const;
const VOLATILITY = { i: 'immutable', s: 'stable', v: 'volatile' } as const;
const PARALLEL = { s: 'safe', r: 'restricted', u: 'unsafe' } as const;
const MODES = { i: 'in', o: 'out', b: 'inout', v: 'variadic', t: 'table' } as const;

export function readFunctions(draft: Draft, reader: SnapshotReader, snapshot: Snapshot): void {
  for (const row of snapshot.functions) draft.addFunction(readFunction(reader, row));
}

function readFunction(reader: SnapshotReader, row: FunctionRow): UserFunction {
  const { relations, functions, types } = reader.uses('pg_proc', row.oid);
  const kind = KINDS[row.kind as keyof typeof KINDS];
  const argumentList = argumentsOf(reader, row);
  return {
    id: reader.id('pg_proc', row.oid),
    kind,
    schema: row.schema,
    name: row.name,
    argumentTypes: row.inputTypes.map((oid) => reader.type(oid)),
    arguments: argumentList,
    returns: kind === 'procedure' ? null : reader.type(row.returns),
    returnsSet: row.returnsSet,
    language: row.language,
    volatility: VOLATILITY[row.volatility as keyof typeof VOLATILITY],
    strict: row.strict,
    leakproof: row.leakproof,
    parallel: PARALLEL[row.parallel as keyof typeof PARALLEL],
    securityDefiner: row.securityDefiner,
    settings: row.settings ?? [],
    body: row.body,
    definition: row.definition,
    uses: [...relations, ...functions, ...types],
    owner: row.owner,
    comment: reader.comment('pg_proc', row.oid),
    privileges: privileges(row.acl),
    extension: reader.extension('pg_proc', row.oid),
  };
}

/** Defaults belong to the last of the arguments that go in. */
function argumentsOf(reader: SnapshotReader, row: FunctionRow): FunctionArgument[] {
  const types = row.allTypes ?? row.inputTypes;
  const modes = types.map((_, at) => MODES[(row.modes?.[at] ?? 'i') as keyof typeof MODES]);
  const goingIn = modes.flatMap((mode, at) => (mode === 'out' || mode === 'table' ? [] : [at]));
  const withDefault = new Set(row.defaults === 0 ? [] : goingIn.slice(-row.defaults));
  return types.map((oid, at) => ({
    name: row.names?.[at] === '' ? null : (row.names?.[at] ?? null),
    mode: modes[at] ?? 'in',
    type: reader.type(oid),
    hasDefault: withDefault.has(at),
  }));
}
