import { expect, test } from "vitest";
import { createRedactor } from "./redactor.ts";

const canary = "Kq7vZ2mXw9Tb4LsR/u8=Yd";

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

type Step = (text: string, next: () => number) => string;
const pick = <One>(list: readonly One[], next: () => number) => list[Math.floor(next() * list.length)] as One; // never empty
const each = (text: string, change: (one: string) => string) => [...text].map(change).join("");
const codeOf = (one: string) => one.charCodeAt(0);
const noise = (next: () => number, length = 1 + Math.floor(next() * 5)) =>
  Array.from({ length }, () => pick([..."ghijklmnop"], next)).join("");

const encodings: Step[] = [
  (text) => [...text].reverse().join(""),
  (text) => Buffer.from(text).toString("hex"),
  (text) => Buffer.from(text).toString("hex").toUpperCase(),
  (text, next) => Buffer.from(noise(next) + text + noise(next)).toString("base64"),
  (text, next) => Buffer.from(noise(next) + text + noise(next)).toString("base64url"),
];
const wrappings: Step[] = [
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  (text) => encodeURIComponent(text),
  (text) => encodeURIComponent(encodeURIComponent(text)),
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
  (text) => each(text, (one) => `&#${codeOf(one)};`),
  (text) => each(text, (one) => `&#x${codeOf(one).toString(16)};`),
  (text) => each(text, (one) => `%${codeOf(one).toString(16).padStart(2, "0")}`),
  (text) => each(text, (one) => `\\u${codeOf(one).toString(16).padStart(4, "0")}`),
  (text, next) => each(text, (one) => (next() < 0.3 ? `${one}${pick([" ", "\n", "\t", "\r\n"], next)}` : one)),
];
const tags: Step = (text, next) => each(text, (one) => (next() < 0.3 ? `${one}<b title="x">` : one));

test("a value hidden in 3,000 random chains of encodings is always found, and texts without it stay as they were", () => {
  const redactor = createRedactor([canary]);
  const survivors: string[] = [];
  const changed: string[] = [];
  for (let seed = 0; seed < 3_000; seed++) {
    const next = random(seed * 7_919 + 1);
    for (let skip = 0; skip < 4; skip++) next();
    const before = `<p class="a">${noise(next, 30)}</p> `;
    const after = ` <a href="/x?y=1&amp;z=2">${noise(next, 30)}</a>`;
    let hidden = canary;
    for (let count = Math.floor(next() * 3); count > 0; count--) hidden = pick(encodings, next)(hidden, next);
    if (next() < 0.3) hidden = tags(hidden, next);
    for (let count = Math.floor(next() * 3); count > 0; count--) hidden = pick(wrappings, next)(hidden, next);
    if (!redactor.text(before + hidden + after).includes("[redacted:cookie]"))
      survivors.push(`${seed}: ${hidden.slice(0, 150)}`);
    if (redactor.text(before + after) !== before + after) changed.push(before + after);
  }
  expect(changed).toEqual([]);
  expect(survivors.slice(0, 10)).toEqual([]);
});
