import { describe, expect, test } from "vitest";
import { createWebhookEndpoint, refusalOfWebhookUrl } from "./webhooks.ts";

describe("the URL of an endpoint", () => {
  test.each([
    "https://example.com/hooks?a=1",
    "https://example.com:8443/",
    "https://8.8.8.8/",
    "https://[2606:4700::1]/",
  ])("may be public and https: %s", (url) => {
    expect(refusalOfWebhookUrl(url, false)).toBeNull();
  });

  test.each([
    ["http://example.com/", /https/],
    ["ftp://example.com/", /https/],
    ["example.com/hooks", /no URL/],
    ["", /no URL/],
    ["https://user:word@example.com/", /password/],
    ["https://localhost/", /private/],
    ["https://LOCALHOST.:443/", /private/],
    ["https://service.internal/", /private/],
    ["https://127.0.0.1/", /private/],
    ["https://2130706433/", /private/],
    ["https://169.254.169.254/latest/meta-data/", /private/],
    ["https://[::1]/", /private/],
    ["https://[::ffff:10.0.0.1]/", /private/],
  ])("is refused when it is not: %s", (url, refusal) => {
    expect(refusalOfWebhookUrl(url, false)).toMatch(refusal);
  });

  test("may be private and http where the operator allows it, and then too carries no password", () => {
    expect(refusalOfWebhookUrl("http://127.0.0.1:8080/", true)).toBeNull();
    expect(refusalOfWebhookUrl("http://receiver/", true)).toBeNull();
    expect(refusalOfWebhookUrl("ftp://receiver/", true)).toMatch(/https/);
    expect(refusalOfWebhookUrl("http://a:b@receiver/", true)).toMatch(/password/);
  });
});

test.each([
  [{}, /url is missing/],
  [{ url: 1 }, /url is missing/],
  [{ url: `https://example.com/${"a".repeat(2_048)}` }, /longer than 2048/],
  [{ url: "https://example.com/", events: ["task.failed"] }, /only "url" and "description"/],
  [{ url: "https://example.com/", description: "" }, /1 to 256/],
  [{ url: "https://example.com/", description: "a\0b" }, /control/],
  [{ url: "https://example.com/", description: "\ud800" }, /control/],
  [{ url: "https://example.com/", description: "a".repeat(257) }, /1 to 256/],
  ["https://example.com/", /JSON object/],
])("a body that is not as documented is told so: %j", (body, message) => {
  const { error } = createWebhookEndpoint.body.safeParse(body);
  expect(error?.issues[0]?.message).toMatch(message);
});
