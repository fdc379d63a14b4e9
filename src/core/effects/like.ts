/**
 * LIKE as the server matches it (src/backend/utils/adt/like_match.c): `%` any text, `_` one character, `\` takes the next
 * one as it is. Takes at most the product of both lengths.
 *
 * @returns null where the server errs: a pattern that ends with a lone `\`
 */
export function isLike(text: string, pattern: string): boolean | null {
  const wanted = partsOf(pattern);
  if (wanted === null) return null;
  const characters = Array.from(text);
  let at = 0;
  let part = 0;
  // The last `%` and how much it swallows so far: only that one need ever be asked again.
  let any = -1;
  let swallowed = 0;
  while (at < characters.length) {
    const each = wanted[part];
    if (each === ANY) {
      any = part++;
      swallowed = at;
    } else if (each !== undefined && (each === ONE || each === characters[at])) {
      part++;
      at++;
    } else if (any >= 0) {
      part = any + 1;
      at = ++swallowed;
    } else {
      return false;
    }
  }
  while (wanted[part] === ANY) part++;
  return part === wanted.length;
}

/** How every text begins that is like a pattern. */
export function prefixOf(pattern: string): string {
  const literal = /^(?:[^%_\\]|\\.)*/s.exec(pattern)?.[0] ?? '';
  return literal.replaceAll(/\\(.)/gs, '$1');
}

const ANY = Symbol('%');
const ONE = Symbol('_');

function partsOf(pattern: string): (string | symbol)[] | null {
  const parts: (string | symbol)[] = [];
  let escaped = false;
  for (const character of pattern) {
    if (!escaped && character === '\\') {
      escaped = true;
      continue;
    }
    if (escaped) parts.push(character);
    else parts.push(character === '%' ? ANY : character === '_' ? ONE : character);
    escaped = false;
  }
  return escaped ? null : parts;
}
