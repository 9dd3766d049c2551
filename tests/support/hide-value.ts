import type { Random } from "./random.ts";

/** One way to write a text so that it is not seen at once. */
export type Encode = (text: string, random: Random) => string;

const each = (text: string, change: (one: string) => string) => [...text].map(change).join("");
const codeOf = (one: string) => one.charCodeAt(0);
const noise = (random: Random) => "ghijklmnop".slice(0, random.integer(0, 5));

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

/** Makes another text of a value: up to two of the encodings, one in the other. */
export function encodeTwice(value: string, random: Random): string {
  let encoded = value;
  for (let count = random.integer(0, 2); count > 0; count--) encoded = random.pick(encodings)(encoded, random);
  return encoded;
}

/** Writes a text in up to two of the ways to write the same, of which there may be `further` ones. */
export function writeTwice(text: string, random: Random, further: readonly Encode[] = []): string {
  let written = text;
  for (let count = random.integer(0, 2); count > 0; count--)
    written = random.pick([...wrappings, ...further])(written, random);
  return written;
}
