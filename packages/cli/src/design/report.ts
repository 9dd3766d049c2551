import { type Design, type DesignFindings, extractorNames } from "@stablehand/contract";
import { colorSection } from "./color-section.ts";
import { fontFaces, fontSection } from "./font-section.ts";
import { Html, html } from "./html.ts";
import { iconSection, imageSection, logoSection } from "./picture-section.ts";
import type { ReportFiles } from "./report-files.ts";
import { none, section } from "./report-section.ts";
import { reportStyle } from "./report-style.ts";
import { tokenSections } from "./token-section.ts";

/** Nothing may be fetched and nothing run, whatever the page that this report is about has put into its names. */
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'";

/**
 * Writes one HTML page that shows a design, with its files in it: it asks nobody for anything and has no script.
 *
 * `at` is when the extraction ended. Light or dark as the reader's system is, or as the reader says.
 */
export function renderReport({ url, results = {} }: Design, files: ReportFiles, at: string): string {
  const { images, fonts, colors, icons, tokens, logo } = results;
  const failed = extractorNames.flatMap((name) => {
    const result = results[name];
    return result && "error" in result ? [section(name, name, "failed", none(result.error))] : [];
  });
  const sections = [
    found(logo, (one) => [logoSection(one, files)]),
    found(colors, colorSection),
    found(fonts, (one) => [fontSection(one, files)]),
    found(tokens, tokenSections),
    found(icons, (one) => [iconSection(one)]),
    found(images, (one) => [imageSection(one, files)]),
    failed,
  ].flat();
  const faces = fonts && "fonts" in fonts ? fontFaces(fonts, files) : null;
  const host = URL.canParse(url) ? new URL(url).host : url;
  return `<!doctype html>\n${
    html`<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${host}: design</title><style>${new Html(reportStyle)}${faces}</style></head><body>
<header class="top"><div><p class="kicker">Design of</p><h1>${host}</h1><p class="address">${url} · ${at.slice(0, 10)}</p></div>${schemeSwitch}</header>
<nav aria-label="Sections">${sections.map(linkTo)}</nav>
<main>${sections}</main></body></html>`.markup
  }\n`;
}

type Finding = DesignFindings[keyof DesignFindings];

function found<Result extends Finding>(
  result: Result | { error: string } | undefined,
  show: (result: Result) => Html[],
): Html[] {
  return result && !("error" in result) ? show(result) : [];
}

const schemeSwitch = html`<fieldset class="scheme"><legend>Scheme</legend>${["auto", "light", "dark"].map(
  (name) =>
    html`<label><input type="radio" name="scheme" id="scheme-${name}"${name === "auto" && html` checked`}><span>${name}</span></label>`,
)}</fieldset>`;

/** Made of our own headings: `section` has escaped them. */
function linkTo({ markup }: Html): Html | null {
  const [, id, title] = /^<section id="([a-z]+)"><header><h2>([^<]*)<\/h2>/.exec(markup) ?? [];
  return id && title ? html`<a href="#${id}">${new Html(title)}</a>` : null;
}
