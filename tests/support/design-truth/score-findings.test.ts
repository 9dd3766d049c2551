import { differenceEuclidean } from "culori";
import { expect, test } from "vitest";
import { designPage } from "./design-page.ts";
import { colorNames, designs } from "./design-tokens.ts";
import { canonicalCss, precisionOf, recallOf, scoreFindings, totalOf } from "./score-findings.ts";
import { wcagContrast } from "./wcag-contrast.ts";

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

test("what a peer calls a colour and is none is false, also where pixels are the truth", () => {
  const colors = ["", "none", "rgb(", "#ff0000"].map((hex) => ({ hex, rgb: "", count: 1, role: "neutral" as const }));
  for (const pixels of [{}, { mixedColors: ["#00ff00"] }]) {
    const [score] = scoreFindings({ colors: { colors, contrastIssues: [] } }, { colors: ["#ff0000"], ...pixels });
    expect(score).toEqual({ of: "colors", right: 1, false: ["", "none", "rgb("], missed: [] });
  }
});

test("a logo where there is none is false", () => {
  const [score] = scoreFindings(
    { logo: { logo: { found: true, src: "http://a.example/" } } },
    { logo: { kind: "none" } },
  );
  expect(score).toMatchObject({ right: 0, false: ["http://a.example/"] });
});

test("a role is scored for each known colour, and a pair by its colours, ratio and verdicts", () => {
  const color = (hex: string, role: "text" | "primary") => ({ hex, rgb: "", count: 1, role });
  const pair = { fg: "#767676", bg: "#ffffff", ratio: 4.54, passesAA: true, passesAAA: false };
  const score = (issues: readonly (typeof pair)[]) =>
    scoreFindings(
      { colors: { colors: [color("#767676", "text"), color("#0000ff", "text")], contrastIssues: [...issues] } },
      {
        roles: [
          { hex: "#767676", role: "text" },
          { hex: "#0000ff", role: "primary" },
        ],
        contrast: [{ fg: "#767676", bg: "#ffffff", isLarge: false }],
      },
    );
  const [roles, contrast] = score([pair]);
  expect(roles).toEqual({ of: "roles", right: 1, false: ["#0000ff text"], missed: ["#0000ff primary"] });
  expect(contrast).toEqual({ of: "contrast", right: 1, false: [], missed: [] });
  for (const wrong of [{ ratio: 5 }, { passesAA: false }, { passesAAA: true }, { bg: "#000000" }])
    expect(score([{ ...pair, ...wrong }])[1], JSON.stringify(wrong)).toMatchObject({ right: 0 });
});

test.each([
  ["#000000", "#ffffff", 21],
  ["#777777", "#ffffff", 4.478],
  ["#767676", "#ffffff", 4.542],
  ["#0000ff", "#ffff00", 8.002],
])("the contrast of %s and %s is %d", (one, other, ratio) => {
  expect(wcagContrast(one, other)).toBeCloseTo(ratio, 3);
  expect(wcagContrast(other, one)).toBeCloseTo(ratio, 3);
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
