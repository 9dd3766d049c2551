import { randomBytes } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { encodingNames } from "./needles.ts";
import { createSinkSearch, type Sink } from "./search-sink.ts";

vi.setConfig({ testTimeout: 120_000 }); // some search much

const canary = "Kq7%3Avd'9&xN2-mB_w0Zr8+Ty/4Lh6Ps=";
const marker = { name: "marker", value: "m4rk3rQx81Vn52LcY0dTz7" };
const search = createSinkSearch([{ name: "twitterCt0", value: canary }], marker);

function sinkOf(text: string, isText = true): Sink {
  return { name: "a sink", parts: [{ where: "there", bytes: Buffer.from(text) }], isText };
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const hex = (text: string) => Buffer.from(text).toString("hex");
const each = (write: (code: number) => string) => [...Buffer.from(canary)].map(write).join("");
const inHex = (code: number) => code.toString(16).padStart(2, "0");
const html = (text: string) => text.replaceAll("&", "&amp;").replaceAll("'", "&#39;");

const written: readonly (readonly [string, string])[] = [
  ["as it is", canary],
  ["in upper case", canary.toUpperCase()],
  ["in lower case", canary.toLowerCase()],
  ["URL-encoded", encodeURIComponent(canary)],
  ["URL-encoded twice", encodeURIComponent(encodeURIComponent(canary))],
  ["URL-encoded four times", [1, 2, 3, 4].reduce((text) => encodeURIComponent(text), canary)],
  ["URL-decoded", decodeURIComponent(canary)],
  ["every character URL-encoded", each((code) => `%${inHex(code)}`)],
  ["JSON in JSON", JSON.stringify(canary.replaceAll("'", "\\u0027").replaceAll("&", "\\u0026"))],
  ["with \\u escapes", each((code) => `\\u00${inHex(code)}`)],
  ["with \\x escapes", each((code) => `\\x${inHex(code)}`)],
  ["HTML-escaped", html(canary)],
  ["HTML-escaped twice", html(html(canary))],
  ["with decimal entities", each((code) => `&#${code};`)],
  ["with hexadecimal entities", each((code) => `&#x${inHex(code)};`)],
  ["quoted-printable", each((code) => `=${inHex(code).toUpperCase()}`)],
  ["octal, as PostgreSQL escapes bytes", each((code) => `\\${code.toString(8).padStart(3, "0")}`)],
  ["in hex", hex(canary)],
  ["in upper-case hex", hex(canary).toUpperCase()],
  ["in hex with blanks", each((code) => `${inHex(code)} `)],
  ...[0, 1, 2].map((pad) => [`in base64 after ${pad}`, base64(`${"x".repeat(pad)}${canary} and more`)] as const),
  ...[0, 1, 2].map(
    (pad) => [`in base64url after ${pad}`, Buffer.from(`${"x".repeat(pad)}${canary}>`).toString("base64url")] as const,
  ),
  ["in base64 of other text's length", base64(JSON.stringify({ session: [1, { cookie: `ct0=${canary}` }] }))],
  ["in base64 in base64", base64(base64(`ab${canary}`))],
  ["in base64 in base64 in base64", base64(base64(base64(canary)))],
  ["URL-encoded in base64", base64(encodeURIComponent(canary))],
  ["in hex in base64", base64(hex(canary))],
  ["in base64 in hex", hex(base64(canary))],
  ["in base64, in upper case", base64(canary.toUpperCase())],
  ["in base64, broken into lines", base64(`${"-".repeat(40)}${canary}`).replace(/.{19}/g, "$&\r\n")],
  ["reversed", [...canary].reverse().join("")],
  ["reversed in base64", base64([...canary].reverse().join(""))],
  ["base64 reversed", [...base64(canary)].reverse().join("")],
  ["in UTF-16", Buffer.from(canary, "utf16le").toString("latin1")],
  ["UTF-16 in base64", Buffer.from(canary, "utf16le").toString("base64")],
  ["split by blanks", [...canary].join(" ")],
  ["split by lines", canary.replace(/.{5}/g, "$&\n")],
  ["split by spaces that nobody sees", [...canary].join("\u200b")],
  ["split by tags", [...canary].map((one) => `<b class="x">${one}</b>`).join("")],
  ["split by escaped tags", [...canary].map((one) => `&lt;i&gt;${one}`).join("")],
  ["split by comments", [...canary].join("<!-- x -->")],
  ["split by JSON's line breaks", JSON.stringify([...canary].join("\n"))],
];

describe("a value is found", () => {
  test.each(written)("%s", async (_how, text) => {
    expect(text === canary || !text.includes(canary), "it is really written otherwise").toBe(true);
    for (const around of [text, `some text before ${text} and after it`]) {
      const report = await search(sinkOf(around));
      expect(report.hitCount).toBeGreaterThan(0);
      expect(report.hits[0]).toMatchObject({ name: "twitterCt0", where: "there" });
    }
  });

  test("when any ten of its characters are there, from wherever in it", async () => {
    for (let at = 0; at + 10 <= canary.length; at++) {
      const report = await search(sinkOf(`… ${canary.slice(at, at + 10)} …`, false));
      expect(report.hits.map(({ encoding }) => encoding)).toEqual(["plain"]);
    }
  });

  test("in bytes that are no text, at any place, also at the very end", async () => {
    for (const at of [0, 1, 4_095, 70_000]) {
      const bytes = Buffer.concat([randomBytes(at), Buffer.from(canary)]);
      const report = await search({ name: "a file", parts: [{ where: "f", bytes }], isText: false });
      expect(report).toMatchObject({ bytes: bytes.length, parts: 1 });
      expect(report.hitCount).toBeGreaterThan(0);
    }
  });
});

test("what is not there is not found: not in random bytes, nor in nine of its characters, nor in much text", async () => {
  const innocent = [
    randomBytes(1_000_000).toString("latin1"),
    randomBytes(60_000).toString("base64"),
    randomBytes(60_000).toString("hex"),
    canary.slice(0, 9),
    JSON.stringify(encodingNames),
  ];
  for (const text of innocent) expect((await search(sinkOf(text, text.length < 500_000))).hits).toEqual([]);
});

test("the marker is no hit, and is told by its encodings; a sink without it has none", async () => {
  const report = await search(sinkOf(`${marker.value} ${hex(marker.value)}`));
  expect(report.hits).toEqual([]);
  expect(report.markerFound).toContain("plain");
  expect(report.markerFound).toContain("hex");
  expect((await search(sinkOf("nothing of it"))).markerFound).toEqual([]);
});

test("a report never holds a value, in whatever form", async () => {
  const report = JSON.stringify(await search(sinkOf(written.map(([, text]) => text).join("\n"))));
  expect((await search(sinkOf(report))).hits).toEqual([]);
});
