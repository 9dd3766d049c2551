/** Numbers from 0 to 1 that depend on the seed alone, and choices made with them. */
export interface Random {
  next(): number;
  /** A whole number below `limit`. */
  below(limit: number): number;
  /** One of a list that is not empty. */
  pick<One>(list: readonly One[]): One;
  chance(share: number): boolean;
}

/** Starts a sequence (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    pick: <One>(list: readonly One[]) => list[below(list.length)] as One, // there is one
    chance: (share) => next() < share,
  };
}
