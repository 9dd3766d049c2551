import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type IconName, iconMarkup, iconShapes, iconSymbol, pngOf } from "./design-pictures.ts";
import { faintOpacity, rulesOf } from "./design-rules.ts";
import { colorNames, type DesignTokens, type FontName } from "./design-tokens.ts";
import type {
  ContrastTruth,
  DesignTruth,
  FontTruth,
  IconTruth,
  ImageTruth,
  LogoTruth,
  RoleTruth,
  TruthFile,
  TruthPage,
} from "./design-truth.ts";
import { mixed } from "./wcag-contrast.ts";

const markPath = "M0 0h40v32H0zM48 4h72v24H48z";
const illustrationPath = "M0 100L100 0l100 100z";

/** Writes a page from a design, with everything that there is to find in it. `cards` makes it longer. */
export function designPage(design: DesignTokens, cards = 2 * Math.max(8, design.spacing.length)): TruthPage {
  const url = `http://${design.name}.example/`;
  const files = new Map<string, TruthFile>();
  const images: ImageTruth[] = [];
  const tallies = new Map<IconName, number[]>();
  /** The size that each icon has where it is drawn first. */
  const drawn = new Map<IconName, number>();
  const address = (name: string) => new URL(name, url).href;

  function file(name: string, type: string, body: string | Buffer): string {
    files.set(address(name), { type, body });
    return name;
  }
  function png(name: string, width: number, height: number, type: ImageTruth["type"] | null = "img"): string {
    if (type) images.push({ src: address(name), type, width, height });
    return file(name, "image/png", pngOf(width, height));
  }
  function drawing(path: string, width: number, height: number, attributes = ""): string {
    images.push({ src: null, type: "svg", width, height });
    return `<svg ${attributes} width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><path class="brand" d="${path}"/></svg>`;
  }
  function icon(
    name: IconName,
    size: number,
    how: "inline" | "used" | "sprite file" | "file",
    attributes = "",
  ): string {
    tallies.set(name, [...(tallies.get(name) ?? []), size]);
    if (how === "file") return `<img src="/${name}.svg" width="${size}" height="${size}" alt="">`;
    if (!drawn.has(name)) drawn.set(name, size);
    if (how === "inline") return iconMarkup(name, size, attributes);
    const target = how === "used" ? `#${name}` : `/sprite.svg#${name}`;
    return `<svg ${attributes} width="${size}" height="${size}"><use href="${target}"></use></svg>`;
  }

  const { head, home, sprite, logo } = logoParts(design, { png, file, drawing, address });
  file("/sprite.svg", "image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg">${iconSymbol("disc")}</svg>`);
  const fileIcon =
    '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" fill="none" stroke="#123456"><path d="M4 12l5 5L20 6"/></svg>';
  file("/check.svg", "image/svg+xml", fileIcon);
  images.push({ src: address("/check.svg"), type: "img", width: 24, height: 24 });

  const at = (list: readonly unknown[], nth: number) => nth % list.length;
  const card = (nth: number) => `
    <div class="card pad-${at(design.spacing, nth)} round-${at(design.radii, nth)} shadow-${at(design.shadows, nth)} motion-${at(design.motionMs, nth)} after-${at(design.spacing, nth + 1)}">
      <div class="gap-${at(design.spacing, nth + 2)}">
        ${nth % 3 === 0 ? icon("arrow", 24, "inline", nth % 2 === 0 ? `class="icon" data-nth="${nth}" aria-hidden="true"` : "") : ""}
        ${nth % 3 === 1 ? icon("star", 20, "used", 'class="icon"') : ""}
        ${nth % 3 === 2 ? icon("disc", 16, "sprite file") : ""}
        <h3>Part ${nth + 1} of it</h3>
      </div>
      <p>Every part says a little of what it is for, in a line or two. <strong>It is known.</strong></p>
      <p class="muted">Written on day ${nth + 1}</p>
      <a class="button pad-0 round-${at(design.radii, nth)}" href="/part/${nth}">Read part ${nth + 1}</a>
    </div>`;

  const body = `
  <header class="top pad-1 gap-1">${home}
    <nav class="row gap-1"><a href="/"><span>Start</span></a><a href="/about">About</a>
      <a href="/" class="icon-home">${icon("star", 20, "used")}</a>
      <a href="https://code.example/${design.name}">${icon("layers", 20, "inline")}</a></nav>
  </header>
  ${sprite}
  <svg class="hidden">${iconSymbol("star")}</svg>
  <main class="pad-2">
    <h1 class="after-0">A page of known design</h1><h2 class="after-1">Made from ${design.name}</h2>
    <h2 class="second">Large in its colour</h2><p class="faint">Said in passing</p><p class="faded">Nearly gone</p>
    ${design.gradients.map((_, nth) => `<div class="band-${nth} after-0"></div>`).join("")}
    ${design.motionMs.map((_, nth) => `<div class="turn-${nth}">Turn</div>`).join("")}
    <div class="row gap-0"><span class="error pad-0">Failed</span><span class="success pad-0">Done</span><span class="warning pad-0">Soon</span></div>
    <div class="row gap-1">
      <img src="${png("/photo.png", 120, 80)}" alt="Photo"><img src="/photo.png" alt="Photo again">
      <img src="${png("/set.png", 90, 60)}" srcset="/set.png 1x, ${png("/set-2x.png", 180, 120, null)} 2x" alt="Set">
      <picture><source media="(min-width: 5000px)" srcset="${png("/huge.png", 400, 90, null)}"><img src="${png("/picture.png", 70, 50)}" alt=""></picture>
      <img class="hidden" src="${png("/slide.png", 110, 70)}" alt="Next slide">
      <img src="data:image/png;base64,${pngOf(30, 20).toString("base64")}" alt="Within">
      <video poster="${png("/poster.png", 160, 90, "poster")}" width="160" height="90"></video>
      <div class="cover" style="background-image: url('${png("/cover.png", 50, 40, "background")}'); width: 200px"></div>
      ${drawing(illustrationPath, 200, 100, 'role="img" aria-label="Hill"')}
      ${icon("check", 16, "file")}${icon("check", 16, "file")}
    </div>
    ${Array.from({ length: cards }, (_, nth) => card(nth)).join("")}
    <pre class="pad-1"><code>let known = true;</code></pre>
    <input class="pad-0" placeholder="Your name">
    <img src="${png("/late.png", 130, 60)}" loading="lazy" alt="Late">
    <a href="https://partner.example/"><img src="${png("/partner-logo.png", 100, 45)}" alt="Partner logo"></a>
  </main>
  <footer class="pad-1"><small>Known since the start</small></footer>`;
  images.push({ src: `data:image/png;base64,${pngOf(30, 20).toString("base64")}`, type: "img", width: 30, height: 20 });
  for (const size of drawn.values()) images.push({ src: null, type: "svg", width: size, height: size });

  const { root, rules, properties } = rulesOf(design);
  const faces = fontParts(design, files, url);
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${design.name}</title>
${design.dark && design.darkBy === "media" ? '<meta name="color-scheme" content="light dark">' : ""}${head}
${placed(design, faces, root, rules, body, file)}
</html>`;
  files.set(url, { type: "text/html; charset=utf-8", body: html });
  const stops = design.gradients.flatMap((gradient) => gradient.match(/#[0-9a-f]{6}/g) ?? []);
  const colors = (palette: DesignTokens["palette"]) => [
    ...new Set([...colorNames.map((name) => palette[name]), faintOf(palette), ...stops]),
  ];
  const truth: DesignTruth = {
    colors: colors(design.palette),
    otherColors: design.dark && design.darkBy === "media" ? colors(design.dark) : null,
    roles: roleTruths(design.palette),
    contrast: contrastTruths(design.palette),
    fonts: fontTruths(design),
    spacing: design.spacing,
    radii: design.radii,
    shadows: design.shadows,
    gradients: design.gradients,
    motionMs: design.motionMs,
    properties,
    images,
    icons: [...tallies].map(([name, sizes]): IconTruth => {
      return { style: iconShapes[name].style, size: mostFrequent(sizes), count: sizes.length };
    }),
    logo,
  };
  return { name: design.name, url, files, truth };
}

interface Parts {
  readonly png: (name: string, width: number, height: number, type?: ImageTruth["type"] | null) => string;
  readonly file: (name: string, type: string, body: string | Buffer) => string;
  readonly drawing: (path: string, width: number, height: number, attributes?: string) => string;
  readonly address: (name: string) => string;
}

interface LogoParts {
  readonly head: string;
  readonly home: string;
  readonly sprite: string;
  readonly logo: LogoTruth;
}

function logoParts({ name, logo }: DesignTokens, { png, file, drawing, address }: Parts): LogoParts {
  const favicon = () => `<link rel="icon" href="${png("/favicon.png", 32, 32, null)}" sizes="32x32">`;
  const words = `<a href="/"><strong>${name}</strong></a>`;
  const vector = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 32"><path d="${markPath}"/></svg>`;
  const fromFile = (src: string): LogoTruth => ({ kind: "file", src: address(src) });
  switch (logo) {
    case "drawing":
      return {
        head: favicon(),
        home: `<a href="/" aria-label="${name}, home">${drawing(markPath, 120, 32)}</a>`,
        sprite: "",
        logo: { kind: "drawing", path: markPath },
      };
    case "sprite":
      drawing(markPath, 120, 32);
      return {
        head: favicon(),
        home: '<a href="/"><svg width="120" height="32" viewBox="0 0 120 32"><use href="#mark"></use></svg></a>',
        sprite: `<svg class="hidden"><symbol id="mark" viewBox="0 0 120 32"><path class="brand" d="${markPath}"/></symbol></svg>`,
        logo: { kind: "drawing", path: markPath },
      };
    case "picture":
      return {
        head: favicon(),
        home: `<a href="/"><img src="${png("/mark.png", 140, 36)}" alt="${name}"></a>`,
        sprite: "",
        logo: fromFile("/mark.png"),
      };
    case "named picture":
      return {
        head: favicon(),
        home: `<img class="site-logo" src="${png("/mark.png", 140, 36)}" alt="${name}">`,
        sprite: "",
        logo: fromFile("/mark.png"),
      };
    case "background":
      return {
        head: favicon(),
        home: `<a href="/" class="home" aria-label="${name}" style="background-image: url('${png("/mark.png", 120, 40, "background")}')"></a>`,
        sprite: "",
        logo: fromFile("/mark.png"),
      };
    case "vector icon":
      return {
        head: `${favicon()}<link rel="icon" type="image/svg+xml" href="${file("/mark.svg", "image/svg+xml", vector)}">`,
        home: words,
        sprite: "",
        logo: fromFile("/mark.svg"),
      };
    case "icons by size":
      return {
        head: `${favicon()}<link rel="icon" sizes="192x192" href="${png("/icon-192.png", 192, 192, null)}"><link rel="icon" sizes="16x16" href="${png("/icon-16.png", 16, 16, null)}">`,
        home: words,
        sprite: "",
        logo: fromFile("/icon-192.png"),
      };
    case "manifest": {
      const icons = [192, 512].map((side) => ({
        src: png(`/app-${side}.png`, side, side, null),
        sizes: `${side}x${side}`,
        type: "image/png",
      }));
      file("/site.webmanifest", "application/manifest+json", JSON.stringify({ name, icons }));
      return {
        head: '<link rel="manifest" href="/site.webmanifest">',
        home: words,
        sprite: "",
        logo: fromFile("/app-512.png"),
      };
    }
    case "og:logo":
      return {
        head: `<meta property="og:logo" content="${png("/og.png", 300, 300, null)}">`,
        home: words,
        sprite: "",
        logo: fromFile("/og.png"),
      };
    case "none":
      return { head: "", home: words, sprite: "", logo: { kind: "none" } };
  }
}

const require = createRequire(import.meta.url);

/** The rules that bring the fonts, or the link to them, with the files on the hosts that they come from. */
function fontParts(design: DesignTokens, files: Map<string, TruthFile>, url: string): { link: string; rules: string } {
  const { fontsFrom } = design;
  const origin = {
    "self-hosted": new URL("/fonts/", url).href,
    google: "http://fonts.gstatic.com/s/",
    cdn: "http://cdn.jsdelivr.net/npm/",
  }[fontsFrom];
  const names = [...new Set(Object.values(design.fonts))];
  const rules = names
    .flatMap((name) => [400, 700].map((weight) => ({ name, weight })))
    .map(({ name, weight }) => {
      const id = name.toLowerCase().replaceAll(" ", "-");
      const path = `@fontsource/${id}/files/${id}-latin-${weight}-normal.woff2`;
      files.set(`${origin}${path}`, { type: "font/woff2", body: readFileSync(require.resolve(path)) });
      return `@font-face { font-family: "${name}"; font-weight: ${weight}; src: url("${origin}${path}") format("woff2") }`;
    })
    .join("\n");
  if (fontsFrom !== "google") return { link: "", rules };
  const address = `http://fonts.googleapis.com/css2?family=${design.name}`;
  files.set(address, { type: "text/css", body: rules });
  return { link: `<link rel="stylesheet" href="${address}">`, rules: "" };
}

function placed(
  { rulesIn }: DesignTokens,
  faces: { readonly link: string; readonly rules: string },
  root: string,
  rules: string,
  body: string,
  file: Parts["file"],
): string {
  const all = `${faces.rules}\n${root}\n${rules}`;
  const page = (head: string) => `${faces.link}${head}</head><body>${body}</body>`;
  switch (rulesIn) {
    case "file":
      return page(`<link rel="stylesheet" href="${file("/site.css", "text/css", all)}">`);
    case "element":
      return page(`<style>${all}</style>`);
    case "import":
      file("/parts/rules.css", "text/css", all);
      return page(
        `<link rel="stylesheet" href="${file("/site.css", "text/css", '@import url("parts/rules.css") screen;')}">`,
      );
    case "layer":
      return page(
        `<style>${faces.rules}\n@layer base { ${root} } @layer base { @supports (display: flex) { ${rules} } }</style>`,
      );
    case "script":
      return page(
        `<script>const sheet = new CSSStyleSheet(); sheet.replaceSync(${JSON.stringify(all)}); document.adoptedStyleSheets = [sheet];</script>`,
      );
    case "shadow tree": {
      const inner = rules.replace("body {", ".body {");
      const base = `${faces.rules}\n${root}\nbody { margin: 0 }`;
      return `${faces.link}<style>${base}</style></head><body><site-page><template shadowrootmode="open"><style>${inner}</style><div class="body">${body}</div></template></site-page></body>`;
    }
  }
}

function faintOf({ text, background }: DesignTokens["palette"]): string {
  return mixed(text, background, faintOpacity);
}

function roleTruths(palette: DesignTokens["palette"]): RoleTruth[] {
  const roles = { surface: "background", muted: "text", border: "neutral" } as const;
  const named = colorNames.map((name): RoleTruth => {
    return {
      hex: palette[name],
      role: name === "surface" || name === "muted" || name === "border" ? roles[name] : name,
    };
  });
  return [...named, { hex: faintOf(palette), role: "text" }];
}

function contrastTruths(palette: DesignTokens["palette"]): ContrastTruth[] {
  const { background, surface, text, muted, primary } = palette;
  const pair = (fg: string, bg: string, isLarge = false): ContrastTruth => ({ fg, bg, isLarge });
  return [
    ...[background, surface, palette.error, palette.success, palette.warning].map((ground) => pair(text, ground)),
    ...[background, surface].map((ground) => pair(muted, ground)),
    pair(background, primary),
    pair(primary, background, true),
    pair(faintOf(palette), background),
  ];
}

function fontTruths({ fonts, fontsFrom }: DesignTokens): FontTruth[] {
  const usages = new Map<FontName, FontTruth["usage"]>();
  usages.set(fonts.body, "body");
  if (!usages.has(fonts.headings)) usages.set(fonts.headings, "headings");
  if (!usages.has(fonts.code)) usages.set(fonts.code, "decorative");
  return [...usages].map(([family, usage]) => {
    const weights = new Set<number>();
    if (family === fonts.headings || family === fonts.body) weights.add(700);
    if (family === fonts.body || family === fonts.code) weights.add(400);
    return { family, usage, weights: [...weights].sort((a, b) => a - b), source: fontsFrom };
  });
}

function mostFrequent(sizes: readonly number[]): number {
  const count = (size: number) => sizes.filter((other) => other === size).length;
  return [...sizes].sort((a, b) => count(b) - count(a) || a - b)[0] ?? 0;
}
