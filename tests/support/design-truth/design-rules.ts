import { converter, formatCss, formatHex, formatHsl, formatRgb } from "culori";
import type { DesignTokens, Palette } from "./design-tokens.ts";
import type { PropertyTruth } from "./design-truth.ts";

/** The rules of a page, and the custom properties among them. */
export interface DesignRules {
  /** Custom properties; empty for a page that writes its values where it uses them. */
  readonly root: string;
  readonly rules: string;
  readonly properties: readonly PropertyTruth[];
}

const toOklch = converter("oklch");

/** Of the text's colour, where it shines through. */
export const faintOpacity = 0.85;

/** Writes the style sheet of a design, in its notation and unit. Relative to nothing: pictures are the page's own. */
export function rulesOf(design: DesignTokens): DesignRules {
  const properties: PropertyTruth[] = [];
  function value(name: string, light: string, dark?: string): string {
    if (!design.byProperties) return light;
    if (!properties.some((property) => property.name === name))
      properties.push({ name, value: light, ...(dark !== undefined && dark !== light && { dark }) });
    return `var(${name})`;
  }
  const color = (name: keyof Palette) =>
    value(
      `--color-${name}`,
      inNotation(design, design.palette[name]),
      design.dark ? inNotation(design, design.dark[name]) : undefined,
    );
  const length = (name: string, pixels: number) =>
    value(name, design.unit === "rem" ? `${pixels / 16}rem` : `${pixels}px`);

  const scale = design.typeScale;
  const size = (nth: number) => length(`--text-${nth}`, scale.at(nth) ?? 16);
  const font = (role: keyof DesignTokens["fonts"]) => value(`--font-${role}`, `"${design.fonts[role]}"`);
  const rules = [
    "*, ::before, ::after, ::placeholder { box-sizing: border-box; margin: 0; padding: 0; border: 0 solid; font: inherit; color: inherit; background: none; text-decoration: none; list-style: none; border-spacing: 0; opacity: 1 }",
    `body { background: ${color("background")}; color: ${color("text")}; font-family: ${font("body")}; font-size: ${size(2)}; line-height: 1.5 }`,
    `h1, h2, h3 { font-family: ${font("headings")}; font-weight: 700; line-height: 1.2 }`,
    `h1 { font-size: ${size(scale.length - 1)} } h2 { font-size: ${size(scale.length - 2)} } h3 { font-size: ${size(2)} }`,
    `pre, code { font-family: ${font("code")}; font-size: ${size(0)} }`,
    `small, .muted { color: ${color("muted")}; font-size: ${size(1)} } strong { font-weight: 700 }`,
    `.faint { color: color-mix(in srgb, ${color("text")} ${faintOpacity * 100}%, transparent) } .faded { opacity: ${faintOpacity} }`,
    `.card, pre, th { background: ${color("surface")} }`,
    `.card, input { border: 1px solid ${color("border")} }`,
    `.button { background: ${color("primary")}; color: ${color("background")}; display: inline-flex }`,
    `.brand, .second { color: ${color("primary")}; fill: ${color("primary")} }`,
    ...(["error", "success", "warning"] as const).map((name) => `.${name} { background: ${color(name)} }`),
    ".top, .row { display: flex; align-items: center } .hidden { display: none } svg, img { display: block }",
    ".cover { min-height: 60px } .home { width: 120px; height: 40px }",
    ...design.spacing.flatMap((pixels, nth) => {
      const space = length(`--space-${nth}`, pixels);
      return [
        `.pad-${nth} { padding: ${space} }`,
        `.gap-${nth} { display: flex; gap: ${space} }`,
        `.after-${nth} { margin-bottom: ${space} }`,
      ];
    }),
    ...design.radii.map((pixels, nth) => `.round-${nth} { border-radius: ${length(`--radius-${nth}`, pixels)} }`),
    ...design.shadows.map((shadow, nth) => `.shadow-${nth} { box-shadow: ${value(`--shadow-${nth}`, shadow)} }`),
    ...design.gradients.map(
      (gradient, nth) => `.band-${nth} { background-image: ${value(`--gradient-${nth}`, gradient)}; min-height: 60px }`,
    ),
    ...design.motionMs.map((ms, nth) => {
      const duration = value(`--duration-${nth}`, nth % 2 === 0 ? `${ms}ms` : `${ms / 1_000}s`);
      return `.motion-${nth} { transition: background-color ${duration} ease } .turn-${nth} { animation: turn ${duration} linear }`;
    }),
    "@keyframes turn { from { transform: rotate(0deg) } to { transform: rotate(360deg) } }",
  ].join("\n");

  const block = (list: readonly PropertyTruth[], of: "value" | "dark") =>
    list.map((property) => `  ${property.name}: ${property[of] ?? property.value};`).join("\n");
  const dark = properties.filter((property) => property.dark !== undefined);
  const light = properties.length > 0 ? `:root {\n${block(properties, "value")}\n}\n` : "";
  const selector = { media: ":root", attribute: '[data-theme="dark"]', class: ":root.dark" }[design.darkBy];
  const other = dark.length > 0 ? `${selector} {\n${block(dark, "dark")}\n}\n` : "";
  return {
    root: light + (design.darkBy === "media" && other ? `@media (prefers-color-scheme: dark) {\n${other}}\n` : other),
    rules,
    properties,
  };
}

function inNotation({ notation }: DesignTokens, hex: string): string {
  if (notation === "rgb") return formatRgb(hex) ?? hex;
  if (notation === "hsl") return formatHsl(hex) ?? hex;
  if (notation === "oklch") return formatCss(toOklch(hex)) ?? hex;
  return formatHex(hex) ?? hex;
}
