import type { CollectedElements } from "./collect-elements.ts";
import type { DesignWorld } from "./design-world.ts";
import type { Witness } from "./in-page.ts";
import { styleOf } from "./snapshot.ts";
import { spacingIn } from "./spacing-values.ts";

/** So many elements are asked first: nearly always one of them has the value as a length. */
const firstMax = 8;

/**
 * Tells which margins, paddings and gaps are no lengths anywhere: percentages and `auto` are pixels in computed styles.
 *
 * Asking every element for every property would take longer than the whole snapshot, so it is asked by value.
 */
export async function collectFluidLengths(world: DesignWorld, collected: CollectedElements): Promise<string[]> {
  const witnesses = new Map<string, Witness[]>();
  const lengths = new Set<string>();
  collected.elements.forEach((element, nth) => {
    const style = styleOf(collected, element);
    const place = collected.places[nth];
    if (!style) return;
    for (const [property, value] of spacingIn(style, element.tag.startsWith("::"))) {
      if (!place) lengths.add(value);
      else {
        const all = witnesses.get(value) ?? [];
        witnesses.set(value, all);
        all.push([...place, property]);
      }
    }
  });
  for (const range of [[0, firstMax], [firstMax]] as const) {
    const open = [...witnesses].filter(([value, all]) => !lengths.has(value) && all.length > range[0]);
    const asked = open.map(([, all]) => all.slice(...range));
    const answers = asked.length > 0 ? await world.call("findLengths", asked) : [];
    for (const [nth, [value]] of open.entries()) if (answers[nth]) lengths.add(value);
  }
  return [...witnesses.keys()].filter((value) => !lengths.has(value));
}
