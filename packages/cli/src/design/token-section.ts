import type { DesignFindings } from "@stablehand/contract";
import { cssValue } from "./css-value.ts";
import { type Html, html } from "./html.ts";
import { section } from "./report-section.ts";

type Tokens = DesignFindings["tokens"]["tokens"];

const pixelsShownMax = 4_096;
const durationShownMaxMs = 60_000;

/** The scales of spacing and radius, shadows, gradients, motion, custom properties, and the tokens as a whole. */
export function tokenSections({ tokens }: DesignFindings["tokens"]): Html[] {
  const { spacing, radii, shadows, gradients, motionDurationsMs, cssVariables, dtcg } = tokens;
  return [
    section("spacing", "Spacing", `${spacing.length} steps`, html`<ol class="spacing">${spacing.map(step)}</ol>`),
    section("radii", "Radius", `${radii.length} steps`, html`<ul class="tiles">${radii.map(corner)}</ul>`),
    section("shadows", "Shadows", String(shadows.length), html`<ul class="tiles wide">${shadows.map(shadow)}</ul>`),
    section(
      "gradients",
      "Gradients",
      String(gradients.length),
      html`<ul class="tiles wide">${gradients.map(gradient)}</ul>`,
    ),
    section(
      "motion",
      "Motion",
      `${motionDurationsMs.length} durations`,
      html`<ol class="motion">${motionDurationsMs.map(motion)}</ol>`,
    ),
    section("variables", "Custom properties", String(cssVariables.length), variables(cssVariables)),
    section(
      "dtcg",
      "Design tokens",
      "W3C format",
      html`<details><summary>JSON</summary><pre>${JSON.stringify(dtcg, null, 2)}</pre></details>`,
    ),
  ];
}

function step(pixels: number): Html {
  return html`<li><code>${pixels}</code><i style="width:${clamp(pixels, pixelsShownMax)}px"></i></li>`;
}

function corner(pixels: number): Html {
  return html`<li><i class="corner" style="border-radius:${clamp(pixels, pixelsShownMax)}px"></i><code>${pixels}</code></li>`;
}

function shadow(value: string): Html {
  const safe = cssValue(value);
  return html`<li><i class="shadow"${safe && html` style="box-shadow:${safe}"`}></i><code>${value}</code></li>`;
}

function gradient(value: string): Html {
  const safe = cssValue(value);
  return html`<li><i class="gradient"${safe && html` style="background:${safe}"`}></i><code>${value}</code></li>`;
}

function motion(ms: number): Html {
  return html`<li><code>${ms} ms</code><span class="track"><i style="animation-duration:${clamp(ms, durationShownMaxMs) + 600}ms"></i></span></li>`;
}

function variables(list: Tokens["cssVariables"]): Html | null {
  if (list.length === 0) return null;
  const hasDark = list.some(({ dark }) => dark !== undefined);
  const rows = list.map(
    ({ name, value, dark }) =>
      html`<tr><th scope="row"><code>${name}</code></th><td>${valueCell(value)}</td>${hasDark && html`<td>${dark !== undefined && valueCell(dark)}</td>`}</tr>`,
  );
  return html`<div class="scroll"><table><thead><tr><th scope="col">name</th><th scope="col">value</th>${hasDark && html`<th scope="col">dark</th>`}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

const colorful = /^(#|(rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\()/i;

function valueCell(value: string): Html {
  const safe = colorful.test(value) && cssValue(value);
  return html`${safe && html`<i class="chip" style="background:${safe}"></i>`}<code>${value}</code>`;
}

function clamp(value: number, max: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(value, 0), max) : 0;
}
