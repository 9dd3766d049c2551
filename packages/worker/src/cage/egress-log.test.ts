import { networkHostsMax } from "@stablehand/contract";
import { expect, test } from "vitest";
import { createEgressLog } from "./egress-log.ts";

test("the record names each host once, with what was refused and how often, whatever the port", () => {
  const log = createEgressLog();
  log.note("x.com", 443, null);
  log.note("x.com", 80, null);
  log.note("evil.example", 443, "host_not_allowed");
  log.note("evil.example", 80, "host_not_allowed");
  log.note("x.com", 8443, "port_not_allowed");
  expect(log.summary()).toEqual({
    reached: ["x.com"],
    refused: [
      { host: "evil.example", reason: "host_not_allowed", count: 2 },
      { host: "x.com", reason: "port_not_allowed", count: 1 },
    ],
    refusals: 3,
  });
});

test("a page that asks for names without end fills neither the record nor the list, and the latest is still explained", () => {
  const log = createEgressLog();
  for (let n = 0; n < 5_000; n++) log.note(`h${n}.example`, 443, n % 2 ? "host_not_allowed" : null);
  const { reached, refused, refusals } = log.summary();
  expect([reached.length, refused.length, refusals]).toEqual([networkHostsMax, networkHostsMax, 2_500]);
  expect(log.visits().length).toBe(500);
  expect(log.lastRefusal("h4999.example")).toBe("host_not_allowed");
  expect(log.lastRefusal("h1.example")).toBe(null);
});

test("the last refusal is of that port, where one is said", () => {
  const log = createEgressLog();
  log.note("x.com", 443, null);
  log.note("x.com", 8443, "port_not_allowed");
  expect(log.lastRefusal("x.com")).toBe("port_not_allowed");
  expect(log.lastRefusal("x.com", 443)).toBe(null);
  expect(log.lastRefusal("x.com", 8443)).toBe("port_not_allowed");
});
