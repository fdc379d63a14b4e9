import type { AlterTableCmd } from '@pgsql/types';
import type { Constraint, TableRelation } from '../../catalog/catalog.ts';
import { columnNames, constraintNamed, tableById } from '../../catalog/lookup.ts';
import type { Work } from '../effect.ts';
import { evaluateStored } from '../evaluated.ts';
import { documented, measured } from '../fact.ts';
import type { Fact } from '../fact.ts';
import { withPartitions } from '../foreignKeys.ts';
import type { EffectRecorder } from '../recorder.ts';
import { touchRemoved } from '../removal.ts';
import { holdsRows, scan } from './alteredTable.ts';
import type { AlteredTable } from './alteredTable.ts';
import { needsNullScan, REFERENCED } from './constraints.ts';
import { nameText } from '../../sql/quote.ts';

const PAGE = 'sql-altertable.html';

const FACTS = {
  validate: {
    operation: 'validate constraint',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'The whole table is read, but reads and writes go on.',
    source: documented(PAGE),
  },
  validateReferenced: {
    operation: 'validate constraint',
    lock: 'ROW SHARE',
    why: 'The referenced table is looked up for each row; reads and writes go on.',
    source: documented(PAGE),
  },
  validatePartition: {
    operation: 'validate constraint',
    lock: 'ACCESS SHARE',
    why: 'The partitions of the referenced table are read; reads and writes go on.',
    source: measured(),
  },
  drop: {
    operation: 'drop constraint',
    lock: 'ACCESS EXCLUSIVE',
    why: 'Dropping a constraint stops reads and writes for a moment.',
    source: documented(PAGE),
  },
  dropReferenced: {
    operation: 'drop constraint',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The triggers that guard the foreign key are taken off the referenced table: reads and writes of it wait.',
    source: measured(),
  },
  alter: {
    operation: 'alter constraint',
    lock: 'ACCESS EXCLUSIVE',
    why: 'Changing a constraint stops reads and writes for a moment.',
    source: documented(PAGE),
  },
} as const satisfies Record<string, Fact>;

const SCAN: readonly Work[] = ['scan'];

/** ALTER TABLE … VALIDATE CONSTRAINT. */
export function validateConstraint(altered: AlteredTable, command: AlterTableCmd): void {
  const { recorder, table } = altered;
  const name = command.name ?? '';
  const detail = { what: `VALIDATE CONSTRAINT ${nameText(name)}`, object: name };
  const constraint = constraintNamed(table, name) ?? addedHere(altered, name);
  if (constraint === undefined || constraint.validated) {
    const why = constraint === undefined ? undefined : 'The constraint is valid already: only the lock is taken.';
    altered.on(altered.self, FACTS.validate, { ...detail, ...(why === undefined ? { work: ['unknown'] } : { why }) });
    return;
  }
  if (constraint.kind !== 'foreign key') {
    altered.on(constraint.noInherit ? altered.self : altered.family, FACTS.validate, detail, (each) =>
      constraintNamed(each, name)?.validated === true ? [] : SCAN,
    );
    if (constraint.kind === 'check') evaluateStored(recorder, altered.family, constraint.expression.uses);
    return;
  }
  altered.on(altered.partitions, FACTS.validate, detail, scan);
  touchReferenced(recorder, constraint, FACTS.validateReferenced, detail.what, true, FACTS.validatePartition);
}

/** One that the same statement adds as NOT VALID. */
function addedHere({ recorder, table, commands }: AlteredTable, name: string): Constraint | undefined {
  const adds = commands.some(
    ({ def }) =>
      def !== undefined &&
      'Constraint' in def &&
      def.Constraint.conname === name &&
      def.Constraint.skip_validation === true,
  );
  const now = adds ? tableById(recorder.after, table.id) : undefined;
  const constraint = now === undefined ? undefined : constraintNamed(now, name);
  return constraint === undefined ? undefined : { ...constraint, validated: false };
}

function touchReferenced(
  recorder: EffectRecorder,
  constraint: Constraint,
  fact: Fact,
  what: string,
  scanned: boolean,
  partitionFact = fact,
): void {
  if (constraint.kind !== 'foreign key' || constraint.referenced === null) return;
  const referenced = tableById(recorder.before, constraint.referenced);
  if (referenced === undefined) return;
  for (const each of withPartitions(recorder, referenced)) {
    const work = scanned && holdsRows(each) ? SCAN : [];
    // 14 has no triggers on partitioned tables in between.
    const bare = recorder.major === 14 && each !== referenced && each.kind === 'partitioned table';
    if (bare && fact === FACTS.dropReferenced) continue;
    recorder.touch(each.id, each === referenced ? fact : partitionFact, { what, object: constraint.name, work });
  }
}

/** ALTER TABLE … DROP CONSTRAINT. */
export function dropConstraint(altered: AlteredTable, command: AlterTableCmd): void {
  const { recorder, table } = altered;
  const name = command.name ?? '';
  const detail = { what: `DROP CONSTRAINT ${nameText(name)}`, object: name };
  const constraint = constraintNamed(table, name);
  const plain = table.kind !== 'partitioned table';
  // ATCheckPartitionsNotInUse(): all of them, even with ONLY, and of a constraint that is not there.
  const partitions = plain ? altered.self : altered.everything;
  if (constraint?.kind === 'foreign key') {
    altered.on(partitions, FACTS.drop, detail);
    touchReferenced(recorder, constraint, FACTS.dropReferenced, detail.what, false);
    return;
  }
  const inherits = constraint?.kind === 'check' || constraint?.kind === 'not null';
  const indexed = constraint?.kind === 'primary key' || constraint?.kind === 'unique' || constraint?.kind === 'exclude';
  altered.on(plain && inherits && !constraint.noInherit ? losing(altered, constraint) : partitions, FACTS.drop, detail);
  if (indexed && command.behavior === 'DROP_CASCADE') {
    touchRemoved(
      recorder,
      [table.id],
      { ...FACTS.dropReferenced, why: 'The foreign keys that rest on this constraint go with it.' },
      detail.what,
    );
  }
}

/** Direct children are always locked; theirs only where the constraint goes there too: it is neither their own nor another parent's. */
function losing(altered: AlteredTable, constraint: Constraint): readonly TableRelation[] {
  const lost = new Set([altered.table]);
  const visit = (table: TableRelation, dropped: Constraint): void => {
    for (const id of table.children) {
      const child = tableById(altered.recorder.before, id);
      if (child === undefined || lost.has(child)) continue;
      lost.add(child);
      const own = counterpart(child, table, dropped);
      if (!altered.only && own?.local === false && own.inheritCount === 1) visit(child, own);
    }
  };
  visit(altered.table, constraint);
  return [...lost];
}

/** The child's part of an inherited CHECK or NOT NULL. */
function counterpart(child: TableRelation, parent: TableRelation, constraint: Constraint): Constraint | undefined {
  if (constraint.kind !== 'not null') return constraintNamed(child, constraint.name);
  const [column] = columnNames(parent, [constraint.column]);
  return child.constraints.find((own) => own.kind === 'not null' && columnNames(child, [own.column])[0] === column);
}

/** ALTER TABLE … ALTER CONSTRAINT. */
export function alterConstraint(altered: AlteredTable, command: AlterTableCmd): void {
  const change =
    command.def !== undefined && 'ATAlterConstraint' in command.def ? command.def.ATAlterConstraint : undefined;
  const name = change?.conname ?? '';
  const what = `ALTER CONSTRAINT ${nameText(name)}`;
  const constraint = constraintNamed(altered.table, name);
  const tables = constraint?.kind === 'foreign key' ? altered.partitions : altered.family;
  const enforces =
    change?.alterEnforceability === true && change.is_enforced === true && constraint?.enforced === false;
  // INHERIT gives the children a NOT NULL of their own, for which their rows are read.
  const spreads = change?.alterInheritability === true && change.noinherit !== true && constraint?.noInherit === true;
  const column = constraint?.kind === 'not null' ? columnNames(altered.table, [constraint.column])[0] : undefined;
  altered.on(tables, FACTS.alter, { what, object: name }, (table) =>
    enforces || (spreads && table !== altered.table && needsNullScan(table, column ?? '')) ? SCAN : [],
  );
  if (constraint !== undefined && change?.alterEnforceability === true) {
    const fact = change.is_enforced === true ? REFERENCED : FACTS.dropReferenced;
    touchReferenced(altered.recorder, constraint, fact, what, enforces);
  }
}
