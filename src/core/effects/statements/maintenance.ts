import type { ClusterStmt, LockStmt, RefreshMatViewStmt, TruncateStmt, VacuumStmt } from '@pgsql/types';
import type { Relation, TableRelation } from '../../catalog/catalog.ts';
import { descendants, isTable, isView, ownedSequences } from '../../catalog/lookup.ts';
import { definitionIsOn } from '../../sql/tree.ts';
import { LOCK_MODES } from '../effect.ts';
import type { LockMode, Work } from '../effect.ts';
import { evaluateIndexes } from '../evaluated.ts';
import { documented, measured } from '../fact.ts';
import type { Fact } from '../fact.ts';
import { keysTo, withPartitions } from '../foreignKeys.ts';
import type { EffectRecorder } from '../recorder.ts';
import { queryWalker } from './modify.ts';
import { fireTriggers } from './rowTriggers.ts';
import { nameText } from '../../sql/quote.ts';

const FACTS = {
  truncate: {
    operation: 'truncate',
    lock: 'ACCESS EXCLUSIVE',
    why: 'All rows go at once; nobody can read or write the table until the transaction ends.',
    source: documented('sql-truncate.html'),
  },
  truncateCascade: {
    operation: 'truncate cascade',
    lock: 'ACCESS EXCLUSIVE',
    why: 'CASCADE: this table refers to a truncated one, so all its rows go too.',
    source: documented('sql-truncate.html'),
  },
  restart: {
    operation: 'truncate',
    lock: 'ACCESS EXCLUSIVE',
    why: 'RESTART IDENTITY sets the sequence back.',
    source: documented('sql-truncate.html'),
  },
  lock: {
    operation: 'lock table',
    lock: 'ACCESS EXCLUSIVE',
    why: 'LOCK TABLE takes just this lock, on what lies under it too, until the transaction ends.',
    source: documented('sql-lock.html'),
  },
  vacuum: {
    operation: 'vacuum',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'The table is read and cleaned up while reads and writes go on.',
    source: documented('sql-vacuum.html'),
  },
  vacuumFull: {
    operation: 'vacuum full',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The whole table is written anew, its indexes too, while nobody can read or write it.',
    source: documented('sql-vacuum.html'),
  },
  analyze: {
    operation: 'analyze',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'A sample of the table is read while reads and writes go on.',
    source: documented('sql-analyze.html'),
  },
  analyzeChild: {
    operation: 'analyze',
    lock: 'ACCESS SHARE',
    why: 'ANALYZE of a parent reads a sample of its children too.',
    source: measured(),
  },
  skipped: {
    operation: 'vacuum',
    lock: 'ACCESS SHARE',
    why: 'A view holds no rows: it is only looked at, with a warning.',
    source: measured(),
  },
  cluster: {
    operation: 'cluster',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The whole table is written anew in the index’s order, while nobody can read or write it.',
    source: documented('sql-cluster.html'),
  },
  refresh: {
    operation: 'refresh materialized view',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The query runs again and the whole view is replaced; nobody can read it meanwhile.',
    source: documented('sql-refreshmaterializedview.html'),
  },
  refreshConcurrently: {
    operation: 'refresh materialized view concurrently',
    lock: 'EXCLUSIVE',
    why: 'The query runs again and the differences are written; reads go on.',
    source: documented('sql-refreshmaterializedview.html'),
  },
} as const satisfies Record<string, Fact>;

const NOTHING: readonly Work[] = [];
const SCAN: readonly Work[] = ['scan'];
const REWRITE: readonly Work[] = ['rewrite'];
const REWRITE_AND_INDEXES: readonly Work[] = ['rewrite', 'index build'];
const REFRESHED: readonly Work[] = ['rewrite', 'rows'];
const REFRESHED_WITH_INDEXES: readonly Work[] = ['rewrite', 'index build', 'rows'];

/** TRUNCATE; CASCADE follows foreign keys. Its work does not grow with the table. */
export function truncate(recorder: EffectRecorder, statement: TruncateStmt): void {
  const cascade = statement.behavior === 'DROP_CASCADE';
  const emptied = new Map<number, TableRelation>();
  for (const node of statement.relations ?? []) {
    if (!('RangeVar' in node)) continue;
    const what = `TRUNCATE ${nameText(node.RangeVar.relname)}`;
    const relation = recorder.touchNamed(node.RangeVar, FACTS.truncate, { what });
    if (relation === undefined || !isTable(relation)) continue;
    emptied.set(relation.id, relation);
    for (const child of node.RangeVar.inh === true ? descendants(recorder.before, relation) : []) {
      emptied.set(child.id, child);
      recorder.touch(child.id, FACTS.truncate, { what });
    }
  }
  if (cascade) {
    for (const table of emptied.values()) {
      for (const { table: referencing, constraint } of keysTo(recorder, table)) {
        // Of a table with inheritance children, only its own rows refer to the truncated one.
        const partitions = referencing.kind === 'partitioned table' ? descendants(recorder.before, referencing) : [];
        for (const each of [referencing, ...partitions]) {
          if (emptied.has(each.id)) continue;
          emptied.set(each.id, each);
          recorder.touch(each.id, FACTS.truncateCascade, {
            what: `foreign key ${nameText(constraint.name)}`,
            object: constraint.name,
          });
        }
      }
    }
  }
  const walker = queryWalker(recorder, 'execute');
  for (const table of emptied.values()) fireTriggers(table, 'truncate', walker);
  if (statement.restart_seqs !== true) return;
  for (const id of emptied.keys()) {
    for (const sequence of ownedSequences(recorder.before, id)) {
      recorder.touch(sequence.id, FACTS.restart, { what: 'TRUNCATE … RESTART IDENTITY', object: sequence.name });
    }
  }
}

/** LOCK TABLE; views hand it on to what they are made of. */
export function lockTable(recorder: EffectRecorder, statement: LockStmt): void {
  const lock: LockMode = LOCK_MODES[(statement.mode ?? 8) - 1] ?? 'ACCESS EXCLUSIVE';
  const what = `LOCK TABLE IN ${lock} MODE`;
  // CREATE OR REPLACE can make a view read itself; the server refuses only its use.
  const seen = new Set<number>();
  const touch = (relation: Relation, recurse: boolean): void => {
    if (seen.has(relation.id)) return;
    seen.add(relation.id);
    recorder.touch(relation.id, FACTS.lock, { what, lock });
    if (isTable(relation) && recurse) {
      for (const child of descendants(recorder.before, relation)) recorder.touch(child.id, FACTS.lock, { what, lock });
    }
    if (relation.kind !== 'view') return;
    for (const id of relation.dependencies.relations) {
      const under = recorder.before.relations.get(id);
      // LockViewRecurse() passes over everything else.
      if (under?.kind === 'table' || under?.kind === 'partitioned table' || under?.kind === 'view') touch(under, true);
    }
  };
  for (const node of statement.relations ?? []) {
    if (!('RangeVar' in node)) continue;
    const relation = recorder.resolve(node.RangeVar);
    if (relation === undefined) recorder.touchUnknown(node.RangeVar, FACTS.lock, { what, lock });
    else touch(relation, node.RangeVar.inh === true);
  }
}

function withChildren(recorder: EffectRecorder, table: TableRelation): TableRelation[] {
  return [table, ...descendants(recorder.before, table)];
}

/** VACUUM and ANALYZE. Without tables: every one. */
export function vacuum(recorder: EffectRecorder, statement: VacuumStmt): void {
  const isVacuum = statement.is_vacuumcmd === true;
  const full = isVacuum && definitionIsOn(statement.options, 'full');
  const fact = full ? FACTS.vacuumFull : isVacuum ? FACTS.vacuum : FACTS.analyze;
  const what = full ? 'VACUUM FULL' : isVacuum ? 'VACUUM' : 'ANALYZE';
  if (isVacuum) recorder.transactional = false;
  // ANALYZE in a transaction keeps its locks; VACUUM lets each table go when it is done.
  const touch = (relation: Relation): void => {
    const indexed = 'indexes' in relation && relation.indexes.length > 0;
    // ANALYZE reads a sample, which does not grow with the table beyond its statistics target.
    const work = full ? (indexed ? REWRITE_AND_INDEXES : REWRITE) : isVacuum ? SCAN : NOTHING;
    const own = relation.kind === 'partitioned table' ? NOTHING : work;
    recorder.touch(relation.id, fact, { what, work: own, releasedAtEnd: isVacuum });
  };
  const named = (statement.rels ?? []).flatMap((node) =>
    'VacuumRelation' in node ? [node.VacuumRelation.relation] : [],
  );
  for (const name of named) {
    const relation = recorder.resolve(name);
    if (relation === undefined) {
      recorder.touchNamed(name, fact, {
        what,
        work: full ? REWRITE : isVacuum ? SCAN : NOTHING,
        releasedAtEnd: isVacuum,
      });
    } else if (isTable(relation) && name?.inh === true) {
      for (const each of recorder.major >= 18 ? withChildren(recorder, relation) : withPartitions(recorder, relation)) {
        touch(each);
      }
      // Before 18 ANALYZE reads a sample of the children, for the parent's statistics over all of them.
      if (recorder.major < 18 && !isVacuum && relation.kind !== 'partitioned table') {
        for (const child of descendants(recorder.before, relation)) {
          recorder.touch(child.id, FACTS.analyzeChild, { what });
        }
      }
    } else if (relation.kind === 'view') {
      recorder.touch(relation.id, FACTS.skipped, { what, releasedAtEnd: isVacuum });
    } else {
      touch(relation);
      // ANALYZE ONLY makes the parent's statistics over all of its children.
      if (isTable(relation) && !isVacuum) {
        for (const child of descendants(recorder.before, relation)) {
          if (child.kind !== 'partitioned table') recorder.touch(child.id, FACTS.analyzeChild, { what });
        }
      }
    }
  }
  if (named.length > 0) return;
  for (const relation of recorder.before.relations.values()) {
    const kept = relation.kind === 'table' || relation.kind === 'materialized view';
    if (kept || (relation.kind === 'partitioned table' && !isVacuum)) touch(relation);
  }
}

/** CLUSTER. Without a table: every one that was clustered before. */
export function cluster(recorder: EffectRecorder, statement: ClusterStmt): void {
  const what = `CLUSTER ${nameText(statement.relation?.relname)}`.trim();
  const touch = (relation: Relation, releasedAtEnd: boolean): void => {
    const work = relation.kind === 'partitioned table' ? NOTHING : REWRITE_AND_INDEXES;
    recorder.touch(relation.id, FACTS.cluster, { what, work, releasedAtEnd });
    if (isTable(relation)) evaluateIndexes(recorder, relation);
  };
  if (statement.relation === undefined) {
    recorder.transactional = false;
    for (const relation of recorder.before.relations.values()) {
      if (isTable(relation) && relation.clusteredOn !== null) touch(relation, true);
    }
    return;
  }
  const relation = recorder.resolve(statement.relation);
  if (relation === undefined) {
    recorder.touchNamed(statement.relation, FACTS.cluster, { what, work: REWRITE_AND_INDEXES });
  } else if (isTable(relation)) {
    const partitioned = relation.kind === 'partitioned table';
    if (partitioned) recorder.transactional = false;
    for (const each of withPartitions(recorder, relation)) {
      // Partitioned tables in between have no rows, and no lock is taken on them.
      if (each === relation || each.kind !== 'partitioned table') touch(each, partitioned);
    }
  } else {
    touch(relation, false);
  }
}

/** REFRESH MATERIALIZED VIEW. */
export function refresh(recorder: EffectRecorder, statement: RefreshMatViewStmt): void {
  const concurrent = statement.concurrent === true;
  const fact = concurrent ? FACTS.refreshConcurrently : FACTS.refresh;
  const what = `REFRESH MATERIALIZED VIEW ${concurrent ? 'CONCURRENTLY ' : ''}${nameText(statement.relation?.relname)}`;
  const view = recorder.resolve(statement.relation);
  const empty = statement.skipData === true;
  if (view === undefined || !isView(view)) {
    recorder.touchNamed(statement.relation, fact, { what, work: REWRITE }, 'materialized view');
    return;
  }
  const rewritten = view.indexes.length > 0 ? REFRESHED_WITH_INDEXES : REFRESHED;
  const work: readonly Work[] = concurrent ? ['scan', 'rows'] : empty ? NOTHING : rewritten;
  recorder.touch(view.id, fact, { what, work });
  if (empty) return;
  const walker = queryWalker(recorder, 'execute');
  for (const id of view.dependencies.relations) {
    const under = recorder.before.relations.get(id);
    if (under !== undefined) walker.readRelation(under, { forUpdate: false, only: false, what });
  }
  walker.useAll(view.dependencies.functions, what);
}
