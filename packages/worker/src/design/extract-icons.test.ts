import { expect, test } from "vitest";
import { buildSnapshot, type Planned, type PlannedFacts, planned } from "../../../../tests/support/page-snapshot.ts";
import { extractIcons } from "./extract-icons.ts";
import type { ComputedStyle, PageSnapshot } from "./snapshot.ts";

const arrow = '<svg viewBox="0 0 24 24"><path d="M4 12h16"></path></svg>';

function drawing(markup: string, facts: PlannedFacts = {}, ...shapes: readonly Partial<ComputedStyle>[]): Planned {
  const children = shapes.map((style) => planned("path", { style }));
  return planned("svg", { box: [0, 0, 24, 24], markup, ...facts }, ...children);
}

function icons(elements: readonly Planned[], more: Partial<PageSnapshot> = {}) {
  return extractIcons(buildSnapshot(elements, more)).icons;
}

const line = { fill: "none", stroke: "rgb(1, 2, 3)" };
const area = { fill: "rgb(1, 2, 3)" };

test.each([
  ["space and comments", '<svg viewBox="0 0 24 24">  <!-- arrow --> <path d="M4 12h16"></path></svg>'],
  [
    "names",
    '<svg class="w-4" id="x" aria-hidden="true" viewBox="0 0 24 24"><path data-a="1" d="M4 12h16"></path></svg>',
  ],
  ["sizes", '<svg width="16" height="16" viewBox="0 0 24 24"><path d="M4 12h16"></path></svg>'],
  ["spelling of paths", '<svg viewBox="0,0,24,24"><path d="M 4,12 L 20,12"></path></svg>'],
  [
    "a framework's attributes",
    '<svg @click="go()" viewBox="0 0 24 24"><path v-on:click="go()" :d="x" d="M4 12h16"></path></svg>',
  ],
  ["a title", '<svg viewBox="0 0 24 24"><title>Go</title><path d="M4 12h16"></path></svg>'],
  ["a group", '<svg viewBox="0 0 24 24"><g><path d="M4 12h16"></path></g></svg>'],
  ["a namespace", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M4 12h16"></path></svg>'],
])("drawings that differ in %s are one icon", (_what, markup) => {
  expect(icons([drawing(arrow), drawing(markup)])).toMatchObject([{ count: 2 }]);
});

test("other drawings are other icons, the most frequent first", () => {
  const other = arrow.replace("M4 12h16", "M12 4v16");
  const found = icons([drawing(other), drawing(arrow), drawing(arrow)]);
  expect(found.map(({ count }) => count)).toEqual([2, 1]);
  expect(found[0]?.hash).toMatch(/^[0-9a-f]{32}$/);
  expect(found[0]?.source).toContain('d="M4 12h16"');
});

test("a drawing inline, from a sprite on the page, from a sprite file, in a file and in a style is one icon", () => {
  const sprite =
    '<svg xmlns="http://www.w3.org/2000/svg"><symbol id="arrow" viewBox="0 0 24 24"><path d="M4 12h16"/></symbol></svg>';
  const inPage = planned(
    "svg",
    { box: null, markup: sprite },
    planned("symbol", { attributes: { id: "arrow" }, box: null }),
  );
  const file = (text: string) => ({ contentType: "image/svg+xml", naturalWidth: 24, naturalHeight: 24, text });
  const files = {
    "https://site.example/sprite.svg": file(sprite),
    "https://site.example/arrow.svg": file(`<svg xmlns="http://www.w3.org/2000/svg" ${arrow.slice(5)}`),
  };
  const picture = { source: "https://site.example/arrow.svg", alternatives: [], naturalWidth: 24, naturalHeight: 24 };
  const elements = [
    drawing(arrow),
    inPage,
    drawing('<svg><use href="#arrow"></use></svg>'),
    drawing('<svg class="icon"><use xlink:href="/sprite.svg#arrow"></use></svg>'),
    planned("img", { box: [0, 0, 24, 24], picture }),
    planned("i", { style: { "background-image": 'url("https://site.example/arrow.svg")' } }),
  ];
  expect(icons(elements, { files })).toMatchObject([{ count: 5 }]);
});

test.each([
  ["outline", "lines only", [line, line]],
  ["outline", "lines and dots of one colour", [line, area]],
  ["solid", "areas of one colour", [area, area]],
  ["solid", "areas with an edge of the same colour", [{ ...area, stroke: "rgb(1, 2, 3)" }]],
  ["duotone", "areas of two colours", [area, { fill: "rgb(9, 9, 9)" }]],
  ["duotone", "one colour in two strengths", [area, { ...area, opacity: "0.4" }]],
  ["duotone", "areas with an edge of another colour", [{ ...area, stroke: "rgb(9, 9, 9)" }]],
  ["outline", "a line and an area that is clear", [line, { fill: "rgba(0, 0, 0, 0)" }]],
])("%s: %s", (style, _what, shapes) => {
  expect(icons([drawing(arrow, {}, ...shapes)])).toMatchObject([{ style }]);
});

test("a drawing in a file is judged by its own attributes", () => {
  const text =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" fill="none" stroke="#111"><path d="M1 1h6"/></svg>';
  const picture = {
    source: `data:image/svg+xml,${encodeURIComponent(text)}`,
    alternatives: [],
    naturalWidth: 9,
    naturalHeight: 9,
  };
  expect(icons([planned("img", { box: [0, 0, 16, 16], picture })])).toMatchObject([{ style: "outline", size: 16 }]);
});

test("size is the longer side that is shown most often", () => {
  const at = (side: number) => drawing(arrow, { box: [0, 0, side, side] });
  expect(icons([at(16), at(32), at(16)])).toMatchObject([{ size: 16, count: 3 }]);
});

test.each([
  ["large", { box: [0, 0, 65, 65] }],
  ["long", { box: [0, 0, 60, 20] }],
  ["not displayed", { box: null }],
  ["not seen", { style: { visibility: "hidden" } }],
] as const)("a drawing that is %s is no icon", (_what, facts) => {
  expect(icons([drawing(arrow, facts)])).toEqual([]);
});

test("what is no XML is an icon still, and what draws nothing is none", () => {
  expect(icons([drawing('<svg viewBox="0 0 24 24"><path d="M4 12h16"><br></svg>')])).toHaveLength(1);
  expect(icons([drawing('<svg viewBox="0 0 24 24"></svg>')])).toEqual([]);
});

test("no script is left in an icon's source", () => {
  const markup =
    '<svg viewBox="0 0 24 24" onload="go()"><script>go()</script><path onclick="go()" d="M4 12h16"></path></svg>';
  const [icon] = icons([drawing(markup)]);
  expect(icon?.source).toContain("M4 12h16");
  expect(icon?.source).not.toContain("go()");
});

test("drawings that use one another without end are completed up to a bound", { timeout: 30_000 }, () => {
  const uses = (id: string) => `<use href="#${id}"/>`.repeat(12);
  const drawings = ["b", "c", "d", "e", "f", "g"].map((id, nth, all) =>
    planned(
      "svg",
      { box: null, markup: `<svg><g id="${id}">${uses(all[nth + 1] ?? "none")}</g></svg>` },
      planned("g", { attributes: { id } }),
    ),
  );
  const [icon] = icons([drawing(`<svg>${uses("b")}</svg>`), ...drawings]);
  expect(icon?.source?.length).toBeLessThan(20_000_000);
});
