/** A node of libpg-query's PL/pgSQL JSON: fields of the one body inside of its type's name. */
export type Fields = Readonly<Record<string, unknown>>;

/** Names that statements give a value to. */
export function assignedNames(routine: Fields, variables: readonly (string | undefined)[]): Set<string> {
  const names = new Set<string>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    else if (typeof node === 'object' && node !== null) {
      for (const [kind, value] of Object.entries(node)) {
        const fields = value as Fields;
        const assigned =
          kind === 'PLpgSQL_stmt_assign' || kind === 'PLpgSQL_stmt_foreach_a'
            ? variables[numberOf(fields, 'varno') ?? 0]
            : undefined;
        if (assigned !== undefined) names.add(assigned);
        if (kind === 'PLpgSQL_row')
          for (const field of Array.isArray(fields['fields']) ? (fields['fields'] as Fields[]) : [])
            names.add(textOf(field, 'name') ?? '');
        visit(value);
      }
    }
  };
  visit(routine['action']);
  return names;
}

/** The one body of a node of that type; nothing of any other. */
export function inside(node: unknown, kind: string): Fields {
  const value = (node as Fields | null | undefined)?.[kind];
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** The text of an expression or query. */
export function queryOf(node: unknown): string | null {
  return textOf(inside(node, 'PLpgSQL_expr'), 'query') ?? null;
}

export function textOf(fields: Fields | undefined, name: string): string | undefined {
  const value = fields?.[name];
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === 'number' ? value : undefined;
}
