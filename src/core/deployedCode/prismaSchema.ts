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
  const blocks = blocksOf(bare);
  const names = new Set(blocks.map(({ name }) => name));
  return blocks.map(({ name, body, offset, start }) => {
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
      offset,
      schema: /@@schema\(\s*"([^"]+)"/.exec(body)?.[1] ?? null,
      table: /@@map\(\s*(?:name:\s*)?"([^"]+)"/.exec(body)?.[1] ?? name,
      fields,
    };
  });
}

interface Block {
  readonly name: string;
  readonly body: string;
  readonly offset: number;
  /** Where the body begins. */
  readonly start: number;
}

/** Models and views, each from its head to the line that closes it. */
function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: Omit<Block, 'body'> | null = null;
  let at = 0;
  for (const line of text.split('\n')) {
    const head: RegExpExecArray | null = open === null ? /^([ \t]*)(?:model|view)[ \t]+(\w+)[ \t]*\{/.exec(line) : null;
    if (head) {
      open = { name: head[2] ?? '', offset: at + (head[1]?.length ?? 0), start: at + head[0].length };
    } else if (open !== null && /^[ \t]*\}/.test(line)) {
      blocks.push({ ...open, body: text.slice(open.start, at) });
      open = null;
    }
    at += line.length + 1;
  }
  return blocks;
}
