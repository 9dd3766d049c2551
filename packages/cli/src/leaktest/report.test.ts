import { expect, test } from "vitest";
import { describeReport, judge, type LeaktestReport, redactedSinks } from "./report.ts";
import type { SinkReport } from "./search/search-sink.ts";

const hit = { name: "twitterCt0", encoding: "hex", where: "tasks.result" };
const sink = (name: string, hits = 0, markerFound = ["plain"]): SinkReport => ({
  sink: name,
  parts: 1,
  bytes: 1_000,
  hits: hits > 0 ? [hit] : [],
  hitCount: hits,
  markerFound,
});
const nothing = { connections: 0, bytes: 0, datagrams: 0, namesLookedUp: 0 };
const report = (change: Partial<LeaktestReport> = {}): LeaktestReport => ({
  isRedacting: true,
  sinks: [...redactedSinks, "webhooks"].map((name) => sink(name)),
  attackerGot: nothing,
  controls: [{ what: "it was tried", holds: true }],
  notes: [],
  seconds: 1,
  ...change,
});

test("nothing found, the marker everywhere and all controls: clean", () => {
  expect(judge(report())).toBe("clean");
});

test("one hit anywhere, or anything at the attacker, is a leak, whatever the controls say", () => {
  const controls = [{ what: "x", holds: false }];
  expect(judge(report({ sinks: [sink("webhooks", 1)], controls }))).toBe("leak");
  for (const what of Object.keys(nothing))
    expect(judge(report({ attackerGot: { ...nothing, [what]: 1 }, controls }))).toBe("leak");
});

test("a sink without the marker, or a control that failed, makes it blind", () => {
  expect(judge(report({ sinks: [sink("webhooks", 0, [])] }))).toBe("blind");
  expect(judge(report({ controls: [{ what: "x", holds: false }] }))).toBe("blind");
});

test("without redaction it is clean only with hits in every sink that redaction guards, and blind otherwise", () => {
  const sinks = [...redactedSinks.map((name) => sink(name, 3)), sink("webhooks")];
  expect(judge(report({ isRedacting: false, sinks }))).toBe("clean");
  expect(judge(report({ isRedacting: false }))).toBe("blind");
  for (const at of redactedSinks.keys())
    expect(judge(report({ isRedacting: false, sinks: sinks.with(at, sink(redactedSinks[at] ?? "")) }))).toBe("blind");
  expect(judge(report({ isRedacting: false, sinks, attackerGot: { ...nothing, bytes: 1 } }))).toBe("leak");
});

test("the table names every sink, its bytes and hits, and each hit by field, encoding and place", () => {
  const text = describeReport(report({ sinks: [sink("results", 2), sink("webhooks", 0, [])] }));
  expect(text).toMatch(/^results +1 +1,000 +2 +found$/m);
  expect(text).toMatch(/^webhooks +1 +1,000 +0 +NOT FOUND$/m);
  expect(text).toContain("results: twitterCt0, hex, in tasks.result");
  expect(text).toContain("results: and 1 more");
  expect(text).toContain("LEAK");
});
