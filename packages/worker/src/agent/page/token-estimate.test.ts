import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { expect, test } from "vitest";
import { estimateTokens } from "./token-estimate.ts";

const view = `! http://shop.test/orders "Orders"
# Your orders
[1] Home [2] Explore [3] button Notifications, 3 unread
[4] field Search: (name or number)
Order | Customer | Date | Total
[12] SO-204016 | [13] Oskar Rosso | 17 Apr 2026 | €2293.63 | Paid
The careful camera keeps the [42] library , while the early window changes the public journey near the island.
! 1860 more lines: read, or find`;

test("a view is estimated within a tenth of what a tokenizer counts", () => {
  const counted = encode(view).length;
  expect(estimateTokens(view)).toBeGreaterThan(counted * 0.9);
  expect(estimateTokens(view)).toBeLessThan(counted * 1.1);
});

test("text of other scripts is never taken for less than it is", () => {
  for (const text of [
    "日本語の文章は短く見えても多くなる",
    "Съешь ещё этих мягких французских булок",
    "ελληνικά γράμματα",
  ])
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(encode(text).length);
});

test("nothing is nothing", () => {
  expect(estimateTokens("")).toBe(0);
});
