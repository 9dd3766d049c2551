const functions = new Set(
  [
    "rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix light-dark",
    "linear-gradient radial-gradient conic-gradient",
    "repeating-linear-gradient repeating-radial-gradient repeating-conic-gradient",
    "calc min max clamp",
  ].flatMap((names) => names.split(" ")),
);

/** No quote, colon, semicolon, brace, backslash or angle bracket: it can end neither its declaration nor its attribute. */
const harmless = /^[\w\s#%.,()/+*-]{1,4000}$/;

/**
 * A page's own CSS value, when it may stand in the report's `style`; null otherwise.
 *
 * It paints and computes only: whatever could fetch something, such as `url()`, is not among the functions it may use.
 */
export function cssValue(text: string): string | null {
  if (!harmless.test(text) || !isBalanced(text)) return null;
  const used = [...text.matchAll(/([\w-]*)\(/g)].map(([, name = ""]) => name.toLowerCase());
  return used.every((name) => name === "" || functions.has(name)) ? text : null;
}

/** A page's colour in hexadecimal, or null. */
export function hexColor(text: string): string | null {
  return /^#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.test(text) ? text : null;
}

/** A page's font family as a CSS string, with what could end the string left out. */
export function familyString(family: string): string {
  return `'${family.replace(/[^\p{L}\p{N} ._-]/gu, "").slice(0, 100)}'`;
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === "(") depth++;
    if (character === ")" && --depth < 0) return false;
  }
  return depth === 0;
}
