import type { ColumnDef, InsertStmt, Node } from '@pgsql/types';
import type { StatementAnalysis } from '../analyze.ts';
import type { UserType } from '../catalog/catalog.ts';
import { resolveUserType } from '../catalog/lookup.ts';
import { nameParts, nodeAs, stringValues } from '../sql/tree.ts';
import { containsNode } from './containsNode.ts';

export interface EnumValue {
  readonly type: UserType;
  readonly label: string;
}

type Body = Readonly<Record<string, unknown>>;

/**
 * True where a literal of a statement is certainly read as this value of the enum: cast to it by name, made the default or
 * the value of a column of that type, or compared with one. A literal elsewhere may be any text.
 */
export function usesEnumValue(statement: StatementAnalysis, { type, label }: EnumValue): boolean {
  const { tree } = statement.statement;
  const isLabel = (node: unknown): boolean => nodeAs(node as Node | undefined, 'A_Const')?.sval?.sval === label;
  if (!containsNode(tree, (kind, body) => kind === 'A_Const' && isLabel({ A_Const: body }))) return false;
  const isEnum = columnsOfType(statement, type);
  const namesEnum = (typeName: unknown): boolean => {
    const { schema, name } = nameParts((typeName as { names?: Node[] } | undefined)?.names);
    return resolveUserType(statement.before, schema, name)?.id === type.id;
  };
  const sets = (targets: unknown): boolean =>
    ((targets ?? []) as readonly Node[]).some((node) => {
      const target = nodeAs(node, 'ResTarget');
      return isLabel(target?.val) && isEnum(target?.name);
    });
  const likes = (kind: string, body: Body): boolean => {
    switch (kind) {
      case 'TypeCast':
        return isLabel(body['arg']) && namesEnum(body['typeName']);
      case 'AlterTableCmd':
        return body['subtype'] === 'AT_ColumnDefault' && isLabel(body['def']) && isEnum(body['name']);
      case 'ColumnDef':
        return isLabel(defaultOf(body)) && namesEnum(body['typeName']);
      // What they set; the targets of SELECT and RETURNING have names of their own.
      case 'UpdateStmt':
      case 'MergeWhenClause':
        return sets(body['targetList']);
      case 'InsertStmt':
        return sets((body as InsertStmt).onConflictClause?.targetList);
      case 'A_Expr': {
        const sides = [body['lexpr'], body['rexpr']].flatMap((side) => nodeAs(side as Node, 'List')?.items ?? [side]);
        return sides.some(isLabel) && sides.some((side) => isEnum(columnName(side)));
      }
      default:
        return false;
    }
  };
  return containsNode(tree, likes) || inserts(statement, isEnum, isLabel);
}

/** Whether all columns of that name, of the tables that the statement touches, are of the type. */
function columnsOfType({ before, effects }: StatementAnalysis, { id }: UserType): (name: unknown) => boolean {
  const touched = effects.effects.flatMap(({ relation }) => {
    const table = relation.id === null ? undefined : before.relations.get(relation.id);
    return table && 'columns' in table ? table.columns : [];
  });
  return (name) => {
    const named = touched.filter((column) => column.name === name);
    return named.length > 0 && named.every(({ type }) => type.id === id);
  };
}

/** Values of an INSERT by the columns that it names. */
function inserts(
  { statement: { tree } }: StatementAnalysis,
  isEnum: (name: unknown) => boolean,
  isLabel: (node: unknown) => boolean,
): boolean {
  return containsNode(tree, (kind, body) => {
    if (kind !== 'InsertStmt') return false;
    const { cols = [], selectStmt } = body as InsertStmt;
    const rows = nodeAs(selectStmt, 'SelectStmt')?.valuesLists ?? [];
    return cols.some(
      (column, place) =>
        isEnum(nodeAs(column, 'ResTarget')?.name) && rows.some((row) => isLabel(nodeAs(row, 'List')?.items?.[place])),
    );
  });
}

function defaultOf(body: Body): unknown {
  const { constraints = [] } = body as ColumnDef;
  return constraints.map((node) => nodeAs(node, 'Constraint')).find((each) => each?.contype === 'CONSTR_DEFAULT')
    ?.raw_expr;
}

function columnName(node: unknown): string | undefined {
  return stringValues(nodeAs(node as Node | undefined, 'ColumnRef')?.fields).at(-1);
}
