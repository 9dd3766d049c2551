import type { DesignFindings } from "@stablehand/contract";
import { familyString } from "./css-value.ts";
import { Html, html } from "./html.ts";
import type { ReportFiles } from "./report-files.ts";
import { none, section } from "./report-section.ts";

type Font = DesignFindings["fonts"]["fonts"][number];

const sentence = "Sphinx of black quartz, judge my vow. 0123456789";

/** A specimen of every family that the page renders, in the family itself when its file was kept. */
export function fontSection({ fonts }: DesignFindings["fonts"], files: ReportFiles): Html {
  const amount = `${fonts.length} ${fonts.length === 1 ? "family" : "families"}`;
  if (fonts.length === 0) return section("fonts", "Type", amount, none("The page renders no text."));
  return section(
    "fonts",
    "Type",
    amount,
    html`<div class="fonts">${fonts.map((font, n) => specimen(font, n, files))}</div>`,
  );
}

/** The faces that the specimens use, from `data:` addresses only. */
export function fontFaces({ fonts }: DesignFindings["fonts"], files: ReportFiles): Html {
  const faces = fonts.map((font, n) => {
    const file = fileOf(font, files);
    return file ? `@font-face{font-family:specimen-${n};src:url(${file});font-weight:1 1000}` : "";
  });
  return new Html(faces.join("")); // made of numbers and of base64 with a type that was checked
}

function fileOf({ downloadUrl }: Font, files: ReportFiles): string | undefined {
  return downloadUrl === undefined ? undefined : files.get(downloadUrl);
}

function specimen(font: Font, n: number, files: ReportFiles): Html {
  const { family, usage, weights, source, count } = font;
  const face = fileOf(font, files) ? `specimen-${n}` : familyString(family);
  const style = html`font-family:${new Html(face)},${usage === "body" ? "sans-serif" : "system-ui"}`;
  const lines = (weights.length > 0 ? weights : [400]).map(
    (weight) =>
      html`<p class="line"><small>${weight}</small><span style="font-weight:${Math.round(weight)}">${sentence}</span></p>`,
  );
  return html`<article class="font"><div class="glyphs" style="${style}">Aa</div><div class="detail">
    <h3>${family}</h3><p class="facts">${[usage, source, `${count} characters`].map((fact) => html`<span>${fact}</span>`)}
    ${!fileOf(font, files) && html`<span>shown only where it is installed</span>`}</p>
    <div style="${style}">${lines}</div></div></article>`;
}
