import type { DesignFindings } from "@stablehand/contract";
import type { Backdrops } from "./backdrops.ts";
import { contrastOf, hexOf, parseColor } from "./color-values.ts";
import { textColorOf } from "./painted-colors.ts";
import { shownOf } from "./shown-elements.ts";
import { type ComputedStyle, type PageSnapshot, type SnapshotElement, styleOf } from "./snapshot.ts";

type ContrastIssue = DesignFindings["colors"]["contrastIssues"][number];

const needed = {
  normal: { AA: 4.5, AAA: 7 },
  large: { AA: 3, AAA: 4.5 },
} as const;

/**
 * Lists every pair of text and background that is painted on the page, with its contrast by WCAG 2.2, lowest first.
 *
 * Every run of text that is seen is measured on what is painted under it. Left out, as in WCAG: disabled controls, and
 * symbols of icon fonts. Over a gradient the best of its colours counts, so that what fails does so everywhere; over a
 * picture nothing can be said. A pair that is used for large and for other text is judged as other text.
 */
export function contrastIssuesOf(view: PageSnapshot, backdrops: Backdrops): ContrastIssue[] {
  const issues = new Map<string, ContrastIssue>();
  const disabled: boolean[] = [];
  view.elements.forEach((element, nth) => {
    disabled.push(isDisabled(element) || (disabled[element.parent] ?? false));
    const style = styleOf(view, element);
    if (element.texts.length === 0 || !style || disabled[nth] || !shownOf(view, nth)) return;
    const color =
      element.tag === "text" || element.tag === "tspan" ? parseColor(style.fill) : textColorOf(style, element.texts[0]);
    if (!color || color.alpha === 0) return;
    const size = isLarge(style) ? "large" : "normal";
    for (const { text, line } of element.texts) {
      if (!/[^\s\p{Co}]/u.test(text)) continue;
      const [x, y, width, height] = line;
      const pairs = backdrops.under(nth, [x + width / 2, y + height / 2], color);
      if (!pairs) continue;
      const judged = pairs.map(({ ink, ground }) => judge(hexOf(ink), hexOf(ground), size));
      const best = judged.reduce((a, b) => (b.exact > a.exact ? b : a));
      const { exact: _, ...issue } = best;
      const key = `${issue.fg} ${issue.bg}`;
      if (size === "normal" || !issues.has(key)) issues.set(key, issue);
    }
  });
  return [...issues.values()].sort((a, b) => a.ratio - b.ratio || order(a.fg + a.bg, b.fg + b.bg));
}

function judge(fg: string, bg: string, size: keyof typeof needed): ContrastIssue & { readonly exact: number } {
  const [upper, lower] = [parseColor(fg), parseColor(bg)];
  const exact = upper && lower ? contrastOf(upper, lower) : 1;
  const { AA, AAA } = needed[size];
  // Rounded down: 4.499 must not look as if it passed.
  return { fg, bg, ratio: Math.floor(exact * 100) / 100, passesAA: exact >= AA, passesAAA: exact >= AAA, exact };
}

/** 18 points, or 14 when bold. */
function isLarge(style: ComputedStyle): boolean {
  const size = Number.parseFloat(style["font-size"]);
  return size >= 24 || (size >= 18.66 && Number(style["font-weight"]) >= 700);
}

function isDisabled({ attributes }: SnapshotElement): boolean {
  return attributes["disabled"] !== undefined || attributes["aria-disabled"] === "true";
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
