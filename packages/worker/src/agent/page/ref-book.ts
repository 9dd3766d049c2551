import type { ElementPlace, PageLine } from "./page-snapshot.ts";

/** Which number the model knows an element by. */
export interface RefBook {
  /** The line as the model reads it; its elements get numbers when they have none yet. */
  write(line: PageLine): string;
  /** Null when no such number was ever given out. */
  find(ref: number): ElementPlace | null;
}

/** Starts at 1 and never gives a number twice, so that a ref of an earlier page cannot hit an element of a later one. */
export function createRefBook(): RefBook {
  const places: ElementPlace[] = [];
  const refs = new Map<string, number>();

  function refOf(place: ElementPlace): number {
    const key = keyOf(place);
    const known = refs.get(key);
    if (known !== undefined) return known;
    const ref = places.push(place);
    refs.set(key, ref);
    return ref;
  }

  return {
    write({ text, elements }) {
      let next = 0;
      return text.replaceAll("\uE001", () => {
        const place = elements[next++];
        return place ? `[${refOf(place)}]` : "";
      });
    },
    find: (ref) => places[ref - 1] ?? null,
  };
}

/** The same for the same element of the same document, whatever was read in between. */
export function keyOf({ world, index }: ElementPlace): string {
  return `${world.identity}/${index}`;
}
