import type { Cookie } from "playwright-core";
import { expect, test } from "vitest";
import { cookieSecrets } from "./cookie-secrets.ts";
import { createRedactor } from "./redactor.ts";

function cookie(name: string, domain: string, value: string, httpOnly = false): Cookie {
  return { name, domain, value, httpOnly, path: "/", expires: -1, secure: true, sameSite: "Lax" };
}

test.each([
  ["ct0", ".x.com", "[redacted:twitterCt0]"],
  ["ct0", "api.x.com", "[redacted:twitterCt0]"],
  ["ct0", ".twitter.com", "[redacted:twitterCt0]"],
  ["sessionid", ".tiktok.com", "[redacted:tiktokSessionId]"],
  ["sessionid", ".instagram.com", "[redacted:instagramSessionId]"],
])("a renewed %s of %s is removed as %s", (name, domain, mark) => {
  const redactor = createRedactor(cookieSecrets([cookie(name, domain, "renewed-1")]));
  expect(redactor.text("renewed-1")).toBe(mark);
});

test("any other cookie that is worth stealing is removed as a cookie, also one of a name of the table elsewhere", () => {
  const jar = [
    cookie("ct0", ".notx.com", "token-of-another-site"),
    cookie("guest_id", ".x.com", "v1-1234567890123"),
    cookie("kept", ".x.com", "secret", true),
  ];
  const redactor = createRedactor(cookieSecrets(jar));
  expect(redactor.text("token-of-another-site v1-1234567890123 secret")).toBe(
    "[redacted:cookie] [redacted:cookie] [redacted:cookie]",
  );
});

test("a setting that pages may read stays", () => {
  expect(cookieSecrets([cookie("theme", ".x.com", "dark-blue")])).toEqual([]);
});
