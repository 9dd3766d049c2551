import { describe, expect, test } from "vitest";
import { buildSnapshot, type Planned, type PlannedFacts, planned } from "../../../../tests/support/page-snapshot.ts";
import { extractColors } from "./extract-colors.ts";
import type { Box, ComputedStyle, PageSnapshot } from "./snapshot.ts";

const wide: Box = [0, 0, 1280, 400];
const line: Box = [10, 10, 100, 20];

/** An element with text in it. */
function text(color: string, style: Partial<ComputedStyle> = {}, facts: PlannedFacts = {}): Planned {
  return planned("p", {
    box: line,
    texts: [{ text: "Some text", box: line, line }],
    style: { color, "font-size": "16px", "font-weight": "400", ...style },
    ...facts,
  });
}

function box(style: Partial<ComputedStyle>, ...children: readonly Planned[]): Planned {
  return planned("div", { box: wide, style }, ...children);
}

function colorsOf(elements: readonly Planned[], more: Partial<PageSnapshot> = {}) {
  return extractColors(buildSnapshot(elements, more));
}

const hexes = ({ colors }: ReturnType<typeof colorsOf>) => colors.map(({ hex }) => hex);
const rolesIn = (found: ReturnType<typeof colorsOf>) =>
  Object.fromEntries(found.colors.map(({ hex, role }) => [hex, role]));

describe("painted colours", () => {
  test("are those of text, backgrounds, gradients, borders, fills and strokes that are seen", () => {
    const found = colorsOf([
      text("rgb(1, 2, 3)"),
      box({ "background-color": "rgb(20, 20, 220)" }),
      box({ "background-image": "linear-gradient(rgb(220, 20, 20), rgb(20, 220, 20))" }),
      box({ "border-top-width": "2px", "border-top-style": "solid", "border-top-color": "rgb(220, 220, 20)" }),
      box({ "border-top-width": "2px", "border-top-style": "none", "border-top-color": "rgb(1, 99, 1)" }),
      planned("svg", {}, planned("path", { style: { fill: "rgb(20, 220, 220)", stroke: "rgb(220, 20, 220)" } })),
      planned("div", { style: { "background-color": "rgb(1, 99, 1)", visibility: "hidden" } }),
      planned("p", { style: { color: "rgb(1, 99, 1)" } }),
    ]);
    expect(hexes(found).sort()).toEqual(
      ["#010203", "#1414dc", "#14dc14", "#14dcdc", "#dc1414", "#dc14dc", "#dcdc14", "#ffffff"].sort(),
    );
  });

  test("of a gradient of very many colours are the first ones", () => {
    const stops = Array.from({ length: 300 }, (_, nth) => `rgb(${nth % 256}, ${nth > 255 ? 255 : 0}, 100)`);
    const found = colorsOf([box({ "background-image": `linear-gradient(${stops.join(", ")})` })]);
    expect(found.colors.reduce((sum, { count }) => sum + count, 0)).toBe(65);
  });

  test("are found on a page that is tall all over", () => {
    const tall = planned("i", { box: [0, 0, 9, 30_000_000], style: { "background-color": "rgba(1, 2, 3, 0.5)" } });
    expect(
      hexes(
        colorsOf(
          Array.from({ length: 500 }, () => tall),
          { pageHeight: 30_000_000 },
        ),
      ),
    ).toContain("#010203");
  });

  test("are sRGB, whatever space they are written in", () => {
    const [, ...found] = hexes(colorsOf([text("oklch(0.6279 0.2577 29.23)"), text("color(srgb 0 0 1)")]));
    expect(found.sort()).toEqual(["#0000ff", "#ff0000"]);
  });

  test("that shine through are what is seen of them", () => {
    const found = colorsOf([box({ "background-color": "rgba(0, 0, 0, 0.5)" }, text("rgba(255, 255, 255, 0.5)"))]);
    expect(hexes(found).sort()).toEqual(["#808080", "#bfbfbf", "#ffffff"]);
  });

  test("of a drawing that shines through are what is seen of its shapes, on what is under the drawing", () => {
    const shape = planned("path", { style: { fill: "rgb(0, 99, 0)" } });
    const svg = planned("svg", { style: { opacity: "0.5" }, markup: "<svg/>" }, shape);
    expect(hexes(colorsOf([box({ "background-color": "rgb(0, 0, 99)" }, svg)]))).toContain("#003232");
  });

  test("of a gradient that lets its own picture through are none", () => {
    const veil = (alpha: number, picture: string) =>
      box({ "background-image": `linear-gradient(rgba(0, 99, 0, ${alpha}), rgba(0, 99, 0, ${alpha}))${picture}` });
    const photo = ', url("https://site.example/photo.jpg")';
    expect(hexes(colorsOf([veil(0.5, photo)]))).toEqual(["#ffffff"]);
    expect(hexes(colorsOf([veil(1, photo)]))).toContain("#006300");
    expect(hexes(colorsOf([veil(0.5, "")]))).toContain("#80b180");
  });

  test("that nobody can tell apart are one, with the uses of both; steps of a palette are two", () => {
    const found = colorsOf([
      text("rgb(17, 17, 17)"),
      text("rgb(17, 17, 17)"),
      text("rgb(18, 18, 18)"),
      box({ "background-color": "rgb(249, 250, 251)" }),
    ]);
    expect(found.colors.map(({ hex, rgb, count }) => [hex, rgb, count])).toEqual([
      ["#ffffff", "rgb(255, 255, 255)", 1],
      ["#111111", "rgb(17, 17, 17)", 3],
      ["#f9fafb", "rgb(249, 250, 251)", 1],
    ]);
  });

  test("have the browser's canvas among them only when it is seen, and under a dark scheme its dark one", () => {
    const white = planned("body", { box: wide, style: { "background-color": "rgb(1, 2, 3)" } });
    expect(hexes(colorsOf([white]))).toEqual(["#010203"]);
    const dark = buildSnapshot([]);
    const styles = dark.styles.map((style) => ({ ...style, "color-scheme": "light dark" }));
    expect(hexes(extractColors({ ...dark, scheme: "dark", styles }))).toEqual(["#121212"]);
  });

  test("of the other scheme stand beside those of the default one", () => {
    const { elements, styles } = buildSnapshot([box({ "background-color": "rgb(0, 0, 60)" })]);
    const found = colorsOf([text("rgb(1, 2, 3)")], { other: { scheme: "dark", elements, styles } });
    expect(found.otherScheme?.scheme).toBe("dark");
    expect(found.otherScheme?.colors.map(({ hex }) => hex)).toEqual(["#ffffff", "#00003c"]);
  });
});

describe("contrast", () => {
  const issuesOf = (...elements: readonly Planned[]) => colorsOf(elements).contrastIssues;
  const grey = "rgb(119, 119, 119)";

  test("of every pair is WCAG's, lowest first and rounded down; it fails below 4.5, enhanced below 7", () => {
    expect(issuesOf(text(grey), text("rgb(118, 118, 118)"), text("rgb(90, 90, 90)"), text("rgb(80, 80, 80)"))).toEqual([
      { fg: "#777777", bg: "#ffffff", ratio: 4.47, passesAA: false, passesAAA: false },
      { fg: "#767676", bg: "#ffffff", ratio: 4.54, passesAA: true, passesAAA: false },
      { fg: "#5a5a5a", bg: "#ffffff", ratio: 6.89, passesAA: true, passesAAA: false },
      { fg: "#505050", bg: "#ffffff", ratio: 8.06, passesAA: true, passesAAA: true },
    ]);
  });

  test.each([
    ["24px", "400", true],
    ["23.9px", "400", false],
    ["18.66px", "700", true],
    ["18.6px", "700", false],
  ])("needs less for text of %s and weight %s: %s", (size, weight, passesAA) => {
    const large = text(grey, { "font-size": size, "font-weight": weight });
    expect(issuesOf(large)).toMatchObject([{ passesAA }]);
  });

  test("of a pair that is used for large and other text is judged as the other", () => {
    const large = text(grey, { "font-size": "30px" });
    for (const both of [
      [text(grey), large],
      [large, text(grey)],
    ])
      expect(issuesOf(...both)).toMatchObject([{ passesAA: false }]);
  });

  test("is with what is painted under the text, not with what is around it in the document", () => {
    const over = text("rgb(255, 255, 255)", { position: "absolute" }, { paintOrder: 50 });
    const banner = planned("div", { box: wide, paintOrder: 40, style: { "background-color": "rgb(200, 200, 200)" } });
    expect(issuesOf(over, banner)).toMatchObject([{ fg: "#ffffff", bg: "#c8c8c8" }]);
  });

  test("is of colours as they are seen through opacity, together with their background", () => {
    const faded = planned(
      "div",
      { box: wide, style: { opacity: "0.5", "background-color": "rgb(0, 0, 0)" } },
      text("rgb(255, 255, 255)"),
    );
    expect(issuesOf(faded)).toMatchObject([{ fg: "#ffffff", bg: "#808080" }]);
  });

  test("is of what is scrolled out of its box, as if it were brought into it", () => {
    const inBox: Box = [10, 10, 100, 20];
    const beyond: Box = [10, 900, 100, 20];
    const item = (at: Box, color: string, background = "rgba(0, 0, 0, 0)") =>
      text(color, { "background-color": background }, { box: at, texts: [{ text: "Item", box: at, line: at }] });
    const side = planned(
      "aside",
      {
        box: [0, 0, 200, 400],
        style: { "background-color": "rgb(0, 0, 60)", "overflow-x": "hidden", "overflow-y": "hidden" },
      },
      planned(
        "nav",
        { box: [0, 0, 200, 390], style: { "overflow-x": "hidden", "overflow-y": "auto" } },
        item(inBox, "rgb(250, 250, 250)"),
        item(beyond, "rgb(240, 240, 0)"),
        item(beyond, "rgb(0, 240, 240)", "rgb(60, 0, 0)"),
      ),
    );
    const pairs = colorsOf([side], { pageHeight: 2_000 }).contrastIssues.map(({ fg, bg }) => [fg, bg]);
    expect(pairs.sort()).toEqual([
      ["#00f0f0", "#3c0000"],
      ["#f0f000", "#00003c"],
      ["#fafafa", "#00003c"],
    ]);
  });

  test("over a gradient is that with the best of its colours", () => {
    const gradient = "linear-gradient(rgb(255, 255, 255), rgb(200, 200, 200))";
    expect(issuesOf(box({ "background-image": gradient }, text(grey)))).toMatchObject([{ bg: "#ffffff" }]);
    const light = "linear-gradient(rgb(255, 255, 255), rgb(0, 0, 0))";
    expect(issuesOf(box({ "background-image": light }, text("rgb(255, 255, 255)")))).toMatchObject([{ bg: "#000000" }]);
  });

  test("is not said over pictures, of disabled controls, symbols, letters that are cut out, or of what is not seen", () => {
    expect(issuesOf(box({ "background-image": 'url("https://site.example/a.png")' }, text(grey)))).toEqual([]);
    expect(issuesOf(planned("button", { attributes: { disabled: "" } }, text(grey)))).toEqual([]);
    expect(issuesOf(planned("a", { attributes: { "aria-disabled": "true" } }, text(grey)))).toEqual([]);
    expect(issuesOf(text(grey, {}, { texts: [{ text: "\u{e001}", box: line, line }] }))).toEqual([]);
    expect(issuesOf(text(grey, { "-webkit-text-fill-color": "rgba(0, 0, 0, 0)" }))).toEqual([]);
    expect(issuesOf(text(grey, { visibility: "hidden" }))).toEqual([]);
  });
});

describe("roles", () => {
  test("are by use: page, surfaces, text, muted text, what is clicked, and lines", () => {
    const button = planned("button", { box: [0, 0, 120, 40], style: { "background-color": "rgb(37, 99, 235)" } });
    const found = colorsOf([
      planned(
        "body",
        { box: [0, 0, 1280, 2000], style: { "background-color": "rgb(253, 253, 250)" } },
        box({ "background-color": "rgb(233, 238, 245)" }, button),
        text("rgb(27, 39, 51)"),
        text("rgb(27, 39, 51)"),
        text("rgb(93, 107, 122)"),
        box({ "border-top-width": "1px", "border-top-style": "solid", "border-top-color": "rgb(195, 204, 214)" }),
      ),
    ]);
    expect(hexes(found).slice(0, 3)).toEqual(["#fdfdfa", "#1b2733", "#2563eb"]);
    expect(rolesIn(found)).toEqual({
      "#fdfdfa": "background",
      "#1b2733": "text",
      "#2563eb": "primary",
      "#e9eef5": "background",
      "#5d6b7a": "text",
      "#c3ccd6": "neutral",
    });
  });

  test("of signals need a name and a fitting hue: red alone is no error, nor is grey text in one", () => {
    const note = (className: string, color: string) =>
      planned("div", { box: line, attributes: { class: className }, style: { "background-color": color } });
    const found = colorsOf([
      note("alert alert-danger", "rgb(220, 38, 38)"),
      note("is-success", "rgb(22, 163, 74)"),
      note("warning", "rgb(245, 158, 11)"),
      note("error", "rgb(80, 80, 80)"),
      note("banner", "rgb(159, 18, 57)"),
      note("valid-from", "rgb(124, 58, 237)"),
    ]);
    expect(rolesIn(found)).toMatchObject({
      "#dc2626": "error",
      "#16a34a": "success",
      "#f59e0b": "warning",
      "#505050": "neutral",
      "#9f1239": expect.not.stringMatching("error"),
      "#7c3aed": expect.not.stringMatching("success"),
    });
  });

  test("of signals and of the primary are taken from custom properties, too", () => {
    const dot = (color: string) => planned("i", { box: line, style: { "background-color": color } });
    const link = planned("a", { box: wide, style: { "background-color": "rgb(16, 185, 129)" } });
    const found = colorsOf([dot("rgb(220, 38, 38)"), dot("rgb(124, 58, 237)"), link], {
      rootProperties: { "--color-danger": "#dc2626", "--brand": "rgb(124 58 237)", "--on-brand": "#10b981" },
    });
    expect(rolesIn(found)).toMatchObject({ "#dc2626": "error", "#7c3aed": "primary", "#10b981": "neutral" });
  });

  test("of signals may have any hue that a property of the root names, unless it is of what is beside them", () => {
    const dot = (color: string) => planned("i", { box: line, style: { "background-color": color } });
    const found = colorsOf([dot("rgb(124, 58, 237)"), dot("rgb(56, 189, 248)")], {
      rootProperties: { "--color-warning": "#7c3aed", "--success-border": "#38bdf8" },
    });
    expect(rolesIn(found)).toMatchObject({
      "#7c3aed": "warning",
      "#38bdf8": expect.not.stringMatching("success"),
    });
  });

  test("of a brand's colour that is a signal, too, are the brand's, and the signal's where another is the primary", () => {
    const yellow = { "--primary": "#ffc800", "--warning": "#ffc800" };
    const dot = planned("i", { box: line, style: { "background-color": "rgb(255, 200, 0)" } });
    expect(rolesIn(colorsOf([dot], { rootProperties: yellow }))).toMatchObject({ "#ffc800": "primary" });
    const link = planned("a", { box: wide, style: { "background-color": "rgb(37, 99, 235)" } });
    expect(rolesIn(colorsOf([dot, link], { rootProperties: { ...yellow, "--brand": "#2563eb" } }))).toMatchObject({
      "#ffc800": "warning",
      "#2563eb": "primary",
    });
  });

  test("leave a grey page without a primary", () => {
    const found = colorsOf([
      planned("button", { style: { "background-color": "rgb(60, 60, 60)" } }),
      text("rgb(0, 0, 0)"),
    ]);
    expect(Object.values(rolesIn(found))).not.toContain("primary");
  });
});
