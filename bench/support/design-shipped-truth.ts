import { execFileSync } from "node:child_process";
import { colorsNamed, formatHex, parse } from "culori";
import type { Page } from "playwright-core";
import type { SingleUseBrowser } from "../../packages/worker/src/browser/launch.ts";
import { openCage } from "../../packages/worker/src/cage/open-cage.ts";
import type { DesignTruth, FontTruth } from "../../tests/support/design-truth/design-truth.ts";
import { lookAtPage, type PageLook, type ShownText } from "./design-shipped-look.ts";
import { countSolidPixels, type PixelCounts } from "./painted-pixels.ts";

/** What is seen of a page in a browser, by means that extraction has no part in. */
export type SeenTruth = Pick<
  DesignTruth,
  "colors" | "mixedColors" | "fonts" | "spacing" | "radii" | "shadows" | "gradients" | "motionMs" | "images"
>;

const stillMs = 1_500;
const scale = 4;
const tileHeight = 300;
/** More than where two hairlines cross. */
const solidMin = 5;
const screensMax = 5;

/** Looks at the page at `url`. `sources` is the text of its style sheets and of itself: where its colours are declared. */
export async function seeTruth(browser: SingleUseBrowser, url: string, sources: string): Promise<SeenTruth> {
  const { context } = await openCage(browser);
  try {
    const page = await context.newPage();
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto(url, { waitUntil: "load" });
    await scrollThrough(page);
    const look = await page.evaluate(lookAtPage, familiesOf(["fc-list", ":", "family"]));
    const painted = await paintedColors(page);
    return {
      ...declaredAndMixed(painted, sources, look),
      fonts: fontsOf(look),
      spacing: look.spacing,
      radii: look.radii,
      shadows: look.shadows.filter((shadow) => !/^(rgba\(0, 0, 0, 0\)( 0px){4},? ?)+$/.test(shadow)),
      gradients: look.gradients,
      motionMs: look.motionMs,
      images: look.images,
    };
  } finally {
    await context.close();
  }
}

async function scrollThrough(page: Page): Promise<void> {
  await page.evaluate(async (ms) => {
    for (let top = 0; top < document.documentElement.scrollHeight; top += innerHeight) {
      scrollTo({ top, behavior: "instant" });
      await new Promise((done) => setTimeout(done, 50));
    }
    scrollTo({ top: 0, behavior: "instant" });
    await new Promise((done) => setTimeout(done, ms));
    for (const animation of document.getAnimations())
      if (animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY) animation.finish();
      else animation.cancel();
  }, stillMs);
}

/** Photographed four times as large, so that letters are more than their edges; without shadows and emoji, and noise for pictures. */
async function paintedColors(page: Page): Promise<PixelCounts> {
  const { width, height } = await page.evaluate(() => {
    const style = document.createElement("style");
    const all = ["", "::before", "::after", "::placeholder"].map((pseudo) => `:not(#a#b#c)${pseudo}`).join();
    style.textContent = `img, video, canvas, iframe, object { visibility: hidden !important }
      ${all} { box-shadow: none !important; text-shadow: none !important; filter: none !important; caret-color: transparent !important; transition: none !important }`;
    document.head.append(style);
    const noise = document.createElement("canvas");
    noise.width = noise.height = 199;
    const dots = noise.getContext("2d")?.createImageData(199, 199);
    for (let nth = 0; dots && nth < dots.data.length; nth += 1)
      dots.data[nth] = nth % 4 === 3 ? 255 : 64 + Math.random() * 128;
    if (dots) noise.getContext("2d")?.putImageData(dots, 0, 0);
    const texts = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode())
      if (text instanceof Text) text.data = text.data.replaceAll(/[\p{Emoji_Presentation}\u{1f1e6}-\u{1f1ff}]/gu, "");
    const picture = `url("${noise.toDataURL()}")`;
    for (const element of document.querySelectorAll<HTMLElement>("*")) {
      const { backgroundImage } = getComputedStyle(element);
      if (!backgroundImage.includes("url(")) continue;
      element.style.setProperty(
        "background-image",
        backgroundImage.replaceAll(/url\("[^"]*"\)/g, picture),
        "important",
      );
      element.style.setProperty("background-repeat", "repeat", "important");
      element.style.setProperty("background-size", "199px 199px", "important");
    }
    return { width: innerWidth, height: document.documentElement.scrollHeight };
  });
  const counts: PixelCounts = new Map();
  const session = await page.context().newCDPSession(page);
  async function photograph(x: number, top: number, width: number, height: number): Promise<void> {
    for (let y = top; y < top + height; y += tileHeight) {
      const clip = { x, y, width, height: Math.min(tileHeight, top + height - y), scale };
      const { data } = await session.send("Page.captureScreenshot", {
        format: "png",
        clip,
        captureBeyondViewport: true,
      });
      countSolidPixels(Buffer.from(data, "base64"), counts);
    }
  }
  await photograph(0, 0, width, height);
  for (let screen = 1; screen <= screensMax; screen += 1)
    for (const [x, y, across, down] of await page.evaluate(scrollBoxesTo, screen)) await photograph(x, y, across, down);
  return counts;
}

/** Scrolls the boxes of the page that have so many screens of content, and tells where they are. */
function scrollBoxesTo(screen: number): [x: number, y: number, width: number, height: number][] {
  return [...document.querySelectorAll("*")].flatMap((element) => {
    const isScroller = /auto|scroll/.test(getComputedStyle(element).overflowY) && element !== document.documentElement;
    const { x, y, width, height } = element.getBoundingClientRect();
    if (!isScroller || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return [];
    if (element.scrollHeight - element.clientHeight <= (screen - 1) * element.clientHeight + 1 || height < 2) return [];
    element.scrollTo({ top: screen * element.clientHeight, behavior: "instant" });
    return [[x + scrollX, y + scrollY, width, height]];
  });
}

function declaredAndMixed(
  painted: PixelCounts,
  sources: string,
  { clearColors, opacities, coveredColors, gradients }: PageLook,
): { colors: string[]; mixedColors: string[] } {
  const seen = new Map([...painted].filter(([, count]) => count >= solidMin));
  const plain = [...declaredIn(sources)].filter((color) => seen.has(color));
  const clear = [
    ...clearColors.flatMap((text) => numberOf(text) ?? []),
    ...opacities.flatMap((alpha) => plain.map((color) => ({ color, alpha }))),
  ];
  const stops = gradients.map((gradient) =>
    (gradient.match(/rgba?\([^)]*\)/g) ?? []).flatMap((text) => numberOf(text) ?? []),
  );
  const colors = new Set(plain);
  for (const { color, alpha } of clear)
    for (const ground of plain) {
      const mixed = near(seen, over(color, alpha, ground));
      if (mixed !== null && !stops.some((list) => isBetween(mixed, list))) colors.add(mixed);
    }
  const unsure = [...coveredColors.flatMap((text) => numberOf(text) ?? []), ...stops.flat()].map(({ color }) => color);
  return {
    colors: [...colors].map(hexOf),
    mixedColors: [...new Set([...seen.keys(), ...unsure])].filter((color) => !colors.has(color)).map(hexOf),
  };
}

/** Every opaque colour that stands in the sources in any notation: words, hex, functions, three numbers of a property. */
function declaredIn(sources: string): Set<number> {
  const written = new Set<string>(["#000000", "#ffffff"]);
  for (const [text] of sources.matchAll(/#[0-9a-f]{3,8}\b|(?:rgb|hsl)a?\([\d.,%\s/deg]+\)/gi)) written.add(text);
  for (const [, text = ""] of sources.matchAll(/-rgb:\s*(\d+,\s*\d+,\s*\d+)/g)) written.add(`rgb(${text})`);
  for (const [, text = ""] of sources.matchAll(/[:\s,(]([a-z]+)(?=[\s;,)}!"])/gi))
    if (Object.hasOwn(colorsNamed, text.toLowerCase())) written.add(text.toLowerCase());
  const numbers = [...written].flatMap((text) => numberOf(text) ?? []);
  return new Set(numbers.filter(({ alpha }) => alpha >= 1).map(({ color }) => color));
}

interface NumberedColor {
  readonly color: number;
  readonly alpha: number;
}

function numberOf(text: string): NumberedColor | null {
  const color = parse(text);
  const hex = color && formatHex(color);
  return color && hex ? { color: Number.parseInt(hex.slice(1), 16), alpha: color.alpha ?? 1 } : null;
}

/** Whether a gradient has the colour on its way from one stop to the next. */
function isBetween(color: number, stops: readonly NumberedColor[]): boolean {
  return stops.some((from, nth) => {
    const to = stops[nth + 1];
    if (!to || color === from.color || color === to.color) return false;
    const steps = 400;
    return Array.from({ length: steps }, (_, step) => over(to.color, step / steps, from.color)).some(
      (mixed) => near(new Map([[color, 1]]), mixed) !== null,
    );
  });
}

function over(color: number, alpha: number, ground: number): number {
  const part = (shift: number) =>
    Math.round(((color >> shift) & 255) * alpha + ((ground >> shift) & 255) * (1 - alpha)) << shift;
  return part(16) | part(8) | part(0);
}

/** The colour itself, or one that a step of rounding makes of it. */
function near(seen: ReadonlyMap<number, number>, color: number): number | null {
  for (const red of [0, 1, -1])
    for (const green of [0, 1, -1])
      for (const blue of [0, 1, -1]) {
        const other = color + (red << 16) + (green << 8) + blue;
        if (seen.has(other)) return other;
      }
  return null;
}

function hexOf(color: number): string {
  return `#${color.toString(16).padStart(6, "0")}`;
}

/** What fontconfig answers. */
function familiesOf([program = "", ...query]: readonly string[]): string[] {
  const lines = execFileSync(program, query, { encoding: "utf8" }).split("\n");
  return [...new Set(lines.map((line) => line.split(",")[0] ?? ""))].filter((family) => family !== "").sort();
}

/** The fonts by family; what most letters of one are for is its usage. */
function fontsOf({ texts, loadedFaces }: PageLook): FontTruth[] {
  const families = new Map<string, ShownText[]>();
  for (const text of texts)
    for (const family of [...text.families, ...rareFamilies(text)])
      families.set(family, [...(families.get(family) ?? []), text]);
  return [...families].map(([family, own]) => {
    const sum = (of: "headingLetters" | "runningLetters") => own.reduce((total, text) => total + text[of], 0);
    const [headings, running] = [sum("headingLetters"), sum("runningLetters")];
    return {
      family,
      usage: headings + running === 0 ? "decorative" : headings > running ? "headings" : "body",
      weights: [...new Set(own.map(({ weight }) => weight))].sort((a, b) => a - b),
      source: loadedFaces.includes(family) ? "self-hosted" : "system",
    };
  });
}

/** Where the family has no such letter, the system's own choice for it; in colour where the text asks for that. */
function rareFamilies({ families, rareLetters }: ShownText): string[] {
  const color = rareLetters.includes("\ufe0f") ? ":color=true" : "";
  return [...rareLetters].flatMap((letter) => {
    const code = `:charset=${letter.codePointAt(0)?.toString(16)}`;
    const having = familiesOf(["fc-list", code, "family"]);
    const [main] = families;
    if (/\p{Co}|\ufe0f/u.test(letter) || having.length === 0 || (main && having.includes(main))) return [];
    return familiesOf(["fc-match", having.length > 1 ? code + color : code, "family"]).slice(0, 1);
  });
}
