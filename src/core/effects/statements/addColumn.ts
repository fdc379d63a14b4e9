import type { AlterTableCmd, ColumnDef, Constraint as ConstraintNode } from '@pgsql/types';
import type { TableRelation } from '../../catalog/catalog.ts';
import { tableById } from '../../catalog/lookup.ts';
import { resolveType, serialType } from '../../catalog/typeNames.ts';
import { documented } from '../fact.ts';
import { evaluate } from '../evaluated.ts';
import type { Fact } from '../fact.ts';
import { constrainedDomain } from '../typeChange.ts';
import { volatilityOf } from '../volatility.ts';
import { indexBuild, rewrite, scan } from './alteredTable.ts';
import type { AlteredTable } from './alteredTable.ts';
import { CONSTRAINT_FACTS, referenceOther } from './constraints.ts';
import { nameText } from '../../sql/quote.ts';

const PAGE = 'sql-altertable.html';
const NOTES = 'sql-altertable.html#SQL-ALTERTABLE-NOTES';

const FACTS = {
  add: {
    operation: 'add column',
    lock: 'ACCESS EXCLUSIVE',
    why: 'Adding a column stops reads and writes, but only for a moment: existing rows are not touched.',
    source: documented(PAGE),
  },
  volatileDefault: {
    operation: 'add column volatile default',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The default is volatile: each row needs its own value, so the whole table is rewritten, its indexes too, while nobody can read or write it.',
    source: documented(NOTES),
  },
  serial: {
    operation: 'add column serial',
    lock: 'ACCESS EXCLUSIVE',
    why: 'serial numbers the existing rows: the whole table is rewritten, its indexes too, while nobody can read or write it.',
    source: documented(NOTES),
  },
  identity: {
    operation: 'add column identity',
    lock: 'ACCESS EXCLUSIVE',
    why: 'An identity column numbers the existing rows: the whole table is rewritten, its indexes too, while nobody can read or write it.',
    source: documented(NOTES),
  },
  generatedStored: {
    operation: 'add column generated stored',
    lock: 'ACCESS EXCLUSIVE',
    why: 'A stored generated column is computed for each row: the whole table is rewritten, its indexes too, while nobody can read or write it.',
    source: documented(NOTES),
  },
  generatedVirtual: {
    operation: 'add column generated virtual',
    lock: 'ACCESS EXCLUSIVE',
    why: 'A virtual generated column is computed when it is read: existing rows are not touched.',
    source: documented(NOTES, '18'),
  },
  constrainedDomain: {
    operation: 'add column constrained domain',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The type is a domain with constraints: they are checked for each row, and the whole table is rewritten, even without a default.',
    source: documented(NOTES),
  },
  notNull: {
    operation: 'add column not null',
    lock: 'ACCESS EXCLUSIVE',
    why: 'NOT NULL without a default: the table is read, and the statement fails if it holds a single row.',
    source: documented(PAGE),
  },
} as const satisfies Record<string, Fact>;

/** ALTER TABLE … ADD COLUMN. */
export function addColumn(altered: AlteredTable, command: AlterTableCmd): void {
  const definition = command.def !== undefined && 'ColumnDef' in command.def ? command.def.ColumnDef : undefined;
  if (definition === undefined) return;
  const name = definition.colname ?? '';
  const what = `ADD COLUMN ${nameText(name)}`;
  const exists = altered.hasColumn(altered.table, name);
  if (exists && command.missing_ok === true) {
    altered.on(altered.self, FACTS.add, {
      what,
      object: name,
      why: 'The column is there already: only the lock is taken.',
    });
    return;
  }
  const constraints = constraintsOf(definition);
  const rewriting = whyRewritten(altered, definition, constraints);
  const family = altered.only ? altered.self : reachedBy(altered, name);
  const isNew = (table: TableRelation): boolean => !altered.hasColumn(table, name);
  if (rewriting === null) {
    altered.on(family, FACTS.add, { what, object: name });
  } else if (rewriting === 'unknown') {
    const why = 'The default calls a function that is not known here: if it is volatile, the whole table is rewritten.';
    altered.on(family, FACTS.volatileDefault, { what, object: name, why }, (table) =>
      isNew(table) ? ['unknown'] : [],
    );
  } else {
    altered.on(family, rewriting, { what, object: name }, (table) => (isNew(table) ? rewrite(table) : []));
  }
  evaluateNew(altered, constraints);
  if (rewriting === null) addNotNull(altered, name, constraints);
  for (const constraint of constraints) addConstraint(altered, definition, constraint);
}

/** The table and its children; one that has the column already merges it, and its own children are left alone. */
function reachedBy(altered: AlteredTable, column: string): readonly TableRelation[] {
  if (altered.table.children.length === 0) return altered.self;
  const reached = new Map<number, TableRelation>();
  const visit = (table: TableRelation): void => {
    if (reached.has(table.id)) return;
    reached.set(table.id, table);
    if (table !== altered.table && altered.hasColumn(table, column)) return;
    for (const id of table.children) {
      const child = tableById(altered.recorder.before, id);
      if (child !== undefined) visit(child);
    }
  };
  visit(altered.table);
  return [...reached.values()];
}

/** The fact that makes the table be rewritten, null if none does. */
function whyRewritten(
  altered: AlteredTable,
  definition: ColumnDef,
  constraints: readonly ConstraintNode[],
): Fact | 'unknown' | null {
  const { recorder } = altered;
  if (serialType(definition.typeName) !== null) return FACTS.serial;
  let unknown = false;
  for (const { contype, raw_expr: expression, generated_kind: kind } of constraints) {
    if (contype === 'CONSTR_IDENTITY') return FACTS.identity;
    if (contype === 'CONSTR_GENERATED' && kind !== 'v') return FACTS.generatedStored;
    if (contype !== 'CONSTR_DEFAULT' || expression === undefined) continue;
    const volatility = volatilityOf(expression, recorder.before, recorder.parser);
    if (volatility === 'volatile') return FACTS.volatileDefault;
    if (volatility === 'unknown') unknown = true;
  }
  const type = resolveType(recorder.before, definition.typeName);
  if (constrainedDomain(recorder.before, type)) return FACTS.constrainedDomain;
  const byDomain = domainDefault(altered, definition, constraints);
  return byDomain ?? (unknown ? 'unknown' : null);
}

/** A domain brings its own default, which may be volatile. */
function domainDefault(
  altered: AlteredTable,
  definition: ColumnDef,
  constraints: readonly ConstraintNode[],
): Fact | null {
  if (constraints.some(({ contype }) => contype === 'CONSTR_DEFAULT')) return null;
  const { before, parser } = altered.recorder;
  const { id, arrayDimensions } = resolveType(before, definition.typeName);
  const domain = id === null || arrayDimensions > 0 ? undefined : before.types.get(id);
  if (domain?.kind !== 'domain' || domain.default?.tree === undefined) return null;
  return volatilityOf(domain.default.tree, before, parser) === 'volatile' ? FACTS.volatileDefault : null;
}

/** A default runs for each row, or once if it is not volatile; what is generated, and a CHECK, for each row. */
function evaluateNew(altered: AlteredTable, constraints: readonly ConstraintNode[]): void {
  for (const { contype, raw_expr: expression, generated_kind: kind, is_enforced: enforced } of constraints) {
    const runs =
      contype === 'CONSTR_DEFAULT' ||
      (contype === 'CONSTR_GENERATED' && kind !== 'v') ||
      (contype === 'CONSTR_CHECK' && enforced !== false);
    if (runs) evaluate(altered.recorder, altered.family, expression);
  }
}

/** NOT NULL needs a look at the rows only if nothing fills the column. */
function addNotNull(altered: AlteredTable, name: string, constraints: readonly ConstraintNode[]): void {
  const kinds = constraints.map(({ contype }) => contype);
  const virtual = constraints.some(({ contype }) => contype === 'CONSTR_GENERATED');
  if (!kinds.includes('CONSTR_NOTNULL') && !kinds.includes('CONSTR_PRIMARY')) return;
  const filled = constraints.some(
    ({ contype, raw_expr: expression }) =>
      contype === 'CONSTR_DEFAULT' &&
      expression !== undefined &&
      !('A_Const' in expression && expression.A_Const.isnull === true),
  );
  if (filled) return;
  altered.on(
    altered.family,
    FACTS.notNull,
    {
      what: `ADD COLUMN ${nameText(name)} NOT NULL`,
      object: name,
      ...(virtual
        ? { why: 'The table is read to check that the generated column is never NULL.' }
        : { failsOnRows: `column ${name} is NOT NULL and has no default` }),
    },
    scan,
  );
}

function addConstraint(altered: AlteredTable, definition: ColumnDef, constraint: ConstraintNode): void {
  const column = definition.colname ?? '';
  const named = constraint.conname === undefined ? '' : ` ${nameText(constraint.conname)}`;
  const object = constraint.conname === undefined ? {} : { object: constraint.conname };
  switch (constraint.contype) {
    case 'CONSTR_CHECK': {
      const enforced = constraint.is_enforced !== false;
      const fact = enforced ? CONSTRAINT_FACTS.check : CONSTRAINT_FACTS.checkNotEnforced;
      altered.on(
        altered.family,
        fact,
        { what: `CHECK${named} on ${nameText(column)}`, ...object },
        enforced ? scan : undefined,
      );
      break;
    }
    case 'CONSTR_PRIMARY':
      altered.on(
        altered.partitions,
        CONSTRAINT_FACTS.primaryKey,
        { what: `PRIMARY KEY${named} on ${nameText(column)}`, ...object },
        indexBuild,
      );
      break;
    case 'CONSTR_UNIQUE':
      altered.on(
        altered.partitions,
        CONSTRAINT_FACTS.unique,
        { what: `UNIQUE${named} on ${nameText(column)}`, ...object },
        indexBuild,
      );
      break;
    case 'CONSTR_FOREIGN': {
      // Checked only if the column was given a DEFAULT (transformAlterTableStmt()); even DEFAULT NULL counts.
      const checked =
        (serialType(definition.typeName) !== null ||
          (definition.constraints ?? []).some(
            (node) => 'Constraint' in node && node.Constraint.contype === 'CONSTR_DEFAULT',
          )) &&
        constraint.is_enforced !== false;
      const fact = checked ? CONSTRAINT_FACTS.foreignKey : CONSTRAINT_FACTS.foreignKeyNotValid;
      const why = checked
        ? undefined
        : 'The new column is NULL everywhere, so there is nothing to check: the locks are held for a moment.';
      const detail = {
        what: `foreign key${named} on ${nameText(column)}`,
        ...object,
        ...(why === undefined ? {} : { why }),
      };
      altered.on(altered.partitions, fact, detail, checked ? scan : undefined);
      const looksUp = checked && !altered.partitions.every(({ id }) => altered.recorder.isEmpty(id));
      referenceOther(altered.recorder, constraint, { ...detail, checked: looksUp, fact });
      break;
    }
    default:
  }
}

/** A column's constraints; NOT ENFORCED comes as a node of its own after the one that it belongs to. */
function constraintsOf(definition: ColumnDef): ConstraintNode[] {
  const found: ConstraintNode[] = [];
  for (const node of definition.constraints ?? []) {
    if (!('Constraint' in node)) continue;
    const last = found.at(-1);
    if (node.Constraint.contype === 'CONSTR_ATTR_NOT_ENFORCED' && last !== undefined) {
      found[found.length - 1] = { ...last, is_enforced: false };
    } else {
      found.push(node.Constraint);
    }
  }
  return found;
}
