import type { Random } from "./random.ts";

type Encode = (text: string, random: Random) => string;

const each = (text: string, change: (one: string) => string) => [...text].map(change).join("");
const codeOf = (one: string) => one.charCodeAt(0);
const noise = (random: Random) => "ghijklmnop".slice(0, random.below(6));

const encodings: readonly Encode[] = [
  (text) => [...text].reverse().join(""),
  (text) => Buffer.from(text).toString("hex"),
  (text) => Buffer.from(text).toString("hex").toUpperCase(),
  (text, random) => Buffer.from(noise(random) + text + noise(random)).toString("base64"),
  (text, random) => Buffer.from(noise(random) + text + noise(random)).toString("base64url"),
];
const wrappings: readonly Encode[] = [
  (text) => text,
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  (text) => encodeURIComponent(text),
  (text) => encodeURIComponent(encodeURIComponent(text)),
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => each(text, (one) => `%${codeOf(one).toString(16).padStart(2, "0")}`),
  (text) => each(text, (one) => `\\u${codeOf(one).toString(16).padStart(4, "0")}`),
  (text, random) => each(text, (one) => (random.chance(0.2) ? `${one} ` : one)),
];

/** Writes a value in up to two of the encodings, one in the other, and then in up to two of the ways to write text. */
export function hideValue(value: string, random: Random): string {
  let hidden = value;
  for (let count = random.below(3); count > 0; count--) hidden = random.pick(encodings)(hidden, random);
  for (let count = random.below(3); count > 0; count--) hidden = random.pick(wrappings)(hidden, random);
  return hidden;
}
