import type { AlterTableCmd, AlterTableType } from '@pgsql/types';
import type { Relation, TableRelation } from '../../catalog/catalog.ts';
import { descendants, isTable } from '../../catalog/lookup.ts';
import { resolveType } from '../../catalog/typeNames.ts';
import type { Work } from '../effect.ts';
import { documented, measured } from '../fact.ts';
import type { Fact } from '../fact.ts';
import type { EffectRecorder } from '../recorder.ts';
import { typeChange } from '../typeChange.ts';
import { hasStrongParameter } from './alteredTable.ts';

const BRIEF = 'Only the definition changes: it can’t be used for a moment.';

const FACTS = {
  view: { operation: 'alter view', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented('sql-alterview.html') },
  owner: { operation: 'change owner', lock: 'ACCESS EXCLUSIVE', why: BRIEF, source: documented('sql-altertable.html') },
  parameters: {
    operation: 'set storage parameters',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'Only the parameters change: reads go on.',
    source: documented('sql-altermaterializedview.html'),
  },
  sequence: {
    operation: 'alter sequence',
    lock: 'ACCESS EXCLUSIVE',
    why: BRIEF,
    source: documented('sql-altersequence.html'),
  },
  tablespace: {
    operation: 'set tablespace',
    lock: 'ACCESS EXCLUSIVE',
    why: 'All of it is copied to the other tablespace, while nobody can read it.',
    source: documented('sql-altermaterializedview.html'),
  },
  typedTable: {
    operation: 'alter type',
    lock: 'ACCESS EXCLUSIVE',
    why: 'A table of this composite type changes with it.',
    source: measured(),
  },
} as const satisfies Record<string, Fact>;

const WEAK: ReadonlySet<AlterTableType | undefined> = new Set([
  'AT_SetStatistics',
  'AT_SetOptions',
  'AT_ResetOptions',
  'AT_ClusterOn',
  'AT_DropCluster',
]);

/** ALTER VIEW, MATERIALIZED VIEW, SEQUENCE, TYPE (composite), in ALTER TABLE's form. */
export function alterOther(recorder: EffectRecorder, relation: Relation, commands: readonly AlterTableCmd[]): void {
  for (const command of commands) {
    const what = describe(command);
    if (relation.kind === 'composite type') {
      for (const table of typedTables(recorder, relation.id))
        recorder.touch(table.id, FACTS.typedTable, { what, work: rewritesTyped(recorder, relation, command, table) });
    } else if (command.subtype === 'AT_ChangeOwner') {
      recorder.touch(relation.id, FACTS.owner, { what });
    } else if (relation.kind === 'sequence') {
      recorder.touch(relation.id, FACTS.sequence, { what });
    } else if (relation.kind === 'materialized view' && (isParameter(command) || WEAK.has(command.subtype))) {
      recorder.touch(relation.id, FACTS.parameters, { what });
    } else if (isParameter(command) && !hasStrongParameter(command)) {
      recorder.touch(relation.id, FACTS.parameters, { what });
    } else if (command.subtype === 'AT_SetAccessMethod' && relation.kind === 'materialized view') {
      const same = (relation.accessMethod ?? 'heap') === (command.name ?? 'heap');
      const copied: readonly Work[] = relation.indexes.length > 0 ? ['rewrite', 'index build'] : ['rewrite'];
      recorder.touch(relation.id, FACTS.view, { what, work: same ? [] : copied });
    } else if (command.subtype === 'AT_SetTableSpace' && relation.kind === 'materialized view') {
      const same = (relation.tablespace ?? 'pg_default') === command.name;
      recorder.touch(relation.id, FACTS.tablespace, { what, work: same ? [] : ['rewrite'] });
    } else {
      recorder.touch(relation.id, FACTS.view, { what });
    }
  }
}

/** Tables made OF a composite type, and their children. */
export function typedTables(recorder: EffectRecorder, type: number): TableRelation[] {
  const found: TableRelation[] = [];
  for (const relation of recorder.before.relations.values()) {
    if (isTable(relation) && relation.ofType === type) found.push(relation, ...descendants(recorder.before, relation));
  }
  return found;
}

/** ALTER ATTRIBUTE … TYPE … CASCADE changes the tables as ALTER TABLE would. */
function rewritesTyped(
  recorder: EffectRecorder,
  type: Relation,
  command: AlterTableCmd,
  table: TableRelation,
): readonly Work[] {
  if (command.subtype !== 'AT_AlterColumnType' || type.kind !== 'composite type' || table.kind !== 'table') return [];
  const column = type.columns.find(({ name }) => name === command.name);
  const definition = command.def !== undefined && 'ColumnDef' in command.def ? command.def.ColumnDef : undefined;
  if (column === undefined || definition === undefined) return ['unknown'];
  const to = resolveType(recorder.before, definition.typeName);
  const { rewrite } = typeChange([column.type, to], { catalog: recorder.before, timeZone: recorder.timeZone });
  if (rewrite === 'unknown') return ['unknown'];
  if (rewrite === 'no') return [];
  return table.indexes.length > 0 ? ['rewrite', 'index build'] : ['rewrite'];
}

function isParameter(command: AlterTableCmd): boolean {
  return command.subtype === 'AT_SetRelOptions' || command.subtype === 'AT_ResetRelOptions';
}

function describe(command: AlterTableCmd): string {
  const words = (command.subtype ?? 'AT_')
    .slice(3)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase();
  return command.name === undefined ? words : `${words} ${command.name}`;
}
