import type { ColumnDef, Constraint as ConstraintNode, DefElem, Node } from '@pgsql/types';
import { BUILTIN_TYPE_STORAGE } from '../builtinTypes.ts';
import type { Column, Expression, SequenceRelation, TableRelation, TypeReference } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { expressionOf } from '../expressions.ts';
import { chooseRelationName } from '../generatedNames.ts';
import { definitions, nameOf, nextvalTree, strings } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { knownType } from '../targets.ts';
import { builtinType, serialType } from '../typeNames.ts';
import { newSequence } from './sequences.ts';

/** What CREATE TABLE and ADD COLUMN read in a column's definition: transformColumnDefinition of parse_utilcmd.c. */
export interface ColumnPlan {
  readonly column: Column;
  /** Of serial and identity columns; added by the caller once the table is there. */
  readonly sequence: SequenceRelation | null;
  /** CHECK, PRIMARY KEY, UNIQUE and REFERENCES of the column, with their attributes read. */
  readonly constraints: readonly ConstraintNode[];
  /** Its NOT NULL, written or implied by serial and identity. */
  readonly notNull: { readonly name: string | null; readonly noInherit: boolean } | null;
}

export interface ColumnPlace {
  readonly schema: string;
  readonly table: string;
  readonly number: number;
  readonly persistence: TableRelation['persistence'];
  /** Names of sequences that the same statement gave out. */
  readonly takenNames: Set<string>;
  /** Of a partition or typed table, where the definition only adds to an existing column. */
  readonly inherited?: Column;
}

export function planColumn(draft: Draft, definition: ColumnDef, place: ColumnPlace): ColumnPlan {
  const name = definition.colname ?? '';
  const serial = serialType(definition.typeName);
  const type = place.inherited?.type ?? (serial === null ? knownType(draft, definition.typeName) : builtinType(serial));
  let notNull: ColumnPlan['notNull'] = definition.is_not_null === true ? { name: null, noInherit: false } : null;
  let defaultExpression: Expression | null = place.inherited?.default ?? null;
  let generated: Column['generated'] = place.inherited?.generated ?? null;
  let identity: Column['identity'] = null;
  let sequence: SequenceRelation | null = null;
  const constraints: ConstraintNode[] = [];

  if (serial !== null) {
    sequence = planSequence(draft, place, name, serial, []);
    defaultExpression = nextvalExpression(sequence);
    notNull = { name: null, noInherit: false };
  }
  for (const constraint of readColumnConstraints(definition.constraints)) {
    switch (constraint.contype) {
      case 'CONSTR_NOTNULL':
        notNull = { name: constraint.conname ?? notNull?.name ?? null, noInherit: constraint.is_no_inherit === true };
        break;
      case 'CONSTR_DEFAULT':
        defaultExpression = defaultOf(draft, constraint.raw_expr, type);
        break;
      case 'CONSTR_GENERATED':
        if (constraint.raw_expr !== undefined) {
          const kind = constraint.generated_kind === 'v' ? 'virtual' : 'stored';
          generated = { kind, expression: expressionOf(draft, constraint.raw_expr) };
        }
        break;
      case 'CONSTR_IDENTITY':
        identity = identityKind(constraint);
        sequence = planSequence(draft, place, name, type.name, definitions(constraint.options));
        notNull ??= { name: null, noInherit: false };
        break;
      case 'CONSTR_PRIMARY':
      case 'CONSTR_UNIQUE':
      case 'CONSTR_EXCLUSION':
        constraints.push({ ...constraint, keys: [{ String: { sval: name } }] });
        break;
      case 'CONSTR_FOREIGN':
        constraints.push({ ...constraint, fk_attrs: [{ String: { sval: name } }] });
        break;
      case 'CONSTR_CHECK':
        constraints.push(constraint);
        break;
      default:
        break;
    }
  }
  return {
    column: {
      number: place.number,
      name,
      type,
      notNull: notNull !== null || place.inherited?.notNull === true,
      default: defaultExpression,
      generated,
      identity,
      collation: collationOf(definition) ?? place.inherited?.collation ?? null,
      storage: storageOf(type, definition.storage_name),
      compression: compressionOf(definition.compression),
      statistics: null,
      comment: null,
      privileges: [],
      options: {},
      local: true,
      inheritCount: place.inherited?.inheritCount ?? 0,
    },
    sequence,
    constraints,
    notNull,
  };
}

/** Joins DEFERRABLE, INITIALLY …, NOT ENFORCED, which the grammar keeps beside a column's constraint, to it. */
function readColumnConstraints(nodes: readonly Node[] | undefined): ConstraintNode[] {
  const read: ConstraintNode[] = [];
  for (const node of nodes ?? []) {
    if (!('Constraint' in node)) continue;
    const constraint = node.Constraint;
    const last = read.at(-1);
    const attribute = attributeOf(constraint);
    if (attribute === null) read.push(constraint);
    else if (last !== undefined) read[read.length - 1] = { ...last, ...attribute };
  }
  return read;
}

function attributeOf(constraint: ConstraintNode): Partial<ConstraintNode> | null {
  switch (constraint.contype) {
    case 'CONSTR_ATTR_DEFERRABLE':
      return { deferrable: true };
    case 'CONSTR_ATTR_NOT_DEFERRABLE':
      return { deferrable: false };
    case 'CONSTR_ATTR_DEFERRED':
      return { deferrable: true, initdeferred: true };
    case 'CONSTR_ATTR_IMMEDIATE':
      return { initdeferred: false };
    case 'CONSTR_ATTR_ENFORCED':
      return { is_enforced: true };
    case 'CONSTR_ATTR_NOT_ENFORCED':
      return { is_enforced: false, initially_valid: false };
    default:
      return null;
  }
}

/** A default as the server stores it: none for a plain NULL, but kept on a column of a domain. */
export function defaultOf(draft: Draft, tree: Node | undefined, type: TypeReference): Expression | null {
  if (tree === undefined) return null;
  const isDomain = type.id !== null && draft.types.get(type.id)?.kind === 'domain';
  // A length coercion (`varchar(20)`) makes NULL an expression.
  if (!isDomain && type.modifiers.length === 0 && isNullConstant(tree)) return null;
  return expressionOf(draft, tree);
}

function isNullConstant(tree: Node): boolean {
  if ('A_Const' in tree) return tree.A_Const.isnull === true;
  if (!('TypeCast' in tree) || tree.TypeCast.arg === undefined) return false;
  return tree.TypeCast.typeName?.typmods === undefined && isNullConstant(tree.TypeCast.arg);
}

export function identityKind(constraint: ConstraintNode): 'always' | 'by default' {
  return constraint.generated_when === 'd' ? 'by default' : 'always';
}

/** A serial or identity column's sequence; `SEQUENCE NAME` (pg_dump writes it) names it, else `table_column_seq`. */
export function planSequence(
  draft: Draft,
  place: Pick<ColumnPlace, 'schema' | 'table' | 'persistence' | 'takenNames'>,
  column: string,
  dataType: string,
  options: readonly DefElem[],
): SequenceRelation {
  const written = options.find(({ defname }) => defname === 'sequence_name')?.arg;
  const named = written === undefined ? null : nameOf(written);
  const name =
    named?.name ??
    chooseRelationName(
      draft,
      place.schema,
      { name1: place.table, name2: column, label: 'seq' },
      { taken: place.takenNames },
    );
  place.takenNames.add(name);
  // Sequences can't be unlogged before 15.
  const persistence = place.persistence === 'unlogged' && draft.major < 15 ? 'permanent' : place.persistence;
  return newSequence(draft, { schema: named?.schema ?? place.schema, name, persistence, options, dataType });
}

export function nextvalExpression(sequence: SequenceRelation): Expression {
  return { tree: nextvalTree(sequence.schema, sequence.name), text: null, uses: [sequence.id] };
}

function collationOf(definition: ColumnDef): string | null {
  const name = strings(definition.collClause?.collname).at(-1);
  return name === undefined || name === 'default' ? null : name;
}

/** SET STORAGE's value, null where it is the type's own. */
export function storageOf(type: TypeReference, written: string | undefined): string | null {
  const wanted = written?.toLowerCase();
  if (wanted === undefined || wanted === 'default') return null;
  const own =
    type.arrayDimensions > 0 ? 'extended' : type.schema === 'pg_catalog' ? BUILTIN_TYPE_STORAGE.get(type.name) : null;
  if (own === 'plain' && wanted !== 'plain') {
    throw new Refusal('0A000', `column data type ${type.name} can only have storage PLAIN`);
  }
  return wanted === own ? null : wanted;
}

export function compressionOf(written: string | undefined): string | null {
  return written === undefined || written === 'default' ? null : written;
}
