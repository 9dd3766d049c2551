import { expect, test } from "vitest";
import { assetTypeOf } from "./asset-type.ts";

test.each([
  ["image/png", "image/png"],
  ["Image/SVG+XML; charset=utf-8", "image/svg+xml"],
  [" font/woff2 ", "font/woff2"],
])("the type of an image or a font is taken: %s", (sent, kept) => {
  expect(assetTypeOf(sent)).toBe(kept);
});

test.each([
  "text/html",
  "image/svg+xml, text/html",
  "application/javascript",
  "image/unheard-of",
  "constructor",
  "__proto__",
  "image/png\r\nx-evil: 1",
  "",
])("any other is bytes and nothing else: %j", (sent) => {
  expect(assetTypeOf(sent)).toBe("application/octet-stream");
});
