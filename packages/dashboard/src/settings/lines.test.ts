import { isEmbedOrigin } from "@stablehand/contract";
import { expect, test } from "vitest";
import { isHost, isOrigin, linesOf, problemOfLines } from "./lines.ts";

test("lines are trimmed, empty ones and repetitions left out", () => {
  expect(linesOf(" a \n\n b\na")).toEqual(["a", "b"]);
  expect(linesOf("\n ")).toEqual([]);
});

test("a name and all below it are hosts; addresses, paths and single words are none", () => {
  for (const host of ["example.com", ".example.com", "a-b.example.co.uk", "xn--bcher-kva.example"])
    expect(isHost(host)).toBe(true);
  for (const text of ["https://example.com", "example.com/x", "localhost", "*.example.com", "..com", "a b.com", ""])
    expect([text, isHost(text)]).toEqual([text, false]);
});

test("whatever the server takes as an origin is one here", () => {
  for (const origin of ["https://app.example.com", "https://app.example.com:8443", "http://localhost:3000"])
    expect([origin, isOrigin(origin), isEmbedOrigin(origin)]).toEqual([origin, true, true]);
  for (const text of ["https://app.example.com/", "app.example.com", "https://App.example.com", "data:,x"])
    expect([text, isOrigin(text)]).toEqual([text, false]);
});

test("the first wrong line is named, shortened", () => {
  expect(problemOfLines("example.com\n", isHost, "no")).toBeNull();
  expect(problemOfLines(`example.com\n${"x".repeat(99)}`, isHost, "no")).toBe(`“${"x".repeat(60)}”: no`);
});
