import type { AlterStatsStmt, CreateStatsStmt } from '@pgsql/types';
import type { OtherObject, TableRelation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { columnsRead } from '../expressions.ts';
import { columnNamesAddition, makeObjectName } from '../generatedNames.ts';
import { columnNamed, hasColumns } from '../lookup.ts';
import { nameOf, nameOfRangeVar } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { creationSchema, requireRelation } from '../targets.ts';
import { otherKey, putOther } from './others.ts';

/** CREATE STATISTICS. Without a name it gets `table_columns_stat` (ChooseExtendedStatisticName). */
export function createStatistics(draft: Draft, node: CreateStatsStmt, text: string | null): void {
  const [source] = node.relations ?? [];
  const relation = requireRelation(
    draft,
    nameOfRangeVar(source !== undefined && 'RangeVar' in source ? source.RangeVar : undefined),
  );
  if (!hasColumns(relation)) throw new Refusal('42809', `"${relation.name}" is not a table`);
  const columns = new Set<number>();
  const names: string[] = [];
  for (const item of node.exprs ?? []) {
    if (!('StatsElem' in item)) continue;
    const { name, expr } = item.StatsElem;
    names.push(name ?? 'expr');
    if (name === undefined) for (const number of columnsRead(relation, expr)) columns.add(number);
    else {
      const column = columnNamed(relation, name);
      if (column === undefined) throw new Refusal('42703', `column "${name}" does not exist`);
      columns.add(column.number);
    }
  }
  const written = nameOf(node.defnames);
  const named = written.name !== '';
  if (!named && draft.major < 16) throw new Refusal('42601', 'CREATE STATISTICS needs a name before 16');
  const schema = named ? creationSchema(draft, written.schema) : relation.schema;
  const name = named ? written.name : statisticsName(draft, relation.schema, relation.name, names);
  if (draft.others.has(otherKey('statistics', schema, name))) {
    if (node.if_not_exists === true) return;
    throw new Refusal('42710', `statistics object "${name}" already exists`);
  }
  putOther(draft, {
    kind: 'statistics',
    schema,
    name,
    owner: null,
    extension: null,
    definition: text,
    relations: [relation.id],
    columns: [...columns].map((number) => `${relation.id}.${number}`),
    uses: [],
    comment: null,
  });
}

function statisticsName(draft: Draft, schema: string, table: string, columns: readonly string[]): string {
  for (let pass = 0; ; pass++) {
    const name = makeObjectName(table, columnNamesAddition(columns), pass === 0 ? 'stat' : `stat${pass}`);
    if (!draft.others.has(otherKey('statistics', schema, name))) return name;
  }
}

/** ALTER STATISTICS … SET STATISTICS: kept as text, behind the statement that made the object. A missing one is refused. */
export function alterStatistics(draft: Draft, node: AlterStatsStmt, text: string | null): void {
  const { schema, name } = nameOf(node.defnames);
  const key = otherKey('statistics', creationSchema(draft, schema), name);
  const found = draft.others.get(key);
  if (found === undefined) {
    if (node.missing_ok === true) return;
    throw new Refusal('42704', `statistics object "${name}" does not exist`);
  }
  const definition = found.definition === null || text === null ? null : `${found.definition};\n${text}`;
  draft.others = draft.others.set(key, { ...found, definition });
}

/** LIKE … INCLUDING STATISTICS. */
export function copyStatistics(
  draft: Draft,
  source: { readonly id: number; readonly columns: TableRelation['columns'] },
  tableId: number,
  comments: boolean,
): void {
  const table = draft.table(tableId);
  const found = [...draft.others.values()].filter(
    (other): other is OtherObject => other.kind === 'statistics' && other.relations.includes(source.id),
  );
  for (const statistics of found) {
    const names = statistics.columns.flatMap(
      (reference) => source.columns.find((column) => `${source.id}.${column.number}` === reference)?.name ?? [],
    );
    const name = statisticsName(draft, table.schema, table.name, names);
    putOther(draft, {
      ...statistics,
      schema: table.schema,
      name,
      definition: null,
      relations: [tableId],
      columns: names.flatMap((column) => {
        const number = columnNamed(table, column)?.number;
        return number === undefined ? [] : [`${tableId}.${number}`];
      }),
      comment: comments ? statistics.comment : null,
    });
  }
}
