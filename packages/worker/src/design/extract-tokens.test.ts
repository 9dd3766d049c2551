import { defineConfig, parse } from "@terrazzo/parser";
import { describe, expect, test } from "vitest";
import { buildSnapshot, type Planned, planned } from "../../../../tests/support/page-snapshot.ts";
import { extractTokens } from "./extract-tokens.ts";
import type { ComputedStyle, PageSnapshot } from "./snapshot.ts";

function tokensOf(elements: readonly Planned[], more: Partial<PageSnapshot> = {}) {
  return extractTokens(buildSnapshot(elements, more)).tokens;
}

function styled(style: Partial<ComputedStyle>): Planned {
  return planned("div", { style });
}

describe("values in effect", () => {
  test("of spacing are the lengths of margins, paddings and gaps, ascending and once", () => {
    const elements = [
      styled({ "margin-top": "24px", "margin-left": "-8px", "padding-left": "4px", "padding-right": "0px" }),
      styled({ "margin-top": "4px", "margin-left": "133.5px", "padding-top": "64px" }),
      styled({ display: "flex", "row-gap": "12.8px", "column-gap": "normal" }),
      styled({ display: "block", "row-gap": "99px" }),
      planned("::before", { style: { "margin-left": "77px", "padding-left": "2px" } }),
      planned("div", { box: null, style: { "margin-top": "55px" } }),
    ];
    const { spacing } = tokensOf(elements, { fluidLengths: ["133.5px", "64px"] });
    expect(spacing).toEqual([2, 4, 12.8, 24]);
  });

  test("of radii are pixels, both of an elliptic corner; shares of the box are none", () => {
    const { radii } = tokensOf([
      styled({ "border-top-left-radius": "8px 16px", "border-bottom-left-radius": "9999px" }),
      styled({ "border-top-left-radius": "50%", "border-top-right-radius": "0px" }),
    ]);
    expect(radii).toEqual([8, 16, 9999]);
  });

  test("of shadows are as computed, without the layers that show nothing", () => {
    const nothing = "rgba(0, 0, 0, 0) 0px 0px 0px 0px";
    const { shadows } = tokensOf([
      styled({ "box-shadow": `${nothing}, rgba(0, 0, 0, 0.1) 0px 1px 2px 0px, rgb(0, 0, 0) 0px 0px 0px 0px` }),
      styled({ "box-shadow": `${nothing}, ${nothing}` }),
      styled({ "box-shadow": "rgba(0, 0, 0, 0.1) 0px 1px 2px 0px" }),
    ]);
    expect(shadows).toEqual(["rgba(0, 0, 0, 0.1) 0px 1px 2px 0px"]);
  });

  test("of gradients are each one of a background, once, as computed", () => {
    const [one, two] = [
      "linear-gradient(45deg, rgb(1, 2, 3), rgba(0, 0, 0, 0))",
      "repeating-conic-gradient(red, blue)",
    ];
    const older = "-webkit-linear-gradient(top, rgb(1, 2, 3), rgb(4, 5, 6))";
    const { gradients } = tokensOf([
      styled({ "background-image": `${one}, url("https://site.example/a.png"), ${two}` }),
      styled({ "mask-image": one }),
      styled({ "background-image": older }),
    ]);
    expect(gradients).toEqual([one, two, older]);
  });

  test("of motion are the durations of transitions and animations that there are, in milliseconds", () => {
    const { motionDurationsMs } = tokensOf([
      styled({ "transition-property": "all, color", "transition-duration": "0.2s, 0.15s" }),
      styled({ "transition-property": "none", "transition-duration": "9s" }),
      styled({ "animation-name": "turn", "animation-duration": "1.5s" }),
      styled({ "animation-name": "none", "animation-duration": "8s" }),
    ]);
    expect(motionDurationsMs).toEqual([150, 200, 1500]);
  });

  test("of custom properties are not those that are only registered", () => {
    const text = "@property --a { syntax: '*'; inherits: false; initial-value: 0 } @property --b { initial-value: 0 }";
    const { cssVariables } = tokensOf([], {
      sheets: [{ url: "", text, media: "" }],
      rootProperties: { "--a": "0", "--b": "1" },
    });
    expect(cssVariables).toEqual([{ name: "--b", value: "1" }]);
  });

  test("of custom properties are the root's by name, with the dark value where it is another", () => {
    const { cssVariables } = tokensOf([], {
      rootProperties: { "--b": "1px", "--a": "#fff" },
      darkRootProperties: { "--b": "1px", "--a": "#000", "--c": "red" },
    });
    expect(cssVariables).toEqual([
      { name: "--a", value: "#fff", dark: "#000" },
      { name: "--b", value: "1px" },
      { name: "--c", value: "", dark: "red" },
    ]);
  });
});

describe("the Design Tokens file", () => {
  const full = buildSnapshot(
    [
      styled({
        "background-color": "rgb(37, 99, 235)",
        "padding-top": "0.5px",
        "border-top-left-radius": "3.35544e+07px",
        "box-shadow": "rgba(0, 0, 0, 0.1) 0px 1px 2px 0px, oklab(0.5 0.1 0.1 / 0.5) 0px 2px 4px -1px inset",
        "background-image":
          "linear-gradient(90deg, rgb(1, 2, 3), rgb(4, 5, 6), rgb(7, 8, 9) 80%, rgba(0, 0, 0, 0)), conic-gradient(rgb(1, 2, 3) 0deg 90deg, rgb(4, 5, 6) 360deg)",
        "transition-property": "all",
        "transition-duration": "0.2s",
      }),
    ],
    {
      textFonts: [
        { stack: "A", weight: 700, rendered: "A", isCustom: false, role: "heading", characters: 9 },
        { stack: "B", weight: 400, rendered: "B", isCustom: false, role: "running", characters: 90 },
      ],
      rootProperties: {
        "--$odd.name{x}": "#123456",
        "---odd-name-x-": "#654321",
        "--__proto__": "1px",
        "--ink": "oklch(50% 0.1 20 / 40%)",
        "--space": "1.5rem",
        "--width": "50%",
        "--font-body": '"A B", serif',
        "--font-weight": "600",
        "--weight-none": "0",
        "--ease": "cubic-bezier(0.4, 0, 0.2, 1)",
        "--bounce": "cubic-bezier(1.4, 0, 0.2, 1)",
        "--fast": ".15s",
        "--anything": "{ a: b }",
        "--": "2px",
      },
      darkRootProperties: { "--ink": "#ffffff" },
    },
  );
  const { dtcg } = extractTokens(full).tokens;

  test("is accepted by a parser of the format's 2025.10 release, every rule of it an error", async () => {
    const accepted = await parsed(dtcg);
    expect(Object.keys(accepted)).toEqual(
      expect.arrayContaining(["color.primary", "spacing.1", "radius.1", "shadow.1", "gradient.2", "duration.1"]),
    );
    expect(accepted["customProperty.space"]).toMatchObject({ $type: "dimension", $value: { value: 1.5, unit: "rem" } });
  });

  test.each([
    ["a length as text", { $type: "dimension", $value: "4px" }],
    ["another unit", { $type: "dimension", $value: { value: 4, unit: "em" } }],
    ["a colour as text", { $type: "color", $value: "#123456" }],
    ["a weight beyond all", { $type: "fontWeight", $value: 2_000 }],
    ["a shadow without a colour", { $type: "shadow", $value: { offsetX: 1 } }],
    ["a curve of three numbers", { $type: "cubicBezier", $value: [0, 1, 1] }],
  ])("is checked by a parser that refuses %s", async (_, token) => {
    await expect(parsed({ ...dtcg, wrong: token })).rejects.toThrow();
  });

  test("has a colour in sRGB with its alpha, and the dark value beside the other", () => {
    expect(dtcg).toMatchObject({
      customProperty: {
        ink: {
          $type: "color",
          $value: { colorSpace: "srgb", alpha: 0.4 },
          $extensions: { "dev.stablehand": { dark: { hex: "#ffffff" } } },
        },
      },
    });
  });

  test("has a gradient's stops where CSS puts them, and its CSS beside", () => {
    expect(dtcg).toMatchObject({
      gradient: {
        $type: "gradient",
        1: {
          $value: [{ position: 0 }, { position: 0.4 }, { position: 0.8 }, { position: 1, color: { alpha: 0 } }],
          $extensions: { "dev.stablehand": { css: expect.stringContaining("linear-gradient(90deg") } },
        },
        2: { $value: [{ position: 0 }, { position: 0.25 }, { position: 1 }] },
      },
    });
  });

  test("leaves out what the format has no type for, and keeps names apart that it cannot have", () => {
    const names = Object.keys(dtcg["customProperty"] ?? {});
    expect(names).not.toContain("width");
    expect(names).not.toContain("bounce");
    expect(names).not.toContain("anything");
    expect(names.filter((name) => /[.{}]|^\$/.test(name))).toEqual([]);
    expect(names.filter((name) => name.startsWith("-odd-name-x-"))).toHaveLength(2);
    expect(names).not.toContain("__proto__");
  });

  test("has gradients of very many stops", { timeout: 10_000 }, () => {
    const stops = Array.from({ length: 50_000 }, () => "rgb(1, 2, 3)").join(", ");
    const { dtcg } = tokensOf([planned("div", { style: { "background-image": `linear-gradient(${stops})` } })]);
    const values = (dtcg as { gradient: { 1: { $value: { position: number }[] } } }).gradient[1].$value; // as above
    expect([0, 24_999, 49_999].map((nth) => values[nth]?.position)).toEqual([0, 0.5, 1]);
  });

  test("of a page without anything has its colours only", () => {
    expect(Object.keys(tokensOf([]).dtcg)).toEqual(["color"]);
  });
});

async function parsed(tokens: object) {
  const config = defineConfig(
    {
      lint: {
        rules: {
          "core/valid-color": "error",
          "core/valid-dimension": ["error", { legacyFormat: false, allowedUnits: ["px", "rem"] }],
          "core/valid-font-family": "error",
          "core/valid-font-weight": "error",
          "core/valid-duration": "error",
          "core/valid-cubic-bezier": "error",
          "core/valid-number": "error",
          "core/valid-shadow": "error",
          "core/valid-gradient": "error",
        },
      },
    },
    { cwd: new URL("file:///") },
  );
  const filename = new URL("file:///tokens.json");
  return (await parse([{ filename, src: JSON.stringify(tokens) }], { config })).tokens;
}
