import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatHex } from "culori";
import type {
  ContrastTruth,
  DesignTruth,
  RoleTruth,
  TruthFile,
  TruthPage,
} from "../../tests/support/design-truth/design-truth.ts";
import {
  type Published,
  pixelsOf,
  propertyTruths,
  resolvedIn,
  rootPropertiesIn,
  variablesIn,
} from "./design-published.ts";
import { installPeer } from "./token-peer.ts";

/** A package of the registry whose published tokens are the truth of a page that is built with it. */
interface RealDesign {
  readonly name: string;
  readonly version: string;
  /** Its built style sheets, which the page loads as they are. */
  readonly sheets: readonly string[];
  /** Its source of variables; none where its custom properties are the source. */
  readonly variables: readonly string[];
  /** What leads to the root's custom properties in its sheets. */
  readonly light: readonly string[];
  readonly dark: readonly string[];
  readonly html?: string;
  readonly remPixels?: number;
  /** Declarations that show tokens on the body itself, for a package that leaves it alone. */
  readonly body?: string;
  /** The tokens of its text and of what that stands on, where every block of the page leaves the text's colour alone. */
  readonly contrast?: { readonly text: string; readonly ground: string };
  /** What its published colours are for, by their names there. */
  readonly roles: Readonly<Record<string, RoleTruth["role"]>>;
  /** What the page shows: a token, and the package's own class or property that shows it. */
  readonly uses: readonly Use[];
}

interface Use {
  readonly as: "colors" | "spacing" | "radii" | "shadows" | "gradients" | "motionMs";
  readonly token: string;
  /** A class of the package, or a declaration with one of its properties; empty where the body itself shows it. */
  readonly by: string;
}

const use = (as: Use["as"]) => (pairs: Readonly<Record<string, string>>) =>
  Object.entries(pairs).map(([token, by]): Use => ({ as, token, by }));
const colors = use("colors");
const spacing = use("spacing");
const radii = use("radii");
const shadows = use("shadows");

const byProperty = (make: ReturnType<typeof use>, declaration: string, names: readonly string[]) =>
  make(Object.fromEntries(names.map((name) => [name, `${declaration}: var(${name})`])));

const realDesigns: readonly RealDesign[] = [
  {
    name: "bootstrap",
    version: "5.3.9",
    sheets: ["dist/css/bootstrap.css"],
    variables: ["scss/_variables.scss"],
    light: [":root"],
    dark: ["[data-bs-theme=dark]"],
    contrast: { text: "$gray-900", ground: "$white" },
    roles: {
      $blue: "primary",
      $green: "success",
      $yellow: "warning",
      $red: "error",
      "$gray-900": "text",
      $white: "background",
    },
    uses: [
      ...colors({ $blue: "bg-primary", "$gray-600": "bg-secondary", $green: "bg-success", $cyan: "bg-info" }),
      ...colors({ $yellow: "bg-warning", $red: "bg-danger", "$gray-900": "", $white: "" }),
      ...spacing({
        "$spacer * .25": "p-1",
        "$spacer * .5": "p-2",
        $spacer: "p-3",
        "$spacer * 1.5": "p-4",
        "$spacer * 3": "p-5",
      }),
      ...radii({ "$border-radius-sm": "rounded-1", "$border-radius": "rounded-2", "$border-radius-lg": "rounded-3" }),
      ...radii({
        "$border-radius-xl": "rounded-4",
        "$border-radius-xxl": "rounded-5",
        "$border-radius-pill": "rounded-pill",
      }),
      ...shadows({ "$box-shadow-sm": "shadow-sm", "$box-shadow": "shadow", "$box-shadow-lg": "shadow-lg" }),
    ],
  },
  {
    name: "bulma",
    version: "1.0.4",
    sheets: ["css/bulma.css"],
    variables: ["sass/utilities/initial-variables.scss", "sass/helpers/spacing.scss"],
    light: [":root"],
    dark: ["[data-theme=dark]", ".theme-dark"],
    contrast: { text: "$grey-dark", ground: "$white" },
    roles: {
      $turquoise: "primary",
      $green: "success",
      $yellow: "warning",
      $red: "error",
      "$grey-dark": "text",
      $white: "background",
    },
    uses: [
      ...colors({ $turquoise: "has-background-primary", $blue: "has-background-link", $cyan: "has-background-info" }),
      ...colors({ $green: "has-background-success", $yellow: "has-background-warning", $red: "has-background-danger" }),
      ...colors({ $white: "", "$grey-dark": "" }),
      ...spacing({ "1": "p-1", "2": "p-2", "3": "p-3", "4": "p-4", "5": "p-5", "6": "p-6" }),
    ],
  },
  {
    name: "open-props",
    version: "1.7.23",
    sheets: ["open-props.min.css"],
    variables: [],
    light: [":where(html)"],
    dark: [],
    body: "background: var(--gray-0); color: var(--gray-12)",
    contrast: { text: "--gray-12", ground: "--gray-0" },
    roles: { "--gray-0": "background", "--gray-12": "text" },
    uses: [
      ...colors({ "--gray-0": "", "--gray-12": "" }),
      ...byProperty(colors, "background-color", [
        "--blue-6",
        "--red-6",
        "--green-6",
        "--yellow-4",
        "--violet-7",
        "--teal-3",
        "--gray-8",
      ]),
      ...byProperty(spacing, "padding", ["--size-1", "--size-2", "--size-3", "--size-5", "--size-7", "--size-9"]),
      ...byProperty(radii, "border-radius", ["--radius-1", "--radius-2", "--radius-3", "--radius-4"]),
      ...byProperty(shadows, "box-shadow", ["--shadow-1", "--shadow-2", "--shadow-3", "--inner-shadow-1"]),
    ],
  },
  {
    name: "@primer/primitives",
    version: "11.10.0",
    sheets: [
      "dist/css/base/size/size.css",
      "dist/css/functional/size/radius.css",
      "dist/css/functional/themes/light.css",
      "dist/css/functional/themes/dark.css",
    ],
    variables: [],
    light: [":root", '[data-color-mode="light"][data-light-theme="light"]'],
    dark: ['[data-color-mode="dark"][data-dark-theme="dark"]'],
    html: 'data-color-mode="light" data-light-theme="light" data-dark-theme="dark"',
    body: "background: var(--bgColor-default); color: var(--fgColor-default)",
    contrast: { text: "--fgColor-default", ground: "--bgColor-default" },
    roles: {
      "--bgColor-default": "background",
      "--fgColor-default": "text",
      "--bgColor-accent-emphasis": "primary",
      "--bgColor-success-emphasis": "success",
      "--bgColor-attention-emphasis": "warning",
      "--bgColor-danger-emphasis": "error",
    },
    uses: [
      ...colors({ "--bgColor-default": "", "--fgColor-default": "" }),
      ...byProperty(colors, "background-color", [
        "--bgColor-success-emphasis",
        "--bgColor-accent-emphasis",
        "--bgColor-attention-emphasis",
        "--bgColor-danger-emphasis",
        "--bgColor-done-emphasis",
        "--bgColor-neutral-emphasis",
        "--bgColor-sponsors-emphasis",
      ]),
      ...byProperty(spacing, "padding", [
        "--base-size-4",
        "--base-size-6",
        "--base-size-12",
        "--base-size-28",
        "--base-size-112",
      ]),
      ...byProperty(radii, "border-radius", ["--borderRadius-small", "--borderRadius-medium", "--borderRadius-large"]),
      ...byProperty(shadows, "box-shadow", [
        "--shadow-resting-medium",
        "--shadow-floating-medium",
        "--shadow-resting-xsmall",
      ]),
    ],
  },
  {
    name: "uikit",
    version: "3.25.29",
    sheets: ["dist/css/uikit.css"],
    variables: [
      "src/less/components/variables.less",
      "src/less/components/utility.less",
      "src/less/components/padding.less",
    ],
    light: [":root"],
    dark: [],
    contrast: { text: "@global-color", ground: "@global-background" },
    roles: {
      "@global-primary-background": "primary",
      "@global-background": "background",
      "@global-color": "text",
    },
    uses: [
      ...colors({
        "@global-primary-background": "uk-background-primary",
        "@global-muted-background": "uk-background-muted",
      }),
      ...colors({
        "@global-secondary-background": "uk-background-secondary",
        "@global-background": "",
        "@global-color": "",
      }),
      ...spacing({
        "@padding-padding-l": "uk-padding",
        "@padding-small-padding": "uk-padding-small",
        "@padding-large-padding-l": "uk-padding-large",
      }),
      ...radii({ "@border-rounded-border-radius": "uk-border-rounded" }),
      ...shadows({
        "@global-small-box-shadow": "uk-box-shadow-small",
        "@global-medium-box-shadow": "uk-box-shadow-medium",
      }),
      ...shadows({
        "@global-large-box-shadow": "uk-box-shadow-large",
        "@global-xlarge-box-shadow": "uk-box-shadow-xlarge",
      }),
    ],
  },
  {
    name: "spectre.css",
    version: "0.5.9",
    sheets: ["dist/spectre.css"],
    variables: ["src/_variables.scss"],
    light: [":root"],
    dark: [],
    remPixels: 20,
    roles: {
      "$primary-color": "primary",
      "$success-color": "success",
      "$warning-color": "warning",
      "$error-color": "error",
      "$light-color": "background",
      "$body-font-color": "text",
    },
    uses: [
      ...colors({ "$primary-color": "bg-primary", "$success-color": "bg-success", "$warning-color": "bg-warning" }),
      ...colors({ "$error-color": "bg-error", "$dark-color": "bg-dark", "$light-color": "", "$body-font-color": "" }),
      ...spacing({ "$unit-1": "p-1", "$unit-2": "p-2" }),
      ...radii({ "$border-radius": "s-rounded" }),
    ],
  },
];

/** The pages, built from the packages as npm delivers them now; nothing of them stays installed. */
export async function realPages(): Promise<TruthPage[]> {
  const pages: TruthPage[] = [];
  for (const design of realDesigns) {
    const peer = await installPeer(design.name, design.version);
    try {
      pages.push(realPage(design, (path) => readFileSync(join(peer.directory, path), "utf8")));
    } finally {
      await peer.remove();
    }
  }
  return pages;
}

function realPage(design: RealDesign, read: (path: string) => string): TruthPage {
  const name = design.name.replaceAll(/[^a-z]+/g, "-").replace(/^-/, "");
  const url = `http://${name}.example/`;
  const remPixels = design.remPixels ?? 16;
  const files = new Map<string, TruthFile>();
  const css = design.sheets.map(read);
  for (const [nth, text] of css.entries())
    files.set(new URL(`/${nth}.css`, url).href, { type: "text/css", body: text });
  const { light, dark } = rootPropertiesIn(css.join("\n"), design.light, design.dark);
  const published: Published = new Map([...light, ...design.variables.flatMap((path) => [...variablesIn(read(path))])]);

  const blocks = design.uses.map(({ by }) => {
    if (by === "") return "";
    return by.includes(":") ? `<div style="${by}">A word or two</div>` : `<div class="${by}">A word or two</div>`;
  });
  const links = css.map((_, nth) => `<link rel="stylesheet" href="/${nth}.css">`).join("");
  const body = `<!doctype html><html lang="en" ${design.html ?? ""}><head><meta charset="utf-8"><title>${name}</title>${links}
<style>body { margin: 0; padding: 0; ${design.body ?? ""} }</style></head><body>${blocks.join("\n")}</body></html>`;
  files.set(url, { type: "text/html; charset=utf-8", body });

  const readToken = (token: string) => {
    const value = resolvedIn(published, published.get(token) ?? token);
    if (value === null || value === token) throw new Error(`${design.name} ${design.version} publishes no ${token}`);
    return value;
  };
  const hexOf = (token: string) => formatHex(readToken(token)) ?? "";
  const shown = (as: Use["as"]) => design.uses.filter((one) => one.as === as).map(({ token }) => readToken(token));
  const lengths = (as: Use["as"]) => shown(as).map((value) => pixelsOf(value, remPixels) ?? Number.NaN);
  const has = (as: Use["as"]) => design.uses.some((one) => one.as === as);
  const truth: Partial<DesignTruth> = {
    colors: shown("colors"),
    roles: Object.entries(design.roles).map(([token, role]) => ({ hex: hexOf(token), role })),
    ...(design.contrast && { contrast: contrastTruths(design, design.contrast, hexOf) }),
    spacing: lengths("spacing"),
    ...(has("radii") && { radii: lengths("radii") }),
    ...(has("shadows") && { shadows: shown("shadows").map((text) => inPixels(text, remPixels)) }),
    ...(has("gradients") && { gradients: shown("gradients") }),
    properties: propertyTruths(light, dark),
    images: [],
    logo: { kind: "none" },
  };
  return { name, url, files, truth };
}

function contrastTruths(
  { uses }: RealDesign,
  { text, ground }: { readonly text: string; readonly ground: string },
  hexOf: (token: string) => string,
): ContrastTruth[] {
  const grounds = uses.filter(({ as, by }) => as === "colors" && by !== "").map(({ token }) => token);
  return [ground, ...grounds].map((token) => ({ fg: hexOf(text), bg: hexOf(token), isLarge: false }));
}

function inPixels(text: string, remPixels: number): string {
  return text.replaceAll(/(?<![\w#])([\d.]+)rem\b/g, (_whole, number: string) => `${Number(number) * remPixels}px`);
}
