import type { Dependencies, Policy, RewriteRule, Trigger } from '../../core/catalog/catalog.ts';
import type { Draft } from '../../core/catalog/draft.ts';
import { isTable, isView } from '../../core/catalog/lookup.ts';
import { numbers } from './reader.ts';
import type { SnapshotReader } from './reader.ts';
import type { Snapshot } from './snapshot.ts';

const ENABLED = { O: 'origin', D: 'disabled', R: 'replica', A: 'always' } as const;
const COMMANDS: Readonly<Record<string, Policy['command']>> = {
  '*': 'all',
  r: 'select',
  a: 'insert',
  w: 'update',
  d: 'delete',
};

/** Bits of pg_trigger.tgtype. catalog/pg_trigger.h */
const ROW = 1;
const BEFORE = 2;
const INSERT = 4;
const DELETE = 8;
const UPDATE = 16;
const TRUNCATE = 32;
const INSTEAD = 64;

export function readTriggers(draft: Draft, reader: SnapshotReader, snapshot: Snapshot): void {
  for (const row of snapshot.triggers) {
    const relation = draft.relations.get(reader.id('pg_class', row.relation));
    if (relation === undefined || (!isTable(relation) && !isView(relation))) continue;
    const events: Trigger['events'][number][] = [];
    if ((row.type & INSERT) !== 0) events.push('insert');
    if ((row.type & UPDATE) !== 0) events.push('update');
    if ((row.type & DELETE) !== 0) events.push('delete');
    if ((row.type & TRUNCATE) !== 0) events.push('truncate');
    const known = draft.functions.get(reader.id('pg_proc', row.function));
    const trigger: Trigger = {
      id: reader.id('pg_trigger', row.oid),
      name: row.name,
      definition: reader.expression(row.definition, 'pg_trigger', row.oid, row.relation),
      function: known?.id ?? null,
      constraint: row.constraint,
      timing: (row.type & INSTEAD) !== 0 ? 'instead of' : (row.type & BEFORE) !== 0 ? 'before' : 'after',
      events,
      forEachRow: (row.type & ROW) !== 0,
      enabled: ENABLED[row.enabled as keyof typeof ENABLED],
      columns: numbers(row.columns),
      parent: row.parent === null ? null : reader.id('pg_trigger', row.parent),
      comment: reader.comment('pg_trigger', row.oid),
    };
    draft.put({ ...relation, triggers: [...relation.triggers, trigger] });
    draft.link(trigger.function, relation.id);
    draft.linkAll(trigger.definition.uses, relation.id);
  }
}

export function readPolicies(draft: Draft, reader: SnapshotReader, snapshot: Snapshot): void {
  for (const row of snapshot.policies) {
    const relation = draft.relations.get(reader.id('pg_class', row.relation));
    if (relation === undefined || !isTable(relation)) continue;
    const dependencies = withoutSelf(reader.uses('pg_policy', row.oid), relation.id);
    const policy: Policy = {
      name: row.name,
      command: COMMANDS[row.command] ?? 'all',
      permissive: row.permissive,
      roles: row.roles ?? ['public'],
      using: row.using === null ? null : { tree: null, text: row.using },
      check: row.check === null ? null : { tree: null, text: row.check },
      dependencies,
      comment: reader.comment('pg_policy', row.oid),
    };
    draft.put({ ...relation, policies: [...relation.policies, policy] });
    linkDependencies(draft, relation.id, dependencies);
  }
}

/** Rules; a view's own, `_RETURN`, says what its query hangs on. */
export function readRules(draft: Draft, reader: SnapshotReader, snapshot: Snapshot): void {
  for (const row of snapshot.rules) {
    const relation = draft.relations.get(reader.id('pg_class', row.relation));
    if (relation === undefined || (!isTable(relation) && !isView(relation))) continue;
    const dependencies = withoutSelf(reader.uses('pg_rewrite', row.oid), relation.id);
    linkDependencies(draft, relation.id, dependencies);
    if (row.name === '_RETURN') {
      if (isView(relation)) draft.put({ ...relation, dependencies });
      continue;
    }
    const rule: RewriteRule = {
      name: row.name,
      definition: { tree: null, text: row.definition },
      dependencies,
      enabled: ENABLED[row.enabled as keyof typeof ENABLED],
      comment: reader.comment('pg_rewrite', row.oid),
    };
    draft.put({ ...relation, rules: [...relation.rules, rule] });
  }
}

/** Its own relation is where it is, not what it hangs on; its columns count. */
function withoutSelf(dependencies: Dependencies, self: number): Dependencies {
  return { ...dependencies, relations: dependencies.relations.filter((id) => id !== self) };
}

function linkDependencies(draft: Draft, id: number, { relations, functions, types }: Dependencies): void {
  draft.linkAll(relations, id);
  draft.linkAll(functions, id);
  draft.linkAll(types, id);
}
