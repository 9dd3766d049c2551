/** A stream of choices that is the same on every run and machine for the same seed. */
export interface Random {
  /** From 0 inclusive to 1 exclusive. */
  next(): number;
  /** Both ends inclusive. */
  integer(from: number, to: number): number;
  /** Throws when there is none. */
  pick<Item>(items: readonly Item[]): Item;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** Letters and digits, as in identifiers that servers put into addresses. */
  token(length: number): string;
}

/** Mulberry32: 32 bits of state are enough to lay out a page or to choose what is tried. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const integer = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    integer,
    pick(items) {
      const [item] = items.slice(integer(0, items.length - 1));
      if (item === undefined) throw new Error("there is nothing to choose from");
      return item;
    },
    chance: (probability) => next() < probability,
    token: (length) => Array.from({ length }, () => alphabet[integer(0, alphabet.length - 1)]).join(""),
  };
}

const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
