import { RULES } from './registry.ts';

/** For each of squawk's rules, the ids of those that stand for it here: by `alsoKnownAs`. */
export const SQUAWK_RULES: ReadonlyMap<string, ReadonlySet<string>> = squawkRules();

function squawkRules(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { id, meta } of RULES) {
    const names = meta.alsoKnownAs['squawk'] ?? [];
    for (const name of typeof names === 'string' ? [names] : names) {
      const ids = found.get(name);
      if (ids) ids.add(id);
      else found.set(name, new Set([id]));
    }
  }
  return found;
}
