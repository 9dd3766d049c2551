import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ticketPageFiles } from "../../generate/ticket-page.ts";

test("the files of the ticket's page are what packages/api/page gives: run `npm run generate`", async () => {
  const files = await ticketPageFiles();
  expect([...files.keys()].sort()).toEqual(["connect.css", "connect.js"]);
  for (const [name, text] of files)
    expect(text, name).toBe(readFileSync(new URL(`../../assets/${name}`, import.meta.url), "utf8"));
});

test("nothing in them is asked of another origin, and no text is made markup", () => {
  const script = readFileSync(new URL("../../assets/connect.js", import.meta.url), "utf8");
  const style = readFileSync(new URL("../../assets/connect.css", import.meta.url), "utf8");
  expect(script).not.toMatch(
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|localStorage|sessionStorage/,
  );
  expect(style).not.toMatch(/url\(|@import/);
});
