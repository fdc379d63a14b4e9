import type { FoundUse, Matcher } from './findUses.ts';

interface Model {
  readonly offset: number;
  readonly schema: string | null;
  readonly table: string;
  readonly fields: readonly Field[];
}

interface Field {
  readonly offset: number;
  readonly column: string;
  readonly optional: boolean;
  readonly hasDefault: boolean;
}

/**
 * Models of a Prisma schema, by the names that they have in the database (`@@map`, `@map`). Prisma's client names every
 * column of a model in its queries, so a field is a use of its column.
 * https://www.prisma.io/docs/orm/reference/prisma-schema-reference
 */
export const prismaUses: Matcher = (text) => {
  const models = readModels(text);
  return ({ kind, schema, table, column }) => {
    const found: FoundUse[] = [];
    for (const model of models) {
      if (model.table !== table || (model.schema !== null && model.schema !== schema)) continue;
      const field = model.fields.find((each) => each.column === column);
      const offset =
        kind === 'table gone'
          ? model.offset
          : kind === 'column gone'
            ? field?.offset
            : field === undefined || (field.optional && !field.hasDefault)
              ? (field?.offset ?? model.offset)
              : undefined;
      if (offset !== undefined) found.push({ offset, kind: 'Prisma schema' });
    }
    return found;
  };
};

function readModels(text: string): readonly Model[] {
  const bare = text.replaceAll(/\/\/[^\n]*/g, (comment) => ' '.repeat(comment.length));
  const blocks = [...bare.matchAll(/^[ \t]*(?:model|view)[ \t]+(\w+)[ \t]*\{([^]*?)^[ \t]*\}/gm)];
  const names = new Set(blocks.map(([, name]) => name));
  return blocks.map(({ 0: block, 1: name = '', 2: body = '', index }) => {
    const start = index + block.indexOf('{') + 1;
    const fields = [...body.matchAll(/^[ \t]*(\w+)[ \t]+(\w+)(\[\])?(\?)?(.*)$/gm)].flatMap((match): Field[] => {
      const [line, field = '', type = '', list, optional, attributes = ''] = match;
      // A relation is no column; its scalar fields stand beside it.
      if (names.has(type)) return [];
      return [
        {
          offset: start + match.index + line.indexOf(field),
          column: /@map\(\s*(?:name:\s*)?"([^"]+)"/.exec(attributes)?.[1] ?? field,
          optional: optional !== undefined && list === undefined,
          hasDefault: /@default\(|@updatedAt\b/.test(attributes),
        },
      ];
    });
    return {
      offset: index + block.search(/\S/),
      schema: /@@schema\(\s*"([^"]+)"/.exec(body)?.[1] ?? null,
      table: /@@map\(\s*(?:name:\s*)?"([^"]+)"/.exec(body)?.[1] ?? name,
      fields,
    };
  });
}
