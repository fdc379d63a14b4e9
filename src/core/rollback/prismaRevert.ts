import type { Catalog, Column, TableRelation } from '../catalog/catalog.ts';
import { isTable } from '../catalog/lookup.ts';
import type { TextEdit } from '../rules/rule.ts';
import { prismaFieldEdits } from '../tools/prismaSchema.ts';

/** How `schema.prisma` follows a revert: what can be derived as edits, the rest in words. */
export interface PrismaRevert {
  readonly edits: readonly TextEdit[];
  readonly byHand: readonly string[];
}

/**
 * The edits of one file of Prisma's schema for going back from one catalog to the one before: fields and models that the
 * migration added go, fields that it dropped come back, `?` follows NOT NULL. Names are the database's (`@map`, `@@map`).
 *
 * @param whole the schema is in this one file: what is not found in it is said
 */
export function prismaRevert(text: string, before: Catalog, after: Catalog): PrismaRevert {
  const edits: TextEdit[] = [];
  const byHand: string[] = [];
  const models = modelsOf(text);
  const modelOf = (table: TableRelation): Model | undefined => models.find(({ table: name }) => name === table.name);
  const gone = new Set<string>();
  for (const [id, now] of after.relations) {
    const was = before.relations.get(id);
    if (!isTable(now) || was === now || now.partitionOf !== null) continue;
    const model = modelOf(now);
    if (was === undefined) {
      if (model === undefined) byHand.push(`remove the model of the table ${now.name}`);
      else {
        edits.push({ start: model.start, end: model.end, newText: '' });
        gone.add(model.name);
      }
    } else if (isTable(was)) {
      if (was.name !== now.name) byHand.push(`@@map of ${now.name} becomes "${was.name}"`);
      changedFields(text, model, was, now, { edits, byHand });
    }
  }
  for (const [id, was] of before.relations) {
    if (isTable(was) && !after.relations.has(id))
      byHand.push(`bring back the model of the table ${was.name} (git log -p schema.prisma)`);
  }
  for (const [id, now] of after.types) {
    const was = before.types.get(id);
    if (was === undefined) byHand.push(`remove the enum ${now.name}`);
    else if (was !== now && now.kind === 'enum')
      byHand.push(`the values of the enum ${now.name} are those from before again`);
  }
  // Fields of other models that lead to one that goes.
  for (const model of models) {
    if (gone.has(model.name)) continue;
    for (const field of model.fields)
      if (gone.has(field.type)) edits.push({ start: field.start, end: field.end, newText: '' });
  }
  return { edits: withoutOverlaps(edits), byHand };
}

interface Target {
  readonly edits: TextEdit[];
  readonly byHand: string[];
}

function changedFields(
  text: string,
  model: Model | undefined,
  was: TableRelation,
  now: TableRelation,
  { edits, byHand }: Target,
): void {
  for (const column of now.columns) {
    const old = was.columns.find(({ number }) => number === column.number);
    const field = model?.fields.find((one) => one.column === column.name);
    if (old === undefined) {
      if (model === undefined || field === undefined) byHand.push(`remove the field of ${now.name}.${column.name}`);
      else {
        edits.push({ start: field.start, end: field.end, newText: '' });
        // @relation(fields: [...]) of the same column.
        for (const other of model.fields)
          if (new RegExp(`fields:\\s*\\[[^\\]]*\\b${field.name}\\b`).test(other.line))
            edits.push({ start: other.start, end: other.end, newText: '' });
      }
      continue;
    }
    if (old.name !== column.name) byHand.push(`the field of ${now.name}.${column.name} is mapped to "${old.name}"`);
    if (old.notNull !== column.notNull)
      edits.push(...(prismaFieldEdits(text, { table: now.name, column: column.name, optional: !old.notNull }) ?? []));
    if (old.type.name !== column.type.name || old.type.arrayDimensions !== column.type.arrayDimensions)
      byHand.push(`the type of ${now.name}.${column.name} is ${scalarOf(old) ?? old.type.name} again`);
  }
  for (const column of was.columns.filter(({ number }) => !now.columns.some((one) => one.number === number))) {
    const scalar = scalarOf(column);
    if (model === undefined || scalar === null) byHand.push(`bring back the field of ${was.name}.${column.name}`);
    else {
      const at = model.fields.at(-1)?.end ?? model.bodyStart;
      const list = column.type.arrayDimensions > 0 ? '[]' : column.notNull ? '' : '?';
      const own = /^[A-Za-z][A-Za-z0-9_]*$/.test(column.name);
      const name = own ? column.name : `field_${column.number}`;
      edits.push({
        start: at,
        end: at,
        newText: `  ${name} ${scalar}${list}${own ? '' : ` @map("${column.name}")`}\n`,
      });
    }
  }
}

/** https://www.prisma.io/docs/orm/reference/prisma-schema-reference#model-field-scalar-types */
const SCALARS: Readonly<Record<string, string>> = {
  text: 'String',
  varchar: 'String',
  bpchar: 'String',
  uuid: 'String @db.Uuid',
  bool: 'Boolean',
  int2: 'Int @db.SmallInt',
  int4: 'Int',
  int8: 'BigInt',
  float4: 'Float @db.Real',
  float8: 'Float',
  numeric: 'Decimal',
  timestamp: 'DateTime',
  timestamptz: 'DateTime @db.Timestamptz',
  date: 'DateTime @db.Date',
  time: 'DateTime @db.Time',
  json: 'Json @db.Json',
  jsonb: 'Json',
  bytea: 'Bytes',
};

/** Prisma's scalar of a built-in type without attributes in the way of `?`; null: it takes a person. */
function scalarOf({ type }: Column): string | null {
  const scalar = type.id === null ? SCALARS[type.name] : undefined;
  return scalar === undefined || scalar.includes(' ') ? null : scalar;
}

interface Field {
  readonly name: string;
  readonly column: string;
  readonly type: string;
  readonly line: string;
  /** Of the whole line, with its line end. */
  readonly start: number;
  readonly end: number;
}

interface Model {
  readonly name: string;
  readonly table: string;
  readonly start: number;
  readonly end: number;
  readonly bodyStart: number;
  readonly fields: readonly Field[];
}

function modelsOf(text: string): readonly Model[] {
  const found = text.matchAll(
    /^[ \t]*model[ \t]+([A-Za-z]\w*)[ \t]*\{[^\r\n]*\r?\n((?:(?![ \t]*\}).*\r?\n)*)[ \t]*\}[^\r\n]*(?:\r?\n)?/gm,
  );
  return [...found].map((match) => {
    const [whole, name = '', body = ''] = match;
    const bodyStart = match.index + whole.indexOf('\n') + 1;
    const fields = [...body.matchAll(/^[ \t]*([A-Za-z]\w*)[ \t]+([A-Za-z]\w*)[^\r\n]*\r?\n/gm)].map((line): Field => ({
      name: line[1] ?? '',
      column: /@map\(\s*(?:name:\s*)?"([^"]*)"/.exec(line[0])?.[1] ?? line[1] ?? '',
      type: line[2] ?? '',
      line: line[0],
      start: bodyStart + line.index,
      end: bodyStart + line.index + line[0].length,
    }));
    const table = /^[ \t]*@@map\(\s*(?:name:\s*)?"([^"]*)"/m.exec(body)?.[1] ?? name;
    return { name, table, start: match.index, end: match.index + whole.length, bodyStart, fields };
  });
}

function withoutOverlaps(edits: readonly TextEdit[]): readonly TextEdit[] {
  const sorted = [...edits].sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: TextEdit[] = [];
  for (const edit of sorted) {
    const last = kept.at(-1);
    if (last === undefined || edit.start >= last.end) kept.push(edit);
  }
  return kept;
}
