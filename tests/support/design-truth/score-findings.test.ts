import { differenceEuclidean } from "culori";
import { expect, test } from "vitest";
import { designPage } from "./design-page.ts";
import { colorNames, designs } from "./design-tokens.ts";
import { canonicalCss, precisionOf, recallOf, scoreFindings, totalOf } from "./score-findings.ts";

test("what is false and what is missed counts, once each", () => {
  const tokens = {
    dtcg: {},
    spacing: [4, 8, 8, 13],
    radii: [],
    shadows: [],
    gradients: [],
    motionDurationsMs: [],
    cssVariables: [],
  };
  const scores = scoreFindings({ tokens: { tokens } }, { spacing: [4, 8, 16] });
  expect(scores).toEqual([{ of: "spacing", right: 2, false: ["8", "13"], missed: ["16"] }]);
  const total = totalOf("spacing", scores);
  expect([precisionOf(total), recallOf(total)]).toEqual([2 / 4, 2 / 3]);
});

test("an extractor that failed has found nothing", () => {
  const [score] = scoreFindings({ colors: { error: "This extractor failed" } }, { colors: ["#ff0000"] });
  expect(score).toEqual({ of: "colors", right: 0, false: [], missed: ["#ff0000"] });
});

test("a logo where there is none is false", () => {
  const [score] = scoreFindings(
    { logo: { logo: { found: true, src: "http://a.example/" } } },
    { logo: { kind: "none" } },
  );
  expect(score).toMatchObject({ right: 0, false: ["http://a.example/"] });
});

test.each([
  ["0 1px 2px rgba(0, 0, 0, 0.5)", "rgba(0, 0, 0, 0.5) 0px 1px 2px 0px"],
  ["linear-gradient(to right, #f00, blue)", "linear-gradient(90deg, rgb(255, 0, 0), rgb(0, 0, 255))"],
  ["radial-gradient(circle at 50% 50%, #fff, #000)", "radial-gradient(circle, white, black)"],
  ["0 -1px .5rem #fff", "#ffffff 0px -1px .5rem"],
])("%s and %s are one value", (one, other) => {
  expect(canonicalCss(one)).toBe(canonicalCss(other));
});

test("other values stay other values", () => {
  expect(canonicalCss("0 1px 2px #000")).not.toBe(canonicalCss("0 1px 3px #000"));
  expect(canonicalCss("linear-gradient(45deg, #f00, #00f)")).not.toBe(canonicalCss("linear-gradient(#f00, #00f)"));
});

test("the designs are ten or more, each with nine colours that an eye tells apart", () => {
  expect(designs.length).toBeGreaterThanOrEqual(10);
  for (const { name, palette, dark } of designs)
    for (const colors of [palette, ...(dark ? [dark] : [])].map((one) => colorNames.map((color) => one[color]))) {
      expect(colors).toHaveLength(9);
      const nearest = Math.min(
        ...colors.flatMap((a, nth) => colors.slice(nth + 1).map((b) => differenceEuclidean("oklab")(a, b))),
      );
      expect(nearest, name).toBeGreaterThan(0.03);
    }
});

test("a page says all that it has, and carries every file that it names", () => {
  for (const design of designs) {
    const { files, url, truth } = designPage(design);
    expect(truth.images?.length, design.name).toBeGreaterThan(10);
    for (const { src } of truth.images ?? [])
      if (src?.startsWith("http")) expect(files.has(src), `${url} names ${src}`).toBe(true);
  }
});
