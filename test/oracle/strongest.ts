import { lockStrength } from '../../src/core/effects/effect.ts';
import type { ObservedEffect } from './observe.ts';

/** Both observations together: per relation the stronger lock and all the work. */
export function strongest(a: readonly ObservedEffect[], b: readonly ObservedEffect[]): readonly ObservedEffect[] {
  const all = new Map(a.map((effect) => [effect.relation, effect]));
  for (const effect of b) {
    const other = all.get(effect.relation);
    if (other === undefined) {
      all.set(effect.relation, effect);
      continue;
    }
    const lock = lockStrength(effect.lock) > lockStrength(other.lock) ? effect.lock : other.lock;
    all.set(effect.relation, {
      ...other,
      lock,
      work: [...new Set([...other.work, ...effect.work])],
      indexRead: other.indexRead || effect.indexRead,
    });
  }
  return [...all.values()].sort((x, y) => (x.relation < y.relation ? -1 : 1));
}
