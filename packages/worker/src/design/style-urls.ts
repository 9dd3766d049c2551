import { parse, walk } from "css-tree";
import type { ComputedStyle, StyleProperty } from "./snapshot.ts";

/** The properties that may show a picture. */
export const pictureProperties = [
  "background-image",
  "border-image-source",
  "list-style-image",
  "content",
  "mask-image",
] as const satisfies readonly StyleProperty[];

const known = new WeakMap<ComputedStyle, readonly string[]>();

/** The addresses of the pictures that a computed style shows, absolute, each once. */
export function urlsIn(style: ComputedStyle): readonly string[] {
  const before = known.get(style);
  if (before) return before;
  const urls = [...new Set(pictureProperties.flatMap((property) => urlsOf(style[property])))];
  known.set(style, urls);
  return urls;
}

/** The addresses in a CSS value, in their order. Fragments of the document itself are none. */
function urlsOf(value: string): string[] {
  if (!value.includes("url(")) return [];
  const urls: string[] = [];
  walk(parse(value, { context: "value" }), (node) => {
    if (node.type === "Url" && !node.value.startsWith("#")) urls.push(node.value);
  });
  return urls;
}

/** The gradients in a computed `background-image` or the like, each as CSS. */
export function gradientsOf(value: string): string[] {
  if (!value.includes("gradient(")) return [];
  const gradients: string[] = [];
  walk(parse(value, { context: "value", positions: true }), {
    visit: "Function",
    enter({ name, loc }) {
      if (loc && /^(-webkit-)?(repeating-)?(linear|radial|conic)-gradient$/.test(name))
        gradients.push(value.slice(loc.start.offset, loc.end.offset));
    },
  });
  return gradients;
}
