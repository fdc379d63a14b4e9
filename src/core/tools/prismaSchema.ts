import type { SchemaField, TextEdit } from '../rules/rule.ts';

/**
 * The edits that make a field of `schema.prisma` optional or required: one `?` more or less. Empty where it is so already;
 * null where this file holds no such field (another file of a schema in several may). A list can be neither.
 *
 * Names are the database's: those of `@@map` and `@map` where they are given.
 * https://www.prisma.io/docs/orm/reference/prisma-schema-reference
 */
export function prismaFieldEdits(text: string, { table, column, optional }: SchemaField): readonly TextEdit[] | null {
  for (const model of blocks(text)) {
    if ((mapped(model.body, /^[ \t]*@@map\(\s*(?:name:\s*)?"([^"]*)"/m) ?? model.name) !== table) continue;
    for (const line of linesOf(model)) {
      const field =
        /^[ \t]*([A-Za-z][A-Za-z0-9_]*)[ \t]+([A-Za-z][A-Za-z0-9_]*|Unsupported\("[^"]*"\))(\?|\[\])?(?=[ \t\r]|$)(.*)$/.exec(
          line.text,
        );
      if (!field) continue;
      const [, name = '', , mark = '', attributes = ''] = field;
      if ((mapped(withoutComment(attributes), /@map\(\s*(?:name:\s*)?"([^"]*)"/) ?? name) !== column) continue;
      if (mark === '[]') return null;
      if ((mark === '?') === optional) return [];
      const end = line.start + field[0].length - attributes.length;
      return optional ? [{ start: end, end, newText: '?' }] : [{ start: end - 1, end, newText: '' }];
    }
  }
  return null;
}

interface Block {
  readonly name: string;
  readonly body: string;
  /** UTF-16 offset of the body. */
  readonly start: number;
}

function blocks(text: string): readonly Block[] {
  return [
    ...text.matchAll(/^[ \t]*model[ \t]+([A-Za-z][A-Za-z0-9_]*)[ \t]*\{([^\r\n]*\r?\n(?:(?![ \t]*\}).*\r?\n)*)/gm),
  ].map((match) => ({
    name: match[1] ?? '',
    body: match[2] ?? '',
    start: match.index + match[0].length - (match[2] ?? '').length,
  }));
}

function linesOf({ body, start }: Block): readonly { text: string; start: number }[] {
  return [...body.matchAll(/.+/g)].map((match) => ({ text: match[0], start: start + match.index }));
}

function mapped(text: string, pattern: RegExp): string | undefined {
  return pattern.exec(text)?.[1];
}

function withoutComment(text: string): string {
  return text.replace(/\/\/.*$/, '');
}
