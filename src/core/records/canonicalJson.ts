/** A value that JSON can hold without loss. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * JSON in exactly one form, so that equal values have equal bytes on every machine: keys sorted by UTF-16 unit, no white
 * space, numbers and strings as ECMAScript writes them. This is RFC 8785 (JCS), https://www.rfc-editor.org/rfc/rfc8785.
 *
 * Keys whose value is undefined are left out, as `JSON.stringify` does.
 * @throws {TypeError} for NaN and infinities, which JSON can't hold, and for lone surrogates, which UTF-8 can't
 */
export function canonicalJson(value: JsonValue): string {
  if (value === null || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} has no form in JSON`);
    return JSON.stringify(value);
  }
  if (typeof value === 'string') return canonicalString(value);
  if (isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .flatMap((key) => {
      const member = value[key];
      return member === undefined ? [] : [`${canonicalString(key)}:${canonicalJson(member)}`];
    });
  return `{${members.join(',')}}`;
}

function canonicalString(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new TypeError('a lone surrogate has no form in UTF-8');
  return JSON.stringify(text);
}

/** `Array.isArray` does not narrow readonly arrays. */
function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
