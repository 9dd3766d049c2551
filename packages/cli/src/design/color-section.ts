import type { DesignFindings } from "@stablehand/contract";
import { hexColor } from "./css-value.ts";
import { type Html, html } from "./html.ts";
import { section } from "./report-section.ts";

type Colors = DesignFindings["colors"];
type Color = Colors["colors"][number];
type Pair = Colors["contrastIssues"][number];

const roles = ["primary", "background", "text", "neutral", "success", "warning", "error"] as const;
const pairsShown = 24;

/** The palette by role, the same under the other scheme, and the contrast of every pair that the page paints. */
export function colorSection({ colors, contrastIssues, otherScheme }: Colors): Html[] {
  const failing = contrastIssues.filter((pair) => !pair.passesAA);
  const pairs = [...failing, ...contrastIssues.filter((pair) => pair.passesAA)];
  const more = pairs.slice(pairsShown);
  return [
    section("colors", "Palette", count(colors.length, "colour"), [strip(colors), palette(colors)]),
    otherScheme &&
      section("scheme", `Palette, ${otherScheme.scheme}`, count(otherScheme.colors.length, "colour"), [
        strip(otherScheme.colors),
        palette(otherScheme.colors),
      ]),
    pairs.length > 0 &&
      section("contrast", "Contrast", `${failing.length} of ${count(pairs.length, "pair")} below AA`, [
        html`<div class="pairs">${pairs.slice(0, pairsShown).map(pairCard)}</div>`,
        more.length > 0 &&
          html`<details><summary>${more.length} more</summary><div class="pairs">${more.map(pairCard)}</div></details>`,
      ]),
  ].filter((part) => part !== undefined && part !== false);
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** Every colour at once, the broader the more often it is painted. */
function strip(colors: readonly Color[]): Html {
  const parts = colors.map(({ hex, count: times }) => {
    const color = hexColor(hex);
    return color && html`<i style="background:${color};flex-grow:${Math.max(1, Math.round(Math.sqrt(times)))}"></i>`;
  });
  return html`<div class="strip" aria-hidden="true">${parts}</div>`;
}

function palette(colors: readonly Color[]): Html[] {
  return roles.flatMap((role) => {
    const own = colors.filter((color) => color.role === role);
    return own.length > 0
      ? [html`<div class="role"><h3>${role}</h3><ul class="swatches">${own.map(swatch)}</ul></div>`]
      : [];
  });
}

function swatch({ hex, rgb, count: times }: Color): Html {
  const color = hexColor(hex);
  return html`<li class="swatch"><span class="paint"${color && html` style="--paint:${color}"`}></span>
    <code>${hex}</code><small>${rgb}</small><small>× ${times}</small></li>`;
}

function pairCard({ fg, bg, ratio, passesAA, passesAAA }: Pair): Html {
  const text = hexColor(fg);
  const background = hexColor(bg);
  const style = text && background && html` style="color:${text};background:${background}"`;
  return html`<figure class="pair"><div class="sample"${style}>Ag</div>
    <figcaption><b>${ratio.toFixed(2)}</b> : 1<span class="grades">${grade("AA", passesAA)}${grade("AAA", passesAAA)}</span>
    <small>${fg} on ${bg}</small></figcaption></figure>`;
}

function grade(name: string, passes: boolean): Html {
  return html`<span class="${passes ? "pass" : "fail"}">${name} ${passes ? "✓" : "✗"}</span>`;
}
