import { expect, test } from "vitest";
import { createRedactor } from "./redactor.ts";
import { secretLengthMin } from "./secret-forms.ts";

const secret = `s3cr<&"'>t/+=%2Fé\\value`;
const plain = "abcdef0123456789";
const reversed = (text: string) => [...text].reverse().join("");
const hexOf = (text: string) => Buffer.from(text).toString("hex");

test.each<[string, string]>([
  ["as it is", secret],
  ["URL-encoded", encodeURIComponent(secret)],
  ["URL-encoded in lower case", encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase())],
  ["URL-encoded twice", encodeURIComponent(encodeURIComponent(secret))],
  ["URL-decoded", decodeURIComponent(secret)],
  ["JSON-escaped", JSON.stringify(secret).slice(1, -1)],
  [
    "HTML-escaped",
    secret.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c] ?? "&#39;"),
  ],
  ["as HTML text", secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")],
  ["in base64", Buffer.from(secret).toString("base64")],
  ["in base64url", Buffer.from(secret).toString("base64url")],
])("a secret %s is removed wherever it stands", (_, form) => {
  const left = createRedactor([secret]).text(`before ${form} after ${form}${form}`);
  expect(left).not.toContain(form);
  expect(left).toMatch(/^before \[redacted:cookie\]=* after \[redacted:cookie\]=*\[redacted:cookie\]=*$/);
});

test.each<[string, (value: string) => string]>([
  ["as it is", (value) => value],
  ["reversed", reversed],
  ["in hex", hexOf],
  ["in base64", (value) => Buffer.from(value).toString("base64")],
  ["in base64 of hex", (value) => Buffer.from(hexOf(value)).toString("base64")],
  ["with each character URL-encoded", (value) => value.replace(/./g, (one) => `%${hexOf(one)}`)],
])(
  "of a credential %s every piece of ten characters is removed, whatever cut it, and shorter ones stay",
  (_, write) => {
    const value = "Kq7vZ2mXw9Tb4LsRu8YdPe1Hn6";
    const redactor = createRedactor([{ field: "twitterCt0", value }]);
    const written = write(value).replace(/=+$/, "");
    const unit = written.startsWith("%") ? 3 : 1;
    for (let from = 0; from + 10 * unit <= written.length; from += unit)
      for (const to of [from + 10 * unit, from + 13 * unit, written.length]) {
        const piece = written.slice(from, to);
        if (piece.length >= 10 * unit) expect(redactor.text(`! ${piece} !`)).toMatch(/^! \[redacted:twitterCt0\]=* !$/);
      }
    expect(redactor.text(`! ${written.slice(0, 7 * unit)} !`)).toBe(`! ${written.slice(0, 7 * unit)} !`);
  },
);

test("of a cookie that is no credential a piece stays: it may be an address or a word", () => {
  const value = "https://www.reddit.com/r/popular/";
  const redactor = createRedactor([value]);
  expect(redactor.text("https://www.reddit.com/")).toBe("https://www.reddit.com/");
  expect(redactor.text(value)).toBe("[redacted:cookie]");
});

test("a secret that white space splits is removed, and the text around it stays", () => {
  expect(createRedactor([plain]).text("one\nabcdef\n0123 456789 two")).toBe("one\n[redacted:cookie] two");
});

const swapped = (text: string) =>
  [...text].map((one) => (one === one.toLowerCase() ? one.toUpperCase() : one.toLowerCase())).join("");
const token = "Kq7vZ2mXw9Tb4LsR/u8+Yd";

test.each<[string, string]>([
  ["in hex", hexOf(token)],
  ["in hex in capitals", hexOf(token).toUpperCase()],
  ["reversed", reversed(token)],
  ["in capitals", token.toUpperCase()],
  ["in small letters", token.toLowerCase()],
  ["in the other case", swapped(token)],
  ["split by a blank after each character", [...token].join(" ")],
  ["split by line ends", token.replace(/.{5}/g, "$&\r\n")],
  ["split by tags", [...token].join("<b>")],
  ["split by tags in capitals, with nothing else in the text to undo", token.replace(/.{4}/g, "$&<SPAN></SPAN>")],
  ["split by tags with attributes, and comments", token.replace(/.{4}/g, '$&<a title=">">\n<!-- a > b -->')],
  ["reversed in base64", Buffer.from(reversed(token)).toString("base64")],
  [
    "in \\u escapes whose doubled backslashes are URL-encoded",
    [...token].map((one) => `%5C%5Cu00${hexOf(one)}`).join(""),
  ],
  ["in hex, URL-encoded twice", encodeURIComponent(encodeURIComponent(hexOf(token).replace(/../g, "%$&")))],
])("a value %s is removed wherever it stands", (_, form) => {
  const redactor = createRedactor([token]);
  expect(redactor.text(form)).toMatch(/^(%5C)?\[redacted:cookie\](<[^>]*>|=|\s)*$/);
  expect(redactor.text(`before.${form}.after`)).toMatch(/^before\.(%5C)?\[redacted:cookie\].*\.after$/s);
});

test.each(
  (["base64", "base64url"] as const).flatMap((encoding) =>
    [0, 1, 2].flatMap((before) => [0, 1, 2].map((after) => [encoding, before, after] as const)),
  ),
)(
  "a value in %s of a longer text is removed, %i bytes past a boundary and %i before one",
  (encoding, before, after) => {
    const longer = Buffer.from(`${"xyzXYZ".slice(0, 3 + before)}${token}${"abcABC".slice(0, 3 + after)}`).toString(
      encoding,
    );
    const left = createRedactor([token]).text(`data=${longer};`);
    const [, head = "", tail = ""] = /^data=([\w+/-]*)\[redacted:cookie\]([\w+/=-]*);$/.exec(left) ?? [];
    expect(head.length).toBeLessThanOrEqual(8);
    expect(tail.length).toBeLessThanOrEqual(12);
    expect(longer.length - head.length - tail.length).toBeGreaterThan(25);
  },
);

test("a short value is removed also when a sign of its own looks like a tag, and is left when blanks split it", () => {
  const redactor = createRedactor(["a<b>c/d"]);
  expect(redactor.text("a<b>c/d")).toBe("[redacted:cookie]");
  expect(redactor.text("it: a<b>c/d")).toBe("it: [redacted:cookie]");
  expect(redactor.text("it: a%3Cb>c\\/d")).toBe("it: [redacted:cookie]");
  expect(redactor.text("a<b>c /d")).toBe("a<b>c /d");
});

test("a text that is nothing but split secrets is done with in bounded time, and none is left", () => {
  const redactor = createRedactor([plain, "aaaaaa", "ababab"]);
  for (const piece of [`${plain.slice(0, 8)}<b>${plain.slice(8)}`, "a", "ab", "a<b>", "a b ", "&#97;b"]) {
    const left = redactor.text(piece.repeat(1_000_000 / piece.length));
    expect(left).toContain("[redacted:cookie]");
    expect(left).not.toContain(plain.slice(8));
  }
}, 20_000);

test("a secret within another leaves no rest of the other behind", () => {
  expect(createRedactor(["abcdef", plain]).text(`x ${plain} y abcdef z`)).toBe(
    "x [redacted:cookie] y [redacted:cookie] z",
  );
});

test("a secret that is added later is removed from then on, and no earlier one is forgotten", () => {
  const redactor = createRedactor(["first-secret"]);
  redactor.add(["second-secret"]);
  redactor.add([]);
  expect(redactor.text("first-secret second-secret")).toBe("[redacted:cookie] [redacted:cookie]");
});

test("values shorter than the least length are ordinary text, and none is removed from it", () => {
  const redactor = createRedactor(["", "1", "en", "a".repeat(secretLengthMin - 1)]);
  expect(redactor.text("aaaaa 1 en in the garden")).toBe("aaaaa 1 en in the garden");
});

test("a value that encoding makes long enough, or decoding too short, is ordinary text as well", () => {
  const redactor = createRedactor(["aaaaa", "%41%42%43"]);
  expect(redactor.text(`${Buffer.from("aaaaa").toString("base64")} ABC`)).toBe("YWFhYWE= ABC");
});

test("a value of the least length is removed", () => {
  expect(createRedactor(["abc123"]).text("xabc123x")).toBe("x[redacted:cookie]x");
});

test("strings, keys and numbers at any depth are free of secrets, and everything else is as it was", () => {
  const redactor = createRedactor([plain, "12345678"]);
  const value = { a: [{ [plain]: `x${plain}`, n: 12345678, m: 12, t: true, z: null }], b: "text" };
  expect(redactor.deep(value)).toEqual({
    a: [{ "[redacted:cookie]": "x[redacted:cookie]", n: "[redacted:cookie]", m: 12, t: true, z: null }],
    b: "text",
  });
});

test("a key that would reach a prototype stays a key", () => {
  const value = JSON.parse(`{"__proto__":{"a":"${plain}"}}`);
  expect(JSON.stringify(createRedactor([plain]).deep(value))).toBe('{"__proto__":{"a":"[redacted:cookie]"}}');
});

test("a value without end of nesting is cut off", () => {
  let value: unknown = plain;
  for (let depth = 0; depth < 20_000; depth++) value = [value];
  expect(JSON.stringify(createRedactor([plain]).deep(value))).toMatch(/^\[+"\[redacted:cookie\]"\]+$/);
});

test("what a provider or the database refuses is replaced", () => {
  const redactor = createRedactor([]);
  expect(redactor.text("a\0b")).toBe("a\ufffdb");
  expect(redactor.deep({ text: ["\ud83d cut in half", "\u{1f600}"] })).toEqual({
    text: ["\ufffd cut in half", "\u{1f600}"],
  });
});

test("a site that sets cookies without end pushes out none that was known before", () => {
  const redactor = createRedactor([plain]);
  redactor.add(Array.from({ length: 2_000 }, (_, at) => `flood-${at}-`));
  expect(redactor.text(`${plain} flood-498- flood-1999-`)).toBe("[redacted:cookie] [redacted:cookie] flood-1999-");
});

test("signs of regular expressions in a secret mean nothing", () => {
  expect(createRedactor(["a.*b+(c)[d]|$^"]).text("a.*b+\n(c)[d]|$^ aXXb")).toBe("[redacted:cookie] aXXb");
});
