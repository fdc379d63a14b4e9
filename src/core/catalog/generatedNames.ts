import { qualifiedKey } from './catalog.ts';
import type { CatalogView } from './catalog.ts';

/** NAMEDATALEN - 1: identifiers have at most 63 bytes. */
const MAXIMUM_BYTES = 63;

type Names = Pick<CatalogView, 'relationByName' | 'constraintNames'>;

/** Bytes of a text in UTF-8. */
function byteLength(text: string): number {
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) length += 1;
    else if (unit < 0x800) length += 2;
    else if (unit >= 0xd800 && unit < 0xdc00) {
      length += 4;
      index++;
    } else length += 3;
  }
  return length;
}

/** Cuts a text to at most `bytes` UTF-8 bytes, at a character's border (pg_mbcliplen). */
function clip(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text;
  let length = 0;
  let end = 0;
  for (const character of text) {
    length += byteLength(character);
    if (length > bytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** An identifier as the server keeps it: what is beyond 63 bytes falls away (truncate_identifier). The parser does the same. */
export function truncateIdentifier(name: string): string {
  return clip(name, MAXIMUM_BYTES);
}

/**
 * makeObjectName of PostgreSQL's indexcmds.c: `name1_name2_label`, the longer of the two names cut byte by byte until
 * the whole fits into 63 bytes.
 */
export function makeObjectName(name1: string, name2: string | null, label: string | null): string {
  let overhead = 0;
  let length1 = byteLength(name1);
  let length2 = 0;
  if (name2 !== null) {
    length2 = byteLength(name2);
    overhead++;
  }
  if (label !== null) overhead += byteLength(label) + 1;
  const available = MAXIMUM_BYTES - overhead;
  while (length1 + length2 > available) {
    if (length1 > length2) length1--;
    else length2--;
  }
  let name = clip(name1, length1);
  if (name2 !== null) name += `_${clip(name2, length2)}`;
  if (label !== null) name += `_${label}`;
  return name;
}

/**
 * ChooseRelationName: the first free of `name1_name2_label`, `…_label1`, `…_label2` among the schema's relations, and
 * for indexes of constraints among its constraints too.
 *
 * @param taken names given out by the same statement already
 */
export function chooseRelationName(
  catalog: Names,
  schema: string,
  names: { readonly name1: string; readonly name2: string | null; readonly label: string },
  { constraint = false, taken }: { readonly constraint?: boolean; readonly taken?: ReadonlySet<string> } = {},
): string {
  for (let pass = 0; ; pass++) {
    const name = makeObjectName(names.name1, names.name2, pass === 0 ? names.label : `${names.label}${pass}`);
    const key = qualifiedKey(schema, name);
    if (catalog.relationByName.has(key) || taken?.has(name)) continue;
    if (constraint && catalog.constraintNames.has(key)) continue;
    return name;
  }
}

/** ChooseConstraintName: the first free name among the schema's constraints and those that the same statement gave out. */
export function chooseConstraintName(
  catalog: Names,
  schema: string,
  names: { readonly name1: string; readonly name2: string | null; readonly label: string },
  taken?: ReadonlySet<string>,
): string {
  for (let pass = 0; ; pass++) {
    const name = makeObjectName(names.name1, names.name2, pass === 0 ? names.label : `${names.label}${pass}`);
    if (!taken?.has(name) && !catalog.constraintNames.has(qualifiedKey(schema, name))) return name;
  }
}

/** ChooseIndexNameAddition and ChooseForeignKeyConstraintNameAddition: column names joined by `_`, as far as 63 bytes reach. */
export function columnNamesAddition(columns: readonly string[]): string {
  let text = '';
  for (const column of columns) {
    if (text !== '') text += '_';
    text += column;
    if (byteLength(text) >= MAXIMUM_BYTES + 1) break;
  }
  return text;
}

/** ChooseIndexColumnNames: names of an index's own columns, made different by a number at their end. */
export function indexColumnNames(names: readonly string[]): string[] {
  const chosen: string[] = [];
  for (const name of names) {
    let candidate = name;
    for (let number = 1; chosen.includes(candidate); number++) {
      const digits = String(number);
      candidate = clip(name, MAXIMUM_BYTES - digits.length) + digits;
    }
    chosen.push(candidate);
  }
  return chosen;
}
