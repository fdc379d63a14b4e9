import type { Draft } from '../draft.ts';
import { hasColumns } from '../lookup.ts';

/** Columns, domains and signatures show the type's new name. */
export function renameReferences(draft: Draft, typeId: number, name: string, schema?: string): void {
  const rename = <T extends { readonly id: number | null; readonly name: string; readonly schema: string | null }>(
    type: T,
  ): T => (type.id === typeId ? { ...type, name, schema: schema ?? type.schema } : type);
  for (const id of draft.dependents.get(typeId) ?? []) {
    const relation = draft.relations.get(id);
    if (relation !== undefined && hasColumns(relation) && relation.columns.some(({ type }) => type.id === typeId)) {
      draft.put({ ...relation, columns: relation.columns.map((column) => ({ ...column, type: rename(column.type) })) });
    }
    const type = draft.types.get(id);
    if (type?.kind === 'domain') draft.putType({ ...type, base: rename(type.base) });
    if (type?.kind === 'range') draft.putType({ ...type, subtype: rename(type.subtype) });
    const user = draft.functions.get(id);
    if (user === undefined) continue;
    draft.putFunction({
      ...user,
      argumentTypes: user.argumentTypes.map(rename),
      arguments: user.arguments.map((argument) => ({ ...argument, type: rename(argument.type) })),
      returns: user.returns === null ? null : rename(user.returns),
    });
  }
}
