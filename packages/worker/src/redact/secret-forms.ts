import { foldByte, viewDecoded, viewWithoutTags } from "./text-views.ts";

/** One way a secret may stand in a text. */
export interface SecretForm {
  /** Folded. */
  readonly bytes: Uint8Array;
  /** What stands in its place. */
  readonly mark: string;
  /** False when, put together across blanks and tags, it might be ordinary text. */
  readonly maySplit: boolean;
  /** True when a piece of it is a secret too: of a sign-in's value, not of a cookie that may hold an address or a word. */
  readonly inPieces: boolean;
}

/**
 * The shortest value that is removed. Anything shorter (`1`, `en`, `dark`) cannot be told from ordinary text, and nobody
 * can be impersonated with it.
 */
export const secretLengthMin = 6;

const splitLengthMin = 10; // a shorter one, put together across blanks, may be a sentence
const nestedLengthMax = 256; // a longer one is not looked for in encodings of encodings

/**
 * All the ways a value is looked for: as it is, in upper and lower case, URL-encoded and -decoded, JSON- and HTML-escaped,
 * and each of these reversed, in hex, and in base64 at the three alignments that it can have within longer text; a value
 * of up to 256 characters also in two of these three one after the other.
 *
 * What `viewDecoded` and `viewWithoutTags` undo of a text is undone here too, so that both look alike.
 */
export function formsOf(value: string, mark: string, inPieces: boolean): SecretForm[] {
  const plain = unique([value, decoded(value)].flatMap((one) => [one, one.toLowerCase(), one.toUpperCase()]));
  const escaped = unique([...plain, ...[value, decoded(value)].flatMap(escapesOf)]);
  const once = unique(escaped.filter(isLongEnough).flatMap(encodingsOf));
  const nested = value.length > nestedLengthMax ? [] : unique(plain.flatMap(encodingsOf).flatMap(encodingsOf));
  const maySplit = value.length >= splitLengthMin;
  const forms = new Map<string, SecretForm>();
  for (const text of [...escaped, ...once, ...nested]) {
    const raw = Buffer.from(text);
    const plainer = viewDecoded(raw);
    const views = [raw, plainer.bytes, viewWithoutTags(plainer)?.bytes];
    for (const view of views) {
      if (!view || view.length < secretLengthMin) continue;
      const bytes = view.map((byte) => foldByte[byte] ?? 0);
      forms.set(Buffer.from(bytes).toString("latin1"), { bytes, mark, maySplit, inPieces });
    }
  }
  return [...forms.values()];
}

function isLongEnough(text: string): boolean {
  return text.length >= secretLengthMin;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function escapesOf(value: string): string[] {
  const url = encodeURIComponent(value);
  return [
    url,
    encodeURIComponent(url),
    value.replaceAll(" ", "+"),
    JSON.stringify(value).slice(1, -1),
    value.replace(/[&<>"']/g, (character) => htmlEscapes[character] ?? character),
    value.replace(/[&<>]/g, (character) => htmlEscapes[character] ?? character),
  ];
}

const htmlEscapes: Readonly<Record<string, string>> = {
  ...{ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" },
};

/** Case and base64url need no forms of their own: folding makes them alike. */
function encodingsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((pad) =>
    Buffer.concat([Buffer.alloc(pad), bytes])
      .toString("base64")
      .slice(Math.ceil((pad * 8) / 6), Math.floor(((pad + bytes.length) * 8) / 6)),
  );
  const whole = bytes.toString("base64").replace(/=+$/, "");
  const hex = bytes.toString("hex");
  return [[...text].reverse().join(""), hex, hex.toUpperCase(), whole, ...base64]; // the case of hex shows in its base64
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value; // it holds a percent sign that encodes nothing
  }
}
