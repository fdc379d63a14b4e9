import type { Catalog, Relation, ServerMajor, TableRelation } from '../../src/core/catalog/catalog.ts';
import { emptyCatalog } from '../../src/core/catalog/emptyCatalog.ts';
import { isTable, resolveRelation } from '../../src/core/catalog/lookup.ts';
import type { ReplayError } from '../../src/core/catalog/replay.ts';
import { replayNext, startReplay } from '../../src/core/catalog/transactions.ts';
import { parseScript } from '../../src/core/sql/script.ts';
import { parser } from './parser.ts';

/** The catalog after a script, and what the server would have refused of it. */
export function replayed(
  script: string,
  { major = 18, from = emptyCatalog(major) }: { readonly major?: ServerMajor; readonly from?: Catalog } = {},
): { readonly catalog: Catalog; readonly errors: readonly ReplayError[] } {
  let replay = startReplay(from);
  const errors: ReplayError[] = [];
  for (const statement of parseScript(script, { parser, dialect: 'postgresql' }).statements) {
    const outcome = replayNext(replay, statement);
    replay = outcome.replay;
    if (outcome.error !== null) errors.push(outcome.error);
  }
  return { catalog: replay.catalog, errors };
}

/** A table that must be there. */
export function tableIn(catalog: Catalog, name: string): TableRelation {
  const relation = relationIn(catalog, name);
  if (!isTable(relation)) throw new Error(`${name} is a ${relation.kind}`);
  return relation;
}

export function relationIn(catalog: Catalog, name: string): Relation {
  const [last = '', schema] = name.split('.').reverse();
  const relation = resolveRelation(catalog, schema, last);
  if (relation === undefined) throw new Error(`no relation ${name}`);
  return relation;
}
