import { expect, test } from "vitest";
import { lifetimeOf } from "./token-lifetime.ts";

test("how long a token is good is told by its own two times, whatever this machine's clock says", () => {
  const payload = { sub: "ada?>~", iat: 1_000, exp: 1_900 };
  const token = `e30.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.sig`;
  expect(token, "the control: base64url differs from base64 here").toMatch(/[-_]/);
  expect(lifetimeOf(token)).toBe(900_000);
});
