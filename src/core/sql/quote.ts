import { QUOTED_KEYWORDS } from './keywords.ts';

/**
 * An identifier as it must stand in SQL: quoted only where it has to be, as the server's own quote_identifier()
 * does (src/backend/utils/adt/ruleutils.c). The one place where Lockkeeper quotes identifiers.
 */
export function quoteIdentifier(name: string): string {
  if (/^[a-z_][a-z0-9_]*$/.test(name) && !QUOTED_KEYWORDS.has(name)) return name;
  return `"${name.replaceAll('"', '""')}"`;
}

/** A name in a sentence, as SQL has to write it; nothing where there is none. */
export function nameText(name: string | undefined): string {
  return name === undefined || name === '' ? '' : quoteIdentifier(name);
}

/**
 * A string as an SQL literal that reads the same whatever `standard_conforming_strings` is: with a backslash in it,
 * it becomes an E'' string, as quote_literal() of the server does (src/backend/utils/adt/quote.c).
 */
export function quoteLiteral(text: string): string {
  const doubled = text.replaceAll("'", "''");
  return text.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`;
}

/** `schema.name`, each part quoted where it has to be; without a schema just the name. */
export function qualifiedName(schema: string | null | undefined, name: string): string {
  return schema ? `${quoteIdentifier(schema)}.${quoteIdentifier(name)}` : quoteIdentifier(name);
}

/** A body in dollar quotes, with a tag that does not occur in it. */
export function dollarQuote(body: string): string {
  let tag = '';
  for (let count = 0; body.includes(`$${tag}$`) || body.endsWith(`$${tag}`); count++)
    tag = count === 0 ? 'body' : `body${count}`;
  return `$${tag}$${body}$${tag}$`;
}
