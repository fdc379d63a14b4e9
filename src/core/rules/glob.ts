/** More alternatives in braces than this are read as they stand. */
const MOST_FORMS = 64;

/**
 * Whether a path (with `/`, relative to the workspace root) fits a glob: `*` and `?` within a name, `**` over folders,
 * `{a,b}` for either. A folder's own name stands for all that is in it. Takes time by the product of both lengths at
 * most: a glob comes from a repository.
 */
export function matchesGlob(glob: string, path: string): boolean {
  const bare = glob
    .replaceAll('\\', '/')
    .replace(/^\.?\//, '')
    .replace(/\/$/, '');
  return expanded(bare).some((form) => matches(form, path));
}

/** `{a,b}/c` as `a/c` and `b/c`; not nested. */
function expanded(glob: string): readonly string[] {
  let forms = [''];
  for (const part of glob.split(/(\{[^{}]*\})/)) {
    const choices = part.startsWith('{') && part.endsWith('}') ? part.slice(1, -1).split(',') : [part];
    const next = forms.flatMap((form) => choices.map((choice) => form + choice));
    if (next.length > MOST_FORMS) return [glob];
    forms = next;
  }
  return forms;
}

/** Follows all places of the glob at which a beginning of the path may have arrived. */
function matches(glob: string, path: string): boolean {
  const tokens = glob.match(/\*\*\/|\*\*|[^]/g) ?? [];
  let places = closed(new Set([0]), tokens);
  for (const letter of path) {
    // What is left lies in a folder that fits as a whole.
    if (letter === '/' && places.has(tokens.length)) return true;
    const moved = new Set<number>();
    const inFolders: number[] = [];
    for (const place of places) {
      const token = tokens[place];
      if (token === '**/') inFolders.push(place);
      else if (token === '**' || (token === '*' && letter !== '/')) moved.add(place);
      else if (token === letter || (token === '?' && letter !== '/')) moved.add(place + 1);
      // `**/` is done at the end of a folder's name.
      if (token === '**/' && letter === '/') moved.add(place + 1);
    }
    places = closed(moved, tokens);
    for (const place of inFolders) places.add(place);
  }
  return places.has(tokens.length);
}

/** With the places behind a star that stands for nothing. */
function closed(places: Set<number>, tokens: readonly string[]): Set<number> {
  for (const place of places) {
    const token = tokens[place];
    if (token === '*' || token === '**') places.add(place + 1);
    // `**/` stands for nothing only where a name begins.
    if (token === '**/' && (place === 0 || tokens[place - 1] === '/' || tokens[place - 1] === '**/'))
      places.add(place + 1);
  }
  return places;
}
