import type { DesignFindings } from "@stablehand/contract";
import { drawingsOf } from "./page-drawings.ts";
import { shownOf } from "./shown-elements.ts";
import { type Box, type PageSnapshot, type SnapshotElement, styleOf } from "./snapshot.ts";
import { urlsIn } from "./style-urls.ts";
import { asSvgFile } from "./svg-text.ts";

type Logo = DesignFindings["logo"]["logo"];

/**
 * Finds the site's logo: what the page shows as it, else what it declares.
 *
 * Shown: a drawing or picture in the header that leads home or is named a logo; home and named before only one of them.
 * Declared, in this order: `link[rel=icon]` and touch icons, a drawing first, then the largest; the manifest's icons;
 * `og:logo`. With none of these it is not found: a site's `/favicon.ico` that nothing names would be a guess.
 */
export function extractLogo(snapshot: PageSnapshot): DesignFindings["logo"] {
  return { logo: shownLogo(snapshot) ?? declaredLogo(snapshot) ?? { found: false } };
}

/** Where an element stands: what the elements around it tell. */
interface Place {
  readonly isInHeader: boolean;
  readonly isInContent: boolean;
  /** As written in the link around it; null outside of links. */
  readonly href: string | null;
  /** What it, its link and what is only there to hold it are called, for people and for programs. */
  readonly names: string;
  /** What they are called for programs only: to people a logo may well be called "Home". */
  readonly marks: string;
}

const topMax = 160;
const headerEndMax = 320;
const heightMax = 240;
const sideMin = 12;
const signSideMax = 48;

const headerNames = /(^|[\s_-])(header|masthead|navbar|topbar|topnav|nav|appbar)([\s_-]|$)/i;
const logoNames = /logo|brand|wordmark/i;
/** Signs that lead home or elsewhere from headers without being the logo; what is larger than a sign may be called so. */
const otherNames = /(^|[^a-z])(home|house|menu|hamburger|search|avatar|cart|close|arrow|chevron|flag)([^a-z]|$)/i;

function shownLogo(snapshot: PageSnapshot): Logo | null {
  const base = baseOf(snapshot);
  let best: Logo | null = null;
  let bestScore = 0;
  for (const [nth, element] of snapshot.elements.entries()) {
    const shown = shownOf(snapshot, nth);
    if (!shown || !element.box || !mayShowPicture(snapshot, element)) continue;
    const [, top] = shown.box;
    const [, , width, height] = element.box;
    if (top > headerEndMax || Math.min(width, height) < sideMin) continue;
    if (height > heightMax || width > snapshot.pageWidth * 0.6) continue;
    const place = placeOf(snapshot.elements, element);
    if (place.isInContent || !(place.isInHeader || top < topMax)) continue;
    const isHome = place.href !== null && leadsHome(place.href, base, snapshot.url);
    // A picture of somebody else's, such as a partner's, leads to their site.
    if (place.href !== null && !isHome && !isSameHost(place.href, base, snapshot.url)) continue;
    const isNamed = logoNames.test(place.names);
    const isSign = Math.max(width, height) <= signSideMax && otherNames.test(place.marks);
    if (!isNamed && (!isHome || isSign)) continue;
    const score = (isHome ? 4 : 0) + (isNamed ? 2 : 0) + (place.isInHeader ? 1 : 0);
    if (score <= bestScore) continue;
    best = logoAt(snapshot, element, element.box);
    bestScore = score;
  }
  return best;
}

function mayShowPicture(snapshot: PageSnapshot, element: SnapshotElement): boolean {
  if (element.markup !== undefined || (element.tag === "img" && element.picture?.source)) return true;
  const style = styleOf(snapshot, element);
  return style !== null && urlsIn(style).length > 0;
}

function placeOf(elements: readonly SnapshotElement[], element: SnapshotElement): Place {
  const drawn = (element.markup ?? "").matchAll(/<title[^>]*>([^<]*)<|<use[^>]*href="([^"]*)"/g);
  const names: string[] = [];
  const marks: string[] = [];
  for (const [, title = "", used = ""] of drawn) {
    names.push(title);
    marks.push(used.split("#").at(-1) ?? "");
  }
  let href: string | null = null;
  let isInHeader = false;
  let isInContent = false;
  let isHolder = true;
  for (let at: SnapshotElement | undefined = element; at; at = elements[at.parent]) {
    const { tag, attributes } = at;
    if (tag === "body" || tag === "html") break; // pages are named after what they are about, too
    const { class: className = "", id = "", role = "" } = attributes;
    const isNamedHeader = headerNames.test(`${id} ${className}`);
    if (/^(main|article|section|footer|dialog)$/.test(tag) || /^(main|contentinfo|dialog)$/.test(role)) {
      isInContent = true;
      isInHeader = false; // it is that of an article, not of the page
    } else if (/^(header|nav)$/.test(tag) || /^(banner|navigation)$/.test(role)) {
      isInContent = false;
      isInHeader = true;
    } else if (isNamedHeader && !isInContent) isInHeader = true;
    if ((isInHeader || isNamedHeader) && !logoNames.test(className)) isHolder = false;
    if (isHolder) {
      names.push(attributes["alt"] ?? "", attributes["title"] ?? "", attributes["aria-label"] ?? "");
      marks.push(className, id, fileOf(attributes["src"]));
    }
    if (tag === "a" && href === null && attributes["href"] !== undefined) href = attributes["href"];
  }
  return { isInHeader, isInContent, href, names: [...names, ...marks].join(" "), marks: marks.join(" ") };
}

function fileOf(src = ""): string {
  return src.startsWith("data:") ? "" : (src.split("/").at(-1) ?? "");
}

function logoAt(snapshot: PageSnapshot, element: SnapshotElement, box: Box): Logo | null {
  const { attributes, picture, markup } = element;
  const size = { width: rounded(box[2]), height: rounded(box[3]) };
  const alt = attributes["alt"] ?? attributes["aria-label"] ?? "";
  if (markup !== undefined) {
    const svgSource = drawingsOf(snapshot).markupOf(element);
    const [, title = ""] = /<title[^>]*>([^<]*)</.exec(svgSource) ?? [];
    const src = `data:image/svg+xml,${encodeURIComponent(asSvgFile(svgSource))}`;
    return { found: true, src, type: "svg", ...size, svgSource, alt: alt || title.trim() };
  }
  if (element.tag === "img" && picture?.source) {
    const svgSource = drawingsOf(snapshot).textOf(picture.source);
    return { found: true, src: picture.source, type: "img", ...size, ...(svgSource && { svgSource }), alt };
  }
  const style = styleOf(snapshot, element);
  const [src] = style ? urlsIn(style) : [];
  if (src === undefined) return null;
  const svgSource = drawingsOf(snapshot).textOf(src);
  return { found: true, src, type: "background", ...size, ...(svgSource && { svgSource }), alt };
}

interface Declared {
  readonly src: string;
  readonly type: string;
  readonly side: number;
}

function declaredLogo(snapshot: PageSnapshot): Logo | null {
  const base = baseOf(snapshot);
  const icons: Declared[] = [];
  const named: Declared[] = [];
  for (const { tag, attributes } of snapshot.elements) {
    const rel = (attributes["rel"] ?? "").toLowerCase().split(/\s+/);
    const isIcon = rel.includes("icon") || rel.some((word) => /^apple-touch-icon(-precomposed)?$/.test(word));
    const href = tag === "link" && isIcon ? resolved(attributes["href"], base) : null;
    if (href) icons.push({ src: href, type: "icon", side: sideOf(attributes["sizes"], href, attributes["type"], rel) });
    if (tag === "meta" && attributes["property"]?.toLowerCase() === "og:logo") {
      const src = resolved(attributes["content"], base);
      if (src) named.push({ src, type: "og:logo", side: 0 });
    }
  }
  const manifest = snapshot.manifestIcons.map(({ url, sizes, type }): Declared => {
    return { src: url, type: "manifest", side: sideOf(sizes, url, type, []) };
  });
  const found = largest(icons) ?? largest(manifest) ?? named[0];
  if (!found) return null;
  const { src, type, side } = found;
  const known = Number.isFinite(side) && side > 0;
  return { found: true, src, type, ...(known && { width: side, height: side }) };
}

/** The longest side that an icon is declared for: a drawing has any. */
function sideOf(sizes = "", url: string, type = "", rel: readonly string[]): number {
  if (/^image\/svg/i.test(type) || /\.svg([?#]|$)|^data:image\/svg/i.test(url) || /\bany\b/i.test(sizes))
    return Infinity;
  const sides = [...sizes.matchAll(/(\d+)x(\d+)/gi)].map(([, width]) => Number(width));
  if (sides.length > 0) return Math.max(...sides);
  return rel.some((word) => word.startsWith("apple-touch-icon")) ? 180 : 0; // the size that Apple asks for
}

/** The first of equals: pages declare what they prefer last for browsers, but list what they made first. */
function largest(icons: readonly Declared[]): Declared | undefined {
  return icons.reduce<Declared | undefined>((best, icon) => (best && best.side >= icon.side ? best : icon), undefined);
}

/** Home is the site's root, its root in a language, or an index further up than the page. */
function leadsHome(href: string, base: string, pageUrl: string): boolean {
  if (href.startsWith("#")) return false; // buttons are written like this
  const to = urlOf(href, base);
  const page = urlOf(pageUrl, base);
  if (!to || !page || to.host !== page.host || to.hash !== "") return false;
  const path = to.pathname.replace(/index\.(html?|php)$/, "");
  if (path === "/" || /^\/[a-z]{2}(-[a-z]{2})?\/?$/i.test(path)) return true;
  const directory = path.endsWith("/") ? path : `${path}/`;
  return path.split("/").filter(Boolean).length <= 2 && `${page.pathname}/`.startsWith(directory);
}

function isSameHost(href: string, base: string, pageUrl: string): boolean {
  return urlOf(href, base)?.host === urlOf(pageUrl, base)?.host;
}

function baseOf({ elements, url }: PageSnapshot): string {
  const href = elements.find(({ tag, attributes }) => tag === "base" && attributes["href"])?.attributes["href"];
  return resolved(href, url) ?? url;
}

function resolved(address: string | undefined, base: string): string | null {
  return address ? (urlOf(address, base)?.href ?? null) : null;
}

function urlOf(address: string, base: string): URL | null {
  return URL.canParse(address, base) ? new URL(address, base) : null;
}

function rounded(length: number): number {
  return Math.round(length * 100) / 100;
}
