import { expect, test } from "vitest";
import { hostRulesOf, isHostRule, matchesHost, platformHosts, platformOfHost } from "./platform-hosts.ts";
import { credentialFields, platforms } from "./platforms.ts";

test("every rule of the table has a rule's form, and stands there once", () => {
  const rules = platforms.flatMap(hostRulesOf);
  expect(rules.length).toBeGreaterThan(20);
  expect(rules.filter((rule) => !isHostRule(rule))).toEqual([]);
  expect(new Set(rules).size).toBe(rules.length);
});

test("a platform reaches the first domain of each of its own cookies, and no other platform does", () => {
  for (const { platform, domains } of Object.values(credentialFields)) {
    const [host = ""] = domains.map((domain) => domain.slice(1));
    const reaching = platforms.filter((each) => hostRulesOf(each).some((rule) => matchesHost(rule, host)));
    expect(reaching, host).toEqual([platform]);
  }
});

test("Google's names on which strangers publish or collect are not YouTube's", () => {
  for (const host of [
    "docs.google.com",
    "sites.google.com",
    "script.google.com",
    "storage.googleapis.com",
    "script.googleusercontent.com",
    "google.com.evil.example",
  ])
    expect(hostRulesOf("youtube").filter((rule) => matchesHost(rule, host))).toEqual([]);
});

test.each([
  ["x.com", "x.com", true],
  ["x.com", "api.x.com", false],
  [".x.com", "x.com", true],
  [".x.com", "api.x.com", true],
  [".x.com", "netflix.com", false],
  [".x.com", "x.com.evil.example", false],
  [".x.com", "x.com.", false],
])("the rule %j of the host %j: %j", (rule, host, matches) => {
  expect(matchesHost(rule, host)).toBe(matches);
});

test.each([
  "",
  ".",
  "com",
  ".com",
  "*.x.com",
  "X.com",
  "x.com:443",
  "x.com.",
  "https://x.com",
  "127.0.0.1",
  "a..b",
  "[::1]",
])("%j is no rule", (text) => {
  expect(isHostRule(text)).toBe(false);
});

test("an address tells its platform by its site, not by its media", () => {
  expect(platformOfHost("www.youtube.com")).toBe("youtube");
  expect(platformOfHost("pbs.twimg.com")).toBe(null);
  expect(platformOfHost("elsewhere.example")).toBe(null);
  expect(Object.keys(platformHosts)).toEqual([...platforms]);
});
