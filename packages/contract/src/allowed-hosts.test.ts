import { expect, test } from "vitest";
import { allowedHosts, allowedHostsMax, refusalOfAllowedHost } from "./allowed-hosts.ts";
import { hostRulesOf } from "./platform-hosts.ts";
import { platforms } from "./platforms.ts";

test.each(["example.com", ".example.com", "a.b.example.co.uk", ".example.co.uk", "xn--bcher-kva.example", "co.uk"])(
  "%j may be allowed",
  (host) => {
    expect(refusalOfAllowedHost(host)).toBe(null);
  },
);

test("so may every host of a platform", () => {
  expect(platforms.flatMap(hostRulesOf).filter(refusalOfAllowedHost)).toEqual([]);
});

test.each([
  [".com", /top-level/],
  [".xn--p1ai", /top-level/],
  [".co.uk", /top-level/],
  [".com.au", /top-level/],
  [".or.jp", /top-level/],
  [".localhost", /top-level/],
  ["localhost", /private/],
  ["db.internal", /private/],
  [".corp.internal", /private/],
  ["printer.local", /private/],
  [".home.arpa", /private/],
  ["127.0.0.1", /private/],
  ["10.1.2.3", /private/],
  ["8.8.8.8", /no host/],
  ["[::1]", /private/],
  ["com", /no host/],
  ["", /no host/],
  [".", /no host/],
  ["*.example.com", /no host/],
  ["Example.com", /no host/],
  ["https://example.com", /no host/],
  ["example.com:443", /no host/],
  ["example.com/path", /no host/],
  ["example.com.", /no host/],
  ["exa mple.com", /no host/],
])("%j is refused, and why is said", (host, says) => {
  expect(refusalOfAllowedHost(host)).toMatch(says);
});

test("a list is bounded, and says which of it is wrong, cut where it is long", () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => `h${n}.example`);
  expect(allowedHosts.safeParse(many(allowedHostsMax)).success).toBe(true);
  expect(allowedHosts.safeParse(many(allowedHostsMax + 1)).success).toBe(false);
  const { error } = allowedHosts.safeParse(["example.com", "x".repeat(10_000)]);
  expect(error?.issues).toHaveLength(1);
  expect(error?.issues[0]?.message).toMatch(/^allowedHosts: "x{80}" is no host/);
});
