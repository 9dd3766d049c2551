import type { DesignFindings } from "@stablehand/contract";
import { expect, test } from "vitest";
import { sampleDesign } from "../fixtures/sample-design.ts";
import { summarise } from "./summary.ts";

type Font = DesignFindings["fonts"]["fonts"][number];

test("a summary has a line for each extractor, with what matters of it", () => {
  expect(summarise(sampleDesign).split("\n")).toEqual([
    "https://harbour.example/pricing?plan=team",
    "  images  3",
    "  fonts   Georgia (headings, 600 700, system), Inter (body, 400 500, self-hosted), JetBrains Mono (decorative, 400, google)",
    "  colors  11: primary #4353ff, background #ffffff, text #14161f, neutral #d9dce6, success #14804a, warning #b7791f, error #c7362b; pairs below AA: 2",
    "  icons   5: 3 outline, 1 solid, 1 duotone",
    "  tokens  spacing 2 4 8 12 16 24 32 48 64 96 1440; radii 2 6 12 20 9999; 2 shadows; 2 gradients; 3 durations; 3 custom properties",
    "  logo    svg, 120 × 32",
  ]);
});

test("what was not asked for has no line, and what failed says so", () => {
  const design = { ...sampleDesign, url: "https://a.example", results: { logo: { error: "no header" } } };
  expect(summarise(design)).toBe("https://a.example\n  logo    failed: no header");
});

test("no text of a page can steer the terminal", () => {
  const hostile = "\u001b]0;owned\u0007\u009b31m\u202egnp\r\n";
  const font = { family: hostile, usage: "body", count: 1, weights: [400], source: "system" } satisfies Font;
  const text = summarise({ ...sampleDesign, results: { fonts: { fonts: [font] }, logo: { error: hostile } } });
  expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(text.split("\n")).toHaveLength(3);
});
