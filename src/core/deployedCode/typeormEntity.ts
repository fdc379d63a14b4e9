import type { FoundUse, Matcher } from './findUses.ts';

interface Entity {
  readonly offset: number;
  readonly tables: readonly string[];
  readonly columns: readonly EntityColumn[];
}

interface EntityColumn {
  readonly offset: number;
  readonly names: readonly string[];
  readonly nullable: boolean;
}

/** What stands in brackets, brackets in it too, one in the other: each letter fits in one way only, so that no text takes long. */
const INSIDE = String.raw`((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)`;
const DECORATORS = String.raw`(?:@\w+\s*\(${INSIDE.replace('((?:', '(?:(?:')}\)\s*)*`;
const COLUMN = new RegExp(
  String.raw`@(?:Column|PrimaryColumn|PrimaryGeneratedColumn|CreateDateColumn|UpdateDateColumn|DeleteDateColumn|VersionColumn|JoinColumn)\s*\(${INSIDE}\)\s*${DECORATORS}(?:(?:public|private|protected|readonly|declare)\s+)*(\w+)\s*[?!]?\s*[:=;]`,
  'g',
);
const ENTITY = new RegExp(
  String.raw`@Entity\s*\(${INSIDE}\)\s*${DECORATORS}(?:export\s+)?(?:default\s+)?(?:abstract\s+)?class\s+(\w+)`,
  'g',
);

/**
 * Entities of TypeORM in a text, with the names that they have in the database: as written in the decorators, else the
 * class's and the property's own, as they stand and in snake_case (a naming strategy of its own is not known).
 * https://typeorm.io/docs/entity/entities
 */
export const typeormUses: Matcher = (text) => {
  const entities = readEntities(text);
  return ({ kind, table, column }) => {
    const found: FoundUse[] = [];
    for (const entity of entities) {
      if (!entity.tables.includes(table)) continue;
      const own = column === null ? undefined : entity.columns.find(({ names }) => names.includes(column));
      const offset =
        kind === 'table gone'
          ? entity.offset
          : kind === 'column gone'
            ? own?.offset
            : own === undefined || own.nullable
              ? (own?.offset ?? entity.offset)
              : undefined;
      if (offset !== undefined) found.push({ offset, kind: 'TypeORM entity' });
    }
    return found;
  };
};

function readEntities(text: string): readonly Entity[] {
  const starts = [...text.matchAll(ENTITY)];
  return starts.map(({ 1: options = '', 2: className = '', index, 0: head }, position) => {
    const from = index + head.length;
    const body = text.slice(from, starts[position + 1]?.index ?? text.length);
    const named = /^\s*["'`]([^"'`]+)["'`]/.exec(options)?.[1] ?? nameOption(options);
    const tables = named === undefined ? [className, snakeCase(className), className.toLowerCase()] : [named];
    const columns = [...body.matchAll(COLUMN)].map((match): EntityColumn => {
      const [, written = '', property = ''] = match;
      const name = nameOption(written);
      return {
        offset: from + match.index,
        names: name === undefined ? [property, snakeCase(property)] : [name],
        nullable: /\bnullable\s*:\s*true\b/.test(written),
      };
    });
    return { offset: index, tables, columns };
  });
}

function nameOption(options: string): string | undefined {
  return /\bname\s*:\s*["'`]([^"'`]+)["'`]/.exec(options)?.[1];
}

function snakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])([A-Z])/g, '_$1').toLowerCase();
}
