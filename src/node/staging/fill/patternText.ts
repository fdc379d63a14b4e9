/**
 * Texts that match a regular expression, for the plain ones that CHECKs hold: `^[A-Z]{2}[0-9]{6}$`, `^\d+$`,
 * `^[^@]+@[^@]+\.[^@]+$`, `^(draft|paid)$`. Whatever else an expression holds (back references, look-ahead, classes by name
 * that are not known here) is not understood.
 */
export interface PatternText {
  /** SQL of type text. @param index SQL of type bigint: another number, another text, up to `cardinality` */
  readonly sql: (index: string) => string;
  readonly cardinality: number;
}

interface Part {
  /** The characters that may stand here; one: a fixed character. */
  readonly alphabet: string;
  readonly count: number;
}

/** @param options.atLeast make repeated parts so long that there are that many texts, where the expression allows it */
export function patternText(expression: string, options: { readonly atLeast?: number } = {}): PatternText | null {
  const parts = new PatternReader(expression).read(Math.max(1, options.atLeast ?? 1_000_000));
  if (parts === null) return null;
  let cardinality = 1;
  for (const { alphabet, count } of parts) cardinality = Math.min(1e15, cardinality * alphabet.length ** count);
  return { sql: (index) => textSql(parts, index), cardinality };
}

function textSql(parts: readonly Part[], index: string): string {
  const pieces: string[] = [];
  let divisor = 1;
  // From the end: the last characters change first, so that texts are ordered as their numbers are.
  for (const { alphabet, count } of [...parts].reverse()) {
    for (let place = 0; place < count; place += 1) {
      if (alphabet.length === 1 || divisor > 1e15) pieces.unshift(literal(alphabet.charAt(0)));
      else {
        pieces.unshift(`substr(${literal(alphabet)}, (1 + (${index}) / ${divisor} % ${alphabet.length})::int4, 1)`);
        divisor *= alphabet.length;
      }
    }
  }
  return `(${pieces.length === 0 ? "''" : pieces.join(' || ')})`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

const DIGITS = '0123456789';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const WORD = `${DIGITS}${UPPER}_${LOWER}`;
const LONGEST = 64;

class PatternReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Null: not understood. */
  read(atLeast: number): Part[] | null {
    if (this.#text.startsWith('^')) this.#at = 1;
    const parts = this.#sequence(atLeast, true);
    if (parts === null || this.#at < this.#text.length) return null;
    return parts.reduce((sum, { count }) => sum + count, 0) > 200 ? null : parts;
  }

  #sequence(atLeast: number, outermost: boolean): Part[] | null {
    const parts: Part[] = [];
    for (;;) {
      const next = this.#text[this.#at];
      if (next === undefined || (next === ')' && !outermost)) return parts;
      if (next === '$' && this.#at === this.#text.length - 1) {
        this.#at += 1;
        return parts;
      }
      if (next === '|') {
        // The first alternative is enough.
        if (!this.#skipAlternatives(outermost)) return null;
        return parts;
      }
      if (next === '(') {
        this.#at += this.#text.startsWith('(?:', this.#at) ? 3 : 1;
        const group = this.#sequence(atLeast, false);
        if (group === null || this.#text[this.#at] !== ')') return null;
        this.#at += 1;
        const times = this.#quantifier();
        if (times === null) return null;
        const count = times.least;
        for (let turn = 0; turn < count; turn += 1) parts.push(...group);
        continue;
      }
      const alphabet = this.#atom();
      if (alphabet === null) return null;
      const times = this.#quantifier();
      if (times === null) return null;
      const wanted = alphabet.length === 1 ? 1 : Math.ceil(Math.log(atLeast) / Math.log(alphabet.length));
      const count = Math.min(times.most, Math.max(times.least, wanted));
      if (count > 0) parts.push({ alphabet, count });
    }
  }

  #skipAlternatives(outermost: boolean): boolean {
    let depth = 0;
    while (this.#at < this.#text.length) {
      const next = this.#text.charAt(this.#at);
      if (next === '\\') this.#at += 1;
      else if (next === '[') return false;
      else if (next === '(') depth += 1;
      else if (next === ')') {
        if (depth === 0) return !outermost;
        depth -= 1;
      }
      this.#at += 1;
    }
    return outermost;
  }

  #quantifier(): { readonly least: number; readonly most: number } | null {
    const next = this.#text[this.#at];
    if (next === '*' || next === '+' || next === '?') {
      this.#at += 1;
      if (this.#text[this.#at] === '?') this.#at += 1;
      return next === '?' ? { least: 0, most: 1 } : { least: next === '+' ? 1 : 0, most: LONGEST };
    }
    if (next !== '{') return { least: 1, most: 1 };
    const match = /^\{(\d{1,3})(,)?(\d{1,3})?\}/.exec(this.#text.slice(this.#at));
    if (match === null) return null;
    this.#at += match[0].length;
    const least = Number(match[1]);
    return {
      least,
      most: match[3] === undefined ? (match[2] === undefined ? least : Math.max(least, LONGEST)) : Number(match[3]),
    };
  }

  /** The characters that one atom may be. */
  #atom(): string | null {
    const next = this.#text.charAt(this.#at);
    this.#at += 1;
    if (next === '.') return `${LOWER}${DIGITS}`;
    if (next === '[') return this.#brackets();
    if (next === '\\') return this.#escape();
    return '^$*+?{}|()'.includes(next) ? null : next;
  }

  #escape(): string | null {
    const next = this.#text[this.#at];
    this.#at += 1;
    if (next === undefined) return null;
    const known: Readonly<Record<string, string>> = { d: DIGITS, w: WORD, s: ' ' };
    if (known[next] !== undefined) return known[next];
    return /[A-Za-z0-9]/.test(next) ? null : next;
  }

  #brackets(): string | null {
    const negated = this.#text[this.#at] === '^';
    if (negated) this.#at += 1;
    let found = '';
    for (let first = true; ; first = false) {
      const next = this.#text[this.#at];
      if (next === undefined) return null;
      if (next === ']' && !first) break;
      if (next === '[' && this.#text[this.#at + 1] === ':') {
        const name = /^\[:(\w+):\]/.exec(this.#text.slice(this.#at));
        const members = CLASSES[name?.[1] ?? ''];
        if (name === null || members === undefined) return null;
        found += members;
        this.#at += name[0].length;
        continue;
      }
      this.#at += 1;
      const one = next === '\\' ? this.#escape() : next;
      if (one === null) return null;
      const end = this.#text[this.#at + 1];
      if (one.length === 1 && this.#text[this.#at] === '-' && end !== undefined && end !== ']') {
        this.#at += 2;
        const [from, to] = [one.charCodeAt(0), end.charCodeAt(0)];
        if (to < from || to - from > 200) return null;
        for (let code = from; code <= to; code += 1) found += String.fromCharCode(code);
      } else found += one;
    }
    this.#at += 1;
    const members = new Set(found);
    const alphabet = negated ? Array.from(`${LOWER}${DIGITS}`).filter((one) => !members.has(one)) : Array.from(members);
    // Sorted, so that texts are ordered as their numbers are.
    return alphabet.length === 0 ? null : alphabet.sort().join('');
  }
}

const CLASSES: Readonly<Record<string, string>> = {
  digit: DIGITS,
  alpha: `${UPPER}${LOWER}`,
  alnum: `${DIGITS}${UPPER}${LOWER}`,
  upper: UPPER,
  lower: LOWER,
  xdigit: `${DIGITS}abcdef`,
  space: ' ',
};
