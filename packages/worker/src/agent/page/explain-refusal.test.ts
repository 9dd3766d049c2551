import { expect, test } from "vitest";
import { createEgressLog, type RefusalReason } from "../../cage/egress-log.ts";
import { explainRefusal, refusalOfPage } from "./explain-refusal.ts";

function logOf(...notes: [string, number, RefusalReason | null][]) {
  const log = createEgressLog();
  for (const note of notes) log.note(...note);
  return log;
}

test("a page is shown whatever of its host was refused at another port, or did not answer since", () => {
  const log = logOf(["pages.example", 80, null], ["pages.example", 8_080, "port_not_allowed"]);
  expect(refusalOfPage("http://pages.example/", log)).toBe(null);
  expect(refusalOfPage("http://pages.example:8080/", log)).toMatch(/^pages\.example is not .* port_not_allowed/);
  log.note("pages.example", 80, "not_reached"); // a picture; a refusal of that kind has no page
  expect(refusalOfPage("http://pages.example/", log)).toBe(null);
});

test("over HTTPS a refusal never is a page", () => {
  const log = logOf(["pages.example", 443, "host_not_allowed"]);
  expect(refusalOfPage("https://pages.example/", log)).toBe(null);
  expect(explainRefusal("https://pages.example/a?b", log)).toMatch(/^pages\.example is not .* host_not_allowed \(/);
});

test("what was reached, never asked for, or is no address is not explained", () => {
  const log = logOf(["pages.example", 443, "not_reached"], ["pages.example", 443, null]);
  for (const url of ["https://pages.example/", "https://other.example/", "chrome-error://x", "nonsense", null])
    expect(explainRefusal(url, log)).toBe(null);
  expect(explainRefusal("https://pages.example/", undefined)).toBe(null);
});
