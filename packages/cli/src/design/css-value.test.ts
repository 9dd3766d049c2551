import { describe, expect, test } from "vitest";
import { cssValue, familyString, hexColor } from "./css-value.ts";

describe("a value of the page's own CSS", () => {
  test.each([
    "0 1px 2px rgba(0, 0, 0, 0.2)",
    "rgb(0 0 0 / 20%) 0px 12px 32px -8px, oklch(0.7 0.1 200) 0px 2px 4px 0px inset",
    "linear-gradient(135deg, rgb(67, 83, 255), #ff8fb1 60%)",
    "repeating-conic-gradient(from 45deg, #fff 0 25%, color-mix(in oklab, red 20%, blue) 0 50%)",
    "calc((1px + 2px) * 3)",
    "#4353ff",
  ])("that only paints is taken as it is: %s", (value) => {
    expect(cssValue(value)).toBe(value);
  });

  test.each([
    "url(https://evil.example/a.png)",
    "URL(//evil.example)",
    "image-set(url(x) 1x)",
    "linear-gradient(red, blue), url(x)",
    "image(x)",
    "src(x)",
    "element(#x)",
    "attr(x)",
    "paint(x)",
    "var(--x)",
    "u\\72l(x)",
    "red;background:blue",
    "red}body{display:none",
    'red" onload="x',
    "red' x='",
    "red</style><script>",
    "rgb(0,0,0",
    "rgb(0,0,0))",
    ")(",
    "@import x",
    "a:b",
    "",
    "x".repeat(4_001),
  ])("that could fetch, or end what it stands in, is not taken: %s", (value) => {
    expect(cssValue(value)).toBeNull();
  });
});

test.each(["#fff", "#FFFA", "#4353ff", "#4353ff80"])("%s is a colour", (text) => expect(hexColor(text)).toBe(text));
test.each(["fff", "#ff", "#fffff", "#gggggg", "#fff;x", "red", ""])("%s is none", (text) =>
  expect(hexColor(text)).toBeNull(),
);

test("a family stays within its string", () => {
  expect(familyString("Noto Sans JP")).toBe("'Noto Sans JP'");
  expect(familyString(`x'"\\;}</style>{`)).toBe("'xstyle'");
});
