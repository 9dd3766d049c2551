import type { DesignFindings } from "@stablehand/contract";
import { type FontFace, fontFacesOf, unquoted } from "./sheet-facts.ts";
import type { PageSnapshot, TextFont } from "./snapshot.ts";

type Font = DesignFindings["fonts"]["fonts"][number];

/**
 * Lists the families that text is truly rendered in, most text first: what a style asks for and does not get is left out.
 *
 * A family that came with the page has the name its style sheet gives it, and one of the system its own. `usage` is
 * `decorative` for fonts of symbols and code only, `headings` when more of it is in headings than elsewhere, else `body`.
 */
export function extractFonts(snapshot: PageSnapshot): DesignFindings["fonts"] {
  const faces = fontFacesOf(snapshot.sheets);
  const families = new Map<string, TextFont[]>();
  for (const text of snapshot.textFonts) {
    const name = familyOf(text, faces);
    const key = `${text.isCustom} ${name}`;
    families.set(key, [...(families.get(key) ?? []), text]);
  }
  const fonts = [...families.values()].map((texts) => describe(texts, faces, snapshot));
  return { fonts: fonts.sort((a, b) => b.count - a.count || order(a.family, b.family)) };
}

function describe(texts: readonly TextFont[], faces: readonly FontFace[], snapshot: PageSnapshot): Font {
  const [first] = texts;
  if (!first) throw new Error("a family without text");
  const family = familyOf(first, faces);
  const common = {
    family,
    usage: usageOf(texts),
    count: sumOf(texts),
    weights: [...new Set(texts.map(({ weight }) => weight))].sort((a, b) => a - b),
  };
  if (!first.isCustom) return { ...common, source: "system" };
  const heaviest = texts.reduce((most, text) => (text.characters > most.characters ? text : most));
  const face = faceFor(family, heaviest.weight, faces, snapshot);
  const faceUrl = face && addressOf(face, snapshot);
  return {
    ...common,
    source: faceUrl ? sourceOf(faceUrl, snapshot.url) : "self-hosted",
    ...(faceUrl && { faceUrl, originalFaceUrl: faceUrl }),
  };
}

/** The name in the list that a `@font-face` rule has; of several, the one that was loaded or is named as the font is. */
function familyOf({ stack, rendered, isCustom }: TextFont, faces: readonly FontFace[]): string {
  if (!isCustom) return rendered;
  const declared = namesIn(stack).filter((name) => faces.some(({ family }) => isSameName(family, name)));
  return declared.find((name) => isSameName(name, rendered)) ?? declared[0] ?? rendered;
}

/** The names in a `font-family`, without quotes. */
function namesIn(stack: string): string[] {
  return (stack.match(/"[^"]*"|'[^']*'|[^,]+/g) ?? []).map(unquoted).filter((name) => name !== "");
}

function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function usageOf(texts: readonly TextFont[]): Font["usage"] {
  const inRole = (...roles: readonly TextFont["role"][]) => sumOf(texts.filter(({ role }) => roles.includes(role)));
  const [headings, running] = [inRole("heading"), inRole("running")];
  if (headings + running === 0) return "decorative";
  return headings > running ? "headings" : "body";
}

function sumOf(texts: readonly TextFont[]): number {
  return texts.reduce((sum, { characters }) => sum + characters, 0);
}

/** The upright face nearest to the weight, of those whose file was loaded if there are some. */
function faceFor(
  family: string,
  weight: number,
  faces: readonly FontFace[],
  snapshot: PageSnapshot,
): FontFace | undefined {
  const distance = ({ weightMin, weightMax, style }: FontFace) =>
    Math.max(weightMin - weight, weight - weightMax, 0) + (style === "normal" ? 0 : 10_000);
  const own = faces.filter((face) => isSameName(face.family, family) && face.urls.length > 0);
  const loaded = own.filter(({ urls }) => urls.some((url) => snapshot.files[url]));
  const candidates = loaded.length > 0 ? loaded : own;
  return [...candidates].sort((a, b) => distance(a) - distance(b))[0];
}

/** The address that was loaded, else the first. */
function addressOf({ urls }: FontFace, { files }: PageSnapshot): string | undefined {
  return urls.find((url) => files[url]) ?? urls[0];
}

const googleHosts = /(^|\.)(fonts\.gstatic\.com|fonts\.googleapis\.com)$/;

function sourceOf(address: string, pageUrl: string): Font["source"] {
  const host = new URL(address).hostname;
  if (googleHosts.test(host)) return "google";
  return siteOf(host) === siteOf(new URL(pageUrl).hostname) ? "self-hosted" : "cdn";
}

/** `static.example.com` serves `www.example.com` itself, and so it is below names such as `co.uk`. */
function siteOf(host: string): string {
  if (/^[\d.]+$|:/.test(host)) return host;
  const labels = host.split(".");
  const isBelowTwo = /\.(co|com|net|org|gov|ac|edu)\.[a-z]{2}$/.test(host);
  return labels.slice(isBelowTwo ? -3 : -2).join(".");
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
