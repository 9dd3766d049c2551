import { type Health, type Platform, platforms } from "@stablehand/contract";
import { expect, test } from "vitest";
import { judge, probes } from "./probes.ts";

test.each(platforms)("%s: a 200 on the probe's own page is valid, with or without a query or a slash", (platform) => {
  const { page } = probes[platform];
  for (const url of [page, `${page}?lang=en#top`, page.replace(/\/?$/, "/"), page.replace(/\/$/, "")])
    expect(judge(platform, { status: 200, url }), url).toBe("valid");
});

const ends: readonly (readonly [Platform, string, Health])[] = [
  ["twitter", "https://x.com/i/flow/login?redirect_after_login=%2Fhome", "expired"],
  ["twitter", "https://x.com/login", "expired"],
  ["twitter", "https://twitter.com/login", "expired"],
  ["twitter", "https://x.com/", "expired"],
  ["twitter", "https://x.com/?mx=2", "expired"],
  ["twitter", "https://x.com/account/access", "challenged"],
  ["twitter", "https://x.com/account/access/login", "challenged"],
  ["twitter", "https://x.com/explore", "unknown"],
  ["twitter", "https://x.com/loginhelp", "unknown"],
  ["twitter", "https://x.com/homes", "unknown"],
  ["reddit", "https://www.reddit.com/settings/account", "valid"],
  ["reddit", "https://www.reddit.com/login/?dest=%2Fsettings", "expired"],
  ["reddit", "https://www.reddit.com/verification", "challenged"],
  ["reddit", "https://www.reddit.com/", "unknown"],
  ["tiktok", "https://www.tiktok.com/login?redirect_url=x", "expired"],
  ["tiktok", "https://www.tiktok.com/captcha/verify", "challenged"],
  ["tiktok", "https://www.tiktok.com/login/captcha", "challenged"],
  ["tiktok", "https://www.tiktok.com/foryou", "unknown"],
  ["youtube", "https://accounts.google.com/v3/signin/identifier", "expired"],
  ["youtube", "https://accounts.google.com/", "expired"],
  ["youtube", "https://accounts.google.com/v3/signin/challenge/pwd", "challenged"],
  ["youtube", "https://accounts.google.com/signin/v2/challenge", "challenged"],
  ["youtube", "https://accounts.google.com/challenged", "expired"],
  ["youtube", "https://consent.youtube.com/m", "unknown"],
  ["instagram", "https://www.instagram.com/accounts/login/?next=%2Faccounts%2Fedit%2F", "expired"],
  ["instagram", "https://www.instagram.com/challenge/action/", "challenged"],
  ["instagram", "https://www.instagram.com/", "unknown"],
];

test.each(ends)("%s ending on %s is %s", (platform, url, health) => {
  expect(judge(platform, { status: 200, url })).toBe(health);
});

test.each([
  "https://x.com.evil.example/login",
  "https://evil.example/x.com/login",
  "https://notx.com/login",
  "https://x.com@evil.example/login",
  "https://x.com:8443/login",
  "https://x.com./login",
  "https://api.x.com/login",
  "http://x.com/login",
  "http://x.com/home",
  "chrome-error://chromewebdata/",
  "about:blank",
  "",
])("%j is no page of the platform and says nothing", (url) => {
  expect(judge("twitter", { status: 200, url })).toBe("unknown");
});

test.each([null, 204, 302, 401, 403, 404, 429, 500, 503])("status %s says nothing, wherever it is seen", (status) => {
  for (const url of ["https://x.com/home", "https://x.com/login", "https://x.com/account/access"])
    expect(judge("twitter", { status, url })).toBe("unknown");
});

test("an overlay challenges a page that would be valid, and no other", () => {
  const seen = (url: string) => judge("tiktok", { status: 200, url, overlayShown: true });
  expect(seen("https://www.tiktok.com/setting")).toBe("challenged");
  expect(seen("https://www.tiktok.com/login")).toBe("expired");
  expect(seen("https://elsewhere.example/")).toBe("unknown");
});
