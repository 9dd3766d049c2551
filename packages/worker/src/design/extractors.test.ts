import { expect, test } from "vitest";
import { buildSnapshot, planned } from "../../../../tests/support/page-snapshot.ts";
import { extractors, runExtractors } from "./extractors.ts";

const snapshot = buildSnapshot([planned("body")], { rootProperties: { "--gap": "4px" } });

test("an extractor that throws leaves its error, and the others their findings", () => {
  const failing = () => {
    throw new Error("no colour is left");
  };
  expect(runExtractors(snapshot, ["colors", "logo"], { ...extractors, colors: failing })).toEqual({
    colors: { error: "This extractor failed on this page: no colour is left" },
    logo: { logo: { found: false } },
  });
});

test("extractors leave the snapshot as it was, and find the same in a copy of it", () => {
  const names = ["images", "fonts", "colors", "icons", "tokens", "logo"] as const;
  const copy = structuredClone(snapshot);
  const first = runExtractors(snapshot, names);
  expect(snapshot).toEqual(copy);
  expect(JSON.stringify(runExtractors(copy, names))).toBe(JSON.stringify(first));
});
