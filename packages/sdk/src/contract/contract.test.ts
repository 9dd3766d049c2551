import { readFileSync } from "node:fs";
import { routes as contractRoutes } from "@stablehand/contract";
import { expect, test } from "vitest";
import { contractText } from "../../generate/contract-text.ts";
import { routes } from "./routes.ts";

test("the SDK's copy of the contract is what the contract package gives: run `npm run generate`", () => {
  for (const [name, text] of Object.entries(contractText()))
    expect(text, name).toBe(readFileSync(new URL(name, import.meta.url), "utf8"));
});

test("every route that wants a token is in it", () => {
  const wanted = contractRoutes.filter((route) => route.auth !== "none").map((route) => route.id);
  expect(wanted.length).toBeGreaterThan(15);
  expect(Object.keys(routes).sort()).toEqual([...wanted].sort());
});
