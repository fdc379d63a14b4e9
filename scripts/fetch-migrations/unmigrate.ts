import type { Node } from '@pgsql/types';
import type { Statement } from '../../src/core/sql/statement.ts';
import { qualifiedName, quoteIdentifier } from '../../src/core/sql/quote.ts';
import { nameParts, nodeAs } from '../../src/core/sql/tree.ts';

/**
 * SQL that takes away from a newest schema what its upgrades add, so that the upgrades can run on it: their statements'
 * rough opposites, last first. Each stands alone; those that fail are passed over when the history is replayed.
 */
export function unmigrate(statements: readonly Statement[]): string {
  const lines = statements
    .flatMap(({ tree }) => (tree === null ? [] : opposites(tree)))
    .reverse()
    .filter((line, index, all) => all.indexOf(line) === index);
  return `-- Not of the project: takes away what its upgrades add.\n${lines.map((line) => `${line};\n`).join('')}`;
}

function opposites(tree: Node): string[] {
  const table = nodeAs(tree, 'CreateStmt');
  if (table?.relation) return [`DROP TABLE IF EXISTS ${rangeVar(table.relation)} CASCADE`];
  const sequence = nodeAs(tree, 'CreateSeqStmt');
  if (sequence?.sequence) return [`DROP SEQUENCE IF EXISTS ${rangeVar(sequence.sequence)} CASCADE`];
  const view = nodeAs(tree, 'ViewStmt');
  if (view?.view) return [`DROP VIEW IF EXISTS ${rangeVar(view.view)} CASCADE`];
  const index = nodeAs(tree, 'IndexStmt');
  if (index?.idxname !== undefined)
    return [`DROP INDEX IF EXISTS ${qualifiedName(index.relation?.schemaname, index.idxname)}`];
  const enumeration = nodeAs(tree, 'CreateEnumStmt');
  if (enumeration) return [`DROP TYPE IF EXISTS ${typeName(enumeration.typeName)} CASCADE`];
  const domain = nodeAs(tree, 'CreateDomainStmt');
  if (domain) return [`DROP DOMAIN IF EXISTS ${typeName(domain.domainname)} CASCADE`];
  const dropped = nodeAs(tree, 'DropStmt');
  if (dropped?.removeType === 'OBJECT_TABLE') {
    return (dropped.objects ?? []).map(
      (name) => `CREATE TABLE IF NOT EXISTS ${typeName(nodeAs(name, 'List')?.items)} (id integer)`,
    );
  }
  const altered = nodeAs(tree, 'AlterTableStmt');
  if (altered?.relation && altered.objtype === 'OBJECT_TABLE') {
    const name = rangeVar(altered.relation);
    return (altered.cmds ?? []).flatMap((each) => oppositeOfCommand(name, each));
  }
  return [];
}

function oppositeOfCommand(table: string, node: Node): string[] {
  const command = nodeAs(node, 'AlterTableCmd');
  const column = nodeAs(command?.def, 'ColumnDef')?.colname;
  const constraint = nodeAs(command?.def, 'Constraint')?.conname;
  if (command?.subtype === 'AT_AddColumn' && column !== undefined)
    return [`ALTER TABLE IF EXISTS ${table} DROP COLUMN IF EXISTS ${quoteIdentifier(column)} CASCADE`];
  if (command?.subtype === 'AT_AddConstraint' && constraint !== undefined)
    return [`ALTER TABLE IF EXISTS ${table} DROP CONSTRAINT IF EXISTS ${quoteIdentifier(constraint)} CASCADE`];
  if (command?.subtype === 'AT_DropColumn' && command.name !== undefined)
    return [`ALTER TABLE IF EXISTS ${table} ADD COLUMN IF NOT EXISTS ${quoteIdentifier(command.name)} text`];
  return [];
}

function rangeVar(relation: { schemaname?: string | undefined; relname?: string | undefined }): string {
  return qualifiedName(relation.schemaname, relation.relname ?? '');
}

function typeName(names: readonly Node[] | undefined): string {
  const { schema, name } = nameParts(names);
  return qualifiedName(schema, name);
}
