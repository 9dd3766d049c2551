import type { DesignFindings } from "@stablehand/contract";
import { type Html, html } from "./html.ts";
import type { ReportFiles } from "./report-files.ts";
import { none, section } from "./report-section.ts";

type Icon = DesignFindings["icons"]["icons"][number];

/** The logo, on light and on dark. */
export function logoSection({ logo }: DesignFindings["logo"], files: ReportFiles): Html {
  const { found, src, type, width, height, alt = "" } = logo;
  if (!found) return section("logo", "Logo", "none found", none("The page shows nothing that is surely its logo."));
  const picture = pictureOf(logo, files);
  const size = width !== undefined && height !== undefined ? `${width} × ${height}` : "";
  const shown = picture
    ? html`<div class="logo">${["light", "dark"].map((tone) => html`<div class="${tone}"><img src="${picture}" alt="${alt}"></div>`)}</div>`
    : none("Its file is not kept here.");
  return section("logo", "Logo", [type, size].filter(Boolean).join(", "), [shown, address(src)]);
}

/** Every icon, once. */
export function iconSection({ icons }: DesignFindings["icons"]): Html {
  const tiles = icons.map(
    (icon) =>
      html`<li class="${toneOf(icon)}" title="${icon.hash}">${iconPicture(icon)}<small>${icon.size} · ${icon.style} · × ${icon.count}</small></li>`,
  );
  return section("icons", "Icons", String(icons.length), html`<ul class="icons">${tiles}</ul>`);
}

/** Every image, with where it lies on the site. */
export function imageSection({ images }: DesignFindings["images"], files: ReportFiles): Html {
  const tiles = images.map((image) => {
    const picture = pictureOf(image, files);
    const frame = picture
      ? html`<img src="${picture}" alt="${image.alt}">`
      : html`<span class="missing">not kept here</span>`;
    return html`<li><div class="frame">${frame}</div><p>${image.type} · ${image.naturalWidth} × ${image.naturalHeight}</p>
      ${image.alt !== "" && html`<p class="alt">${image.alt}</p>`}${address(image.originalSrc ?? image.src)}</li>`;
  });
  return section("images", "Images", String(images.length), html`<ul class="images">${tiles}</ul>`);
}

/** An image element runs no script of an SVG and fetches nothing that it names. */
function pictureOf(
  { svgSource, downloadUrl }: { svgSource?: string | undefined; downloadUrl?: string | undefined },
  files: ReportFiles,
): string | null {
  if (svgSource !== undefined) return svgAddress(svgSource);
  return (downloadUrl !== undefined && files.get(downloadUrl)) || null;
}

function svgAddress(source: string): string {
  const named = /\sxmlns\s*=/.test(source)
    ? source
    : source.replace(/<svg\b/, '<svg xmlns="http://www.w3.org/2000/svg"');
  return `data:image/svg+xml;base64,${Buffer.from(named).toString("base64")}`;
}

function iconPicture({ source = "", style }: Icon): Html {
  if (!source.includes("<svg"))
    return html`<span class="missing">${source.startsWith("data:") ? style : source}</span>`;
  return html`<img src="${svgAddress(source)}" alt="">`;
}

/** An icon that is drawn in white alone would not be seen on white. */
function toneOf({ source = "" }: Icon): "light" | "dark" {
  const paints = [...source.matchAll(/(?:fill|stroke)\s*[=:]\s*["']?\s*([#\w]+)/gi)].map(([, paint = ""]) =>
    paint.toLowerCase(),
  );
  const colors = paints.filter((paint) => paint !== "none");
  return colors.length > 0 && colors.every((paint) => /^(#fff|#ffffff|white)$/.test(paint)) ? "dark" : "light";
}

const addressCharactersMax = 300;

function address(text: string | undefined): Html | null {
  if (text === undefined || text.startsWith("data:")) return null;
  const shown = text.length > addressCharactersMax ? `${text.slice(0, addressCharactersMax)}…` : text;
  return html`<p class="address">${/^https?:\/\//.test(text) ? html`<a href="${text}" rel="noreferrer noopener">${shown}</a>` : shown}</p>`;
}
