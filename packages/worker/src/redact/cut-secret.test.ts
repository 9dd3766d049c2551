import { expect, test } from "vitest";
import { createRedactor } from "./redactor.ts";

const token = "8e741d185faae27482d354947e6d993bda03ce6bde1a37b6e8e74005dbadb149";

test.each([
  ["with an ellipsis, as in options and alerts", (cut: string) => `select: "${cut}…" or other`],
  ["before a quote, as in titles", (cut: string) => `! "${cut}" is the title`],
  ["at the end of the text, as in a dump", (cut: string) => `<p>${cut}`],
  ["before a blank, as in addresses", (cut: string) => `https://x.com/?${cut} next`],
  [
    "in the middle of an escape",
    (cut: string) => `${[...cut].map((c) => `%${c.charCodeAt(0).toString(16)}`).join("")}%3…`,
  ],
  ["in base64", (cut: string) => `${Buffer.from(cut).toString("base64").slice(0, -4)}…`],
])("the beginning of a secret that was cut off %s is removed like the secret", (_where, write) => {
  for (const length of [20, 40, token.length - 1]) {
    const left = createRedactor([{ field: "twitterCt0", value: token }]).text(write(token.slice(0, length)));
    expect(left).toContain("[redacted:twitterCt0]");
    expect(left).not.toContain(token.slice(0, 8));
    expect(left).not.toContain(Buffer.from(token.slice(0, 9)).toString("base64"));
  }
});

test("what only begins like a secret, and goes on otherwise, stays", () => {
  const { text } = createRedactor(["https://x.com/settings/account"]);
  for (const plain of ["https://x.com/home", "https://www.reddit.com/", "see https://x.com/settled"])
    expect(text(plain)).toBe(plain);
});
