import { expect, test } from "vitest";
import { type Encode, encodeTwice, writeTwice } from "../../../../tests/support/hide-value.ts";
import { type Random, seededRandom } from "../../../../tests/support/random.ts";
import { createRedactor } from "./redactor.ts";

const canary = "Kq7vZ2mXw9Tb4LsR/u8=Yd";

const each = (text: string, change: (one: string) => string) => [...text].map(change).join("");
const codeOf = (one: string) => one.charCodeAt(0);
const inHtml: Encode[] = [
  (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
  (text) => each(text, (one) => `&#${codeOf(one)};`),
  (text) => each(text, (one) => `&#x${codeOf(one).toString(16)};`),
  (text, random) => each(text, (one) => (random.chance(0.3) ? `${one}${random.pick([" ", "\n", "\t", "\r\n"])}` : one)),
];
const splitByTags: Encode = (text, random) => each(text, (one) => (random.chance(0.3) ? `${one}<b title="x">` : one));

test("a value hidden in 3,000 random chains of encodings is always found, and texts without it stay as they were", () => {
  const redactor = createRedactor([canary]);
  const survivors: string[] = [];
  const changed: string[] = [];
  for (let seed = 0; seed < 3_000; seed++) {
    const random = seededRandom(seed);
    const before = `<p class="a">${words(random)}</p> `;
    const after = ` <a href="/x?y=1&amp;z=2">${words(random)}</a>`;
    const encoded = encodeTwice(canary, random);
    const hidden = writeTwice(random.chance(0.3) ? splitByTags(encoded, random) : encoded, random, inHtml);
    const text = before + hidden + after;
    if (!redactor.text(text).includes("[redacted:cookie]")) survivors.push(`${seed}: ${hidden.slice(0, 150)}`);
    if (redactor.text(before + after) !== before + after) changed.push(before + after);
  }
  expect(changed).toEqual([]);
  expect(survivors.slice(0, 10)).toEqual([]);
});

const words = (random: Random) => Array.from({ length: 30 }, () => random.pick([..."ghijklmnop"])).join("");
