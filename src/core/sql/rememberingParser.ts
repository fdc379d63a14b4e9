import type { Parser } from './parser.ts';

/** The texts in one function's body are few; what EXECUTE puts together may be many. */
const MOST_TEXTS = 500;

/** The same parser, which reads a text that it has read before only once: for a body that is looked into call by call. */
export function rememberingParser(parser: Parser): Parser {
  return {
    ...parser,
    parse: remembering(parser.parse),
    parsePlpgsql: remembering(parser.parsePlpgsql),
  };
}

function remembering<Outcome>(read: (text: string) => Outcome): (text: string) => Outcome {
  const known = new Map<string, Outcome>();
  return (text) => {
    let outcome = known.get(text);
    if (outcome === undefined) {
      outcome = read(text);
      if (known.size < MOST_TEXTS) known.set(text, outcome);
    }
    return outcome;
  };
}
