import { expect, test } from "vitest";
import { describeStart } from "./announce.ts";

const facts = { url: "http://127.0.0.1:8787", dataDir: "/srv/data", setup: null };

test("a new key is shown with a curl line on one line that uses it", () => {
  const text = describeStart({ ...facts, hasModel: true, apiKey: "sb_live_x" });
  const line = text.split("\n").find((one) => one.includes("curl"));
  expect(line).toContain("-X PUT 'http://127.0.0.1:8787/v1/end-users/alice/credentials'");
  expect(line).toContain("Bearer sb_live_x");
});

test("as long as there is no account, a link to make it is shown", () => {
  const setup = { url: "http://127.0.0.1:8787/setup#token=x", business: "default" };
  const text = describeStart({ ...facts, hasModel: true, apiKey: null, setup });
  expect(text).toMatch(/account of the business default .*\n\n {2}http:\/\/127\.0\.0\.1:8787\/setup#token=x$/m);
});

test("without a new key the curl line needs none", () => {
  expect(describeStart({ ...facts, hasModel: true, apiKey: null })).toContain(
    "curl -sS 'http://127.0.0.1:8787/readyz'",
  );
});
