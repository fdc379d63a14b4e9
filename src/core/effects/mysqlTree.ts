/** node-sql-parser's tree: fields by name, whatever they are. */
export type Tree = Readonly<Record<string, unknown>>;

export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** A table's key in maps. */
export function keyOf({ schema, name }: TableName): string {
  return `${schema}.${name}`;
}

export function asTree(value: unknown): Tree | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : undefined;
}

export function treesOf(value: unknown): Tree[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map(asTree).filter((each) => each !== undefined);
}

/** The tables that a field names. */
export function tablesOf(value: unknown): TableName[] {
  return treesOf(value).flatMap((each) => {
    const name = textOf(each, 'table');
    return name === undefined ? [] : [{ schema: textOf(each, 'db') ?? '', name }];
  });
}

/** A field's text; undefined for none and for an empty one. */
export function textOf(tree: Tree | undefined, field: string): string | undefined {
  const value = tree?.[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
