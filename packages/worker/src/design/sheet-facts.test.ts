import { describe, expect, test } from "vitest";
import { darkSwitchOf, fontFacesOf, hasSchemes } from "./sheet-facts.ts";

const sheet = (text: string, media = "") => ({ url: "https://site.example/a/site.css", text, media });

describe("font faces", () => {
  test("are found in any rule, with absolute addresses and their range of weights", () => {
    const text = `@media screen { @supports (display: grid) { @font-face {
      font-family: "A  b"; font-weight: 100 900; font-style: italic; src: local(A), url("b.woff2") format("woff2"), url(/c.woff) } } }`;
    expect(fontFacesOf([sheet(text)])).toEqual([
      {
        family: "A b",
        urls: ["https://site.example/a/b.woff2", "https://site.example/c.woff"],
        weightMin: 100,
        weightMax: 900,
        style: "italic",
      },
    ]);
  });

  test("of a sheet that is broken are those that a browser can read", () => {
    const text =
      "p { color: ; } q { :: } @font-face { font-family: A; src: url(a.woff2) } @font-face { src: url(b.woff2) } { {";
    expect(fontFacesOf([sheet(text)]).map(({ family }) => family)).toEqual(["A"]);
  });
});

test("a sheet that was written to be slow to read is read as fast as others", { timeout: 10_000 }, () => {
  const endless = [sheet("/*".padEnd(600_000, "dark,")), sheet("/*".padEnd(600_000, "color-scheme: "))];
  expect(darkSwitchOf(endless)).toBeNull();
  expect(hasSchemes({ sheets: endless, elements: [] })).toBe(false);
  expect(fontFacesOf([sheet("@font-face{font-family:a;src:url(a.woff2)}".repeat(100_000))])).toHaveLength(100_000);
});

describe("the switch to dark", () => {
  test.each([
    ['[data-theme="dark"] { --a: 1 }', [["data-theme", "dark"]]],
    [":root[data-bs-theme=dark]{--a:1}", [["data-bs-theme", "dark"]]],
    ["html.dark, .other { --a: 1 }", [["class", "dark"]]],
    [":where(.theme-dark) { --a: 1 }", [["class", "theme-dark"]]],
    [".dark{--a:1}", [["class", "dark"]]],
    [":is(.night-dark) { --a: 1 }", [["class", "night-dark"]]],
    ["html[dark] { --a: 1 }", [["dark", ""]]],
    [
      '[data-color-mode="dark"][data-dark-theme="dark"], [data-color-mode="dark"] ::backdrop { --a: 1 }',
      [
        ["data-color-mode", "dark"],
        ["data-dark-theme", "dark"],
      ],
    ],
    [".darker-box p { --a: 1 }", null],
    ["body.dark { --a: 1 }", null],
    [":is(.dark, .night) { --a: 1 }", null],
    ["html:not(.dark) { --a: 1 }", null],
    [".dark { color: red }", null],
    ["@media (prefers-color-scheme: dark) { :root { --a: 1 } }", null],
  ])("in %s is %j", (text, expected) => {
    expect(darkSwitchOf([sheet(text)])).toEqual(expected?.map(([attribute, value]) => ({ attribute, value })) ?? null);
  });

  test("is the one that redefines most", () => {
    const text = ".card-dark { --a: 1 } [data-theme=dark] { --a: 1; --b: 2 }";
    expect(darkSwitchOf([sheet(text)])).toEqual([{ attribute: "data-theme", value: "dark" }]);
  });
});

describe("a page has schemes", () => {
  const element = (tag: string, attributes: Record<string, string>) => ({
    parent: -1,
    tag,
    attributes,
    box: null,
    style: -1,
    paintOrder: -1,
    texts: [],
  });

  test.each([
    ["a rule", [sheet("@media (prefers-color-scheme: dark) { p { color: red } }")], []],
    ["a sheet's media", [sheet("p { color: red }", "(prefers-color-scheme: dark)")], []],
    ["light-dark()", [sheet("p { color: light-dark(red, blue) }")], []],
    ["color-scheme", [sheet(":root { color-scheme: light dark }")], []],
    ["a meta element", [], [element("meta", { name: "Color-Scheme", content: "light dark" })]],
    ["a source's media", [], [element("source", { media: "(prefers-color-scheme: dark)" })]],
  ])("by %s", (_, sheets, elements) => {
    expect(hasSchemes({ sheets, elements })).toBe(true);
  });

  test("by nothing else", () => {
    expect(hasSchemes({ sheets: [sheet(".dark { color: red }")], elements: [element("p", {})] })).toBe(false);
  });
});
