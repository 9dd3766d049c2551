import type { ComputedStyle } from "./snapshot.ts";

const margins = ["margin-top", "margin-right", "margin-bottom", "margin-left"] as const;
const paddings = ["padding-top", "padding-right", "padding-bottom", "padding-left"] as const;
const gaps = ["row-gap", "column-gap"] as const;

/** The margins, paddings and gaps of an element, or of a pseudo-element, that are above zero: property and computed value. */
export function spacingIn(style: ComputedStyle, isPseudo: boolean): (readonly [property: string, value: string])[] {
  const hasGaps = /flex|grid/.test(style.display);
  // Of a pseudo-element nothing tells an automatic margin from a length.
  const properties = [...(isPseudo ? [] : margins), ...paddings, ...(hasGaps ? gaps : [])];
  return properties.flatMap((property) => {
    const value = style[property];
    return value.endsWith("px") && Number.parseFloat(value) > 0 ? [[property, value] as const] : [];
  });
}
