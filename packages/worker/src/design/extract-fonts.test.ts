import { describe, expect, test } from "vitest";
import { buildSnapshot } from "../../../../tests/support/page-snapshot.ts";
import { extractFonts } from "./extract-fonts.ts";
import type { PageSnapshot, SnapshotFile, TextFont } from "./snapshot.ts";

function text(facts: Partial<TextFont>): TextFont {
  return {
    stack: "Sample",
    weight: 400,
    rendered: "Sample",
    isCustom: true,
    role: "running",
    characters: 10,
    ...facts,
  };
}

function fontsOf(textFonts: readonly TextFont[], css = "", more: Partial<PageSnapshot> = {}) {
  const sheets = [{ url: "https://site.example/css/site.css", text: css, media: "" }];
  return extractFonts(buildSnapshot([], { textFonts, sheets, ...more })).fonts;
}

const loaded: SnapshotFile = { contentType: "font/woff2", naturalWidth: 0, naturalHeight: 0 };

describe("families", () => {
  test("are those that text was rendered in, most text first, with their weights", () => {
    const fonts = fontsOf([
      text({ rendered: "DejaVu Sans", isCustom: false, characters: 5 }),
      text({ rendered: "Arial", isCustom: false, weight: 700, characters: 40 }),
      text({ rendered: "Arial", isCustom: false, weight: 400 }),
    ]);
    expect(fonts).toEqual([
      { family: "Arial", usage: "body", count: 50, weights: [400, 700], source: "system" },
      { family: "DejaVu Sans", usage: "body", count: 5, weights: [400], source: "system" },
    ]);
  });

  test("that came with the page have the name its sheet gives them, however the file calls itself", () => {
    const css = "@font-face { font-family: 'Brand Sans'; src: url(brand.woff2) }";
    const [font] = fontsOf([text({ stack: '"Brand Sans", Arial', rendered: "Inter Regular" })], css);
    expect(font).toMatchObject({ family: "Brand Sans", faceUrl: "https://site.example/css/brand.woff2" });
  });

  test("of code or symbols alone are decorative, and of headings mainly are for headings", () => {
    const fonts = fontsOf([
      text({ rendered: "Mono", isCustom: false, role: "code", characters: 30 }),
      text({ rendered: "Serif", isCustom: false, role: "heading", characters: 20 }),
      text({ rendered: "Serif", isCustom: false, role: "running", characters: 5 }),
      text({ rendered: "Icons", isCustom: false, role: "symbol", characters: 3 }),
    ]);
    expect(fonts.map(({ family, usage }) => [family, usage])).toEqual([
      ["Mono", "decorative"],
      ["Serif", "headings"],
      ["Icons", "decorative"],
    ]);
  });
});

describe("the face", () => {
  test("is of the weight that most text has, and the file that was loaded", () => {
    const css = `@font-face { font-family: Sample; font-weight: 400; src: url(400.woff2) }
      @font-face { font-family: Sample; font-weight: 700; font-style: italic; src: url(700i.woff2) }
      @font-face { font-family: Sample; font-weight: 600 800; src: url(700.eot), url(700.woff2) }`;
    const files = Object.fromEntries(
      ["400.woff2", "700i.woff2", "700.woff2"].map((name) => [`https://site.example/css/${name}`, loaded]),
    );
    const [font] = fontsOf([text({ weight: 700, characters: 90 }), text({ weight: 400 })], css, { files });
    expect(font?.faceUrl).toBe("https://site.example/css/700.woff2");
    expect(font?.originalFaceUrl).toBe(font?.faceUrl);
  });

  test.each([
    ["google", "https://fonts.gstatic.com/s/sample.woff2"],
    ["cdn", "https://cdn.example.net/sample.woff2"],
    ["self-hosted", "https://static.site.example/sample.woff2"],
    ["self-hosted", "/sample.woff2"],
  ])("says that the source is %s for %s", (source, address) => {
    expect(fontsOf([text({})], `@font-face { font-family: sample; src: url(${address}) }`)).toMatchObject([{ source }]);
  });

  test("of another site below one public name is another's", () => {
    const css = "@font-face { font-family: Sample; src: url(https://other.co.uk/a.woff2) }";
    const fonts = fontsOf([text({})], css, { url: "https://shop.co.uk/" });
    expect(fonts).toMatchObject([{ source: "cdn" }]);
  });

  test("that is within the sheet itself has no address", () => {
    const css = "@font-face { font-family: Sample; src: url(data:font/woff2;base64,AAAA) }";
    expect(fontsOf([text({})], css)).toEqual([
      { family: "Sample", usage: "body", count: 10, weights: [400], source: "self-hosted" },
    ]);
  });
});
