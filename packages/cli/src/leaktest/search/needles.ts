/** A value that must be found wherever it is. `name` is what a report says of it. */
export interface Sought {
  readonly name: string;
  readonly value: string;
}

/** One way a piece of a value may be written. */
export interface Needle {
  readonly name: string;
  readonly encoding: string;
  /** In lower case: what is searched is folded too. At least `needleBytesMin`. */
  readonly bytes: Buffer;
}

/** No needle is shorter. */
export const needleBytesMin = 10;

/** A piece of this many characters, wherever in the value it is from, counts as the value. */
const pieceCharacters = 10;

type Encode = (text: string) => readonly string[];

/** Written without a look at the redactor's own list, so that one mistake cannot blind both. */
const encodings: readonly (readonly [name: string, encode: Encode])[] = [
  ["plain", (text) => [text]],
  ["URL-encoded", (text) => [encodeURIComponent(text)]],
  ["URL-encoded twice", (text) => [encodeURIComponent(encodeURIComponent(text))]],
  ["URL-encoded, every character", (text) => [each(text, (code) => `%${hex2(code)}`)]],
  ["URL-encoded twice, every character", (text) => [each(text, (code) => `%25${hex2(code)}`)]],
  ["quoted-printable", (text) => [each(text, (code) => `=${hex2(code)}`)]],
  ["JSON", (text) => [JSON.stringify(text).slice(1, -1)]],
  ["\\u escapes", (text) => [each(text, (code) => `\\u00${hex2(code)}`)]],
  ["\\x escapes", (text) => [each(text, (code) => `\\x${hex2(code)}`)]],
  ["octal escapes", (text) => [each(text, (code) => `\\${code.toString(8).padStart(3, "0")}`)]],
  ["HTML", (text) => [text.replace(/[&<>"']/g, (one) => htmlNames[one] ?? one)]],
  ["HTML, decimal", (text) => [each(text, (code) => `&#${code};`)]],
  ["HTML, hexadecimal", (text) => [each(text, (code) => `&#x${hex2(code)};`)]],
  ["hex", (text) => [hexOf(text)]],
  ["hex with spaces", (text) => [each(text, (code) => `${hex2(code)} `).trim()]],
  ["base64", base64Of],
  ["UTF-16", (text) => [Buffer.from(text, "utf16le").toString("latin1")]],
  ["base64 of UTF-16", (text) => base64Of(Buffer.from(text, "utf16le").toString("latin1"))],
  ["reversed", (text) => [reversed(text)]],
  ["base64, reversed", (text) => base64Of(text).map(reversed)],
  ["base64 of reversed", (text) => base64Of(reversed(text))],
  ["hex, reversed", (text) => [reversed(hexOf(text))]],
  ["base64 in base64", (text) => base64Of(text).flatMap(base64Of)],
  ["hex in base64", (text) => [hexOf(text), hexOf(text).toUpperCase()].flatMap(base64Of)],
  ["base64 in hex", (text) => base64Of(text).map(hexOf)],
  ["hex in hex", (text) => [hexOf(hexOf(text))]],
  ["URL-encoded in base64", (text) => base64Of(encodeURIComponent(text))],
  ["upper case in base64", (text) => base64Of(text.toUpperCase())],
  ["lower case in base64", (text) => base64Of(text.toLowerCase())],
  ["upper case in hex", (text) => [hexOf(text.toUpperCase())]],
  ["lower case in hex", (text) => [hexOf(text.toLowerCase())]],
];

/** The names of all the encodings that are looked for. */
export const encodingNames = encodings.map(([name]) => name);

/** Every piece of every value in every encoding, as bytes; what two encodings write alike comes once, as the first. */
export function needlesOf(sought: readonly Sought[]): Needle[] {
  const needles = new Map<string, Needle>();
  for (const { name, value } of sought)
    for (const piece of [value, unescaped(value)].flatMap(piecesOf))
      for (const [encoding, encode] of encodings)
        for (const written of encode(piece)) {
          const bytes = Buffer.from(written.toLowerCase(), "latin1");
          const key = bytes.toString("latin1");
          if (bytes.length >= needleBytesMin && !needles.has(key)) needles.set(key, { name, encoding, bytes });
        }
  return [...needles.values()];
}

function piecesOf(value: string): string[] {
  const count = Math.max(1, value.length - pieceCharacters + 1);
  return Array.from({ length: count }, (_, at) => value.slice(at, at + pieceCharacters));
}

const htmlNames: Readonly<Record<string, string>> = {
  ...{ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" },
};

function unescaped(value: string): string {
  return value.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

function each(text: string, write: (code: number) => string): string {
  return [...Buffer.from(text, "latin1")].map(write).join("");
}

function hex2(code: number): string {
  return code.toString(16).padStart(2, "0");
}

function hexOf(text: string): string {
  return Buffer.from(text, "latin1").toString("hex");
}

function reversed(text: string): string {
  return [...text].reverse().join("");
}

/** In both alphabets, at the three places a text can have in a longer one; only what no neighbour can change. */
function base64Of(text: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const written = Buffer.from("\0".repeat(before) + text, "latin1").toString("base64url");
    const whole = Math.floor(((before + text.length) * 8) / 6);
    const part = written.slice(Math.ceil((before * 8) / 6), whole);
    return [part, part.replaceAll("-", "+").replaceAll("_", "/")];
  });
}
