/** A text in a plainer form. */
export interface TextView {
  /** UTF-8; folded with `foldByte`, except those of `viewAsIs`. */
  readonly bytes: Uint8Array;
  /** Where each byte stands in the text that was given. Costs more than the view: most texts hold nothing to be located. */
  locate(): Places;
}

/** Where the byte at a place of a view begins and ends (exclusive) in the text that was given, in bytes. */
export interface Places {
  startOf(at: number): number;
  endOf(at: number): number;
}

/** Lower case, and base64 for base64url: what is looked for and what is looked into are both folded with it. */
export const foldByte = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x41 && byte <= 0x5a) return byte + 0x20;
  return byte === code("-") ? code("+") : byte === code("_") ? code("/") : byte;
});

const entities: Readonly<Record<string, string>> = {
  ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", sol: "/", bsol: "\\", plus: "+", equals: "=", percnt: "%" },
  ...{ period: ".", comma: ",", colon: ":", semi: ";", lowbar: "_", num: "#", dollar: "$", commat: "@", excl: "!" },
  ...{ quest: "?", ast: "*", midast: "*", verbar: "|", vert: "|", grave: "`", hat: "^", lpar: "(", rpar: ")" },
  ...{ lsqb: "[", lbrack: "[", rsqb: "]", rbrack: "]", lcub: "{", lbrace: "{", rcub: "}", rbrace: "}" },
  ...{ nbsp: " ", shy: " ", zwnj: " ", zwj: " ", tab: " ", newline: " ", ensp: " ", emsp: " ", thinsp: " " },
};
const entityLengthMax = 10;
const tagLengthMax = 4_000;

const plain = 0;
const blank = 1;
const trigger = 2;
const kindOf = new Uint8Array(256);
for (const byte of [0, 9, 10, 11, 12, 13, 32]) kindOf[byte] = blank;
for (const byte of [code("%"), code("&"), code("\\"), 0xc2, 0xe2, 0xe3, 0xef]) kindOf[byte] = trigger;
/** What stands for a plain byte; 0 for any other. */
const plainFolded = foldByte.map((folded, byte) => (kindOf[byte] === plain ? folded : 0));

/** The bytes as they are. */
export function viewAsIs(bytes: Uint8Array): TextView {
  return { bytes, locate: () => ({ startOf: (at) => at, endOf: (at) => at + 1 }) };
}

/**
 * Undoes percent signs, HTML entities and backslashes, nested however deep, and leaves out white space, also the kinds
 * that cannot be seen. As long as what was given only if there are none of them.
 */
export function viewDecoded(bytes: Uint8Array): TextView {
  let places: Places | null = null;
  return {
    bytes: decode(bytes, null),
    locate() {
      places ??= decodedPlaces(bytes);
      return places;
    },
  };
}

function decodedPlaces(bytes: Uint8Array): Places {
  const places = { starts: new Int32Array(bytes.length), ends: new Int32Array(bytes.length) };
  const first = bytes.length - decode(bytes, places).length;
  return { startOf: (at) => places.starts[first + at] ?? 0, endOf: (at) => places.ends[first + at] ?? 0 };
}

interface DecodedPlaces {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/**
 * From the last byte to the first, so that what an escape stands for is known when the escape before it needs it: one
 * pass decodes `%2541` and `&amp;#37;41`. `places` is filled from its end, as the text is.
 */
function decode(bytes: Uint8Array, places: DecodedPlaces | null): Uint8Array {
  const size = bytes.length;
  const out = new Uint8Array(size);
  let top = size; // what is decoded so far stands from here on
  // Where a backslash had its say, and what that backslash was written as: one before it, written so too, has none.
  let escaped = { at: -1, as: 0 };

  for (let at = size - 1; at >= 0; at--) {
    at = copyPlain(at);
    if (at < 0) break;
    const byte = bytes[at] ?? 0;
    const from = byte === code("\\") ? beginOfRun(at) : at; // text in JSON in JSON: each backslash doubled
    if (kindOf[byte] === trigger) put(byte, from, at + 1, 0);
    at = from;
  }
  return out.subarray(top);

  /** Down to the next byte that is not plain, where it returns. With variables of its own: nearly all time is spent here. */
  function copyPlain(last: number): number {
    let at = last;
    let free = top;
    for (; at >= 0; at--) {
      const folded = plainFolded[bytes[at] ?? 0] ?? 0;
      if (folded === 0) break;
      free -= 1;
      out[free] = folded;
      if (!places) continue;
      places.starts[free] = at;
      places.ends[free] = at + 1;
    }
    top = free;
    return at;
  }

  function beginOfRun(at: number): number {
    let from = at;
    while (bytes[from - 1] === code("\\")) from -= 1;
    return from;
  }

  /**
   * One byte, which may complete an escape with what follows it, as may the byte that this stands for. `as` is the first
   * byte of the escape that it was written as; 0 for none.
   */
  function put(byte: number, from: number, to: number, as: number): void {
    if (kindOf[byte] === blank) return;
    if (kindOf[byte] === trigger) {
      const taken = byte === code("%") ? percent(from) : byte === code("&") ? entity(from) : other(byte, from, as);
      if (taken) return;
    }
    top -= 1;
    out[top] = foldByte[byte] ?? 0;
    if (!places) return;
    places.starts[top] = from;
    places.ends[top] = to;
  }

  function percent(from: number): boolean {
    const value = hex(top, 2);
    if (value < 0) return false;
    replace(2, [value], from, code("%"));
    return true;
  }

  /** A backslash, or the first byte of white space that has several. */
  function other(byte: number, from: number, as: number): boolean {
    if (byte !== code("\\")) return invisible(byte);
    if (escaped.at === top && escaped.as === as) return true;
    const letter = String.fromCharCode(out[top] ?? 0);
    const value = letter === "u" ? hex(top + 1, 4) : letter === "x" ? hex(top + 1, 2) : -1;
    if (value >= 0) replace(letter === "u" ? 5 : 3, utf8(value), from, byte);
    else if ("nrtfb".includes(letter)) top += 1;
    escaped = { at: top, as };
    return true;
  }

  function invisible(byte: number): boolean {
    const second = out[top] ?? 0;
    if (byte === 0xc2 && (second === 0xa0 || second === 0xad)) top += 1;
    else if (byte === 0xe2 && (second === 0x80 || second === 0x81) && isSpacing(second, out[top + 1] ?? 0)) top += 2;
    else if (byte === 0xe3 && second === 0x80 && out[top + 1] === 0x80) top += 2;
    else if (byte === 0xef && second === 0xbb && out[top + 1] === 0xbf) top += 2;
    else return false;
    return true;
  }

  function entity(from: number): boolean {
    if (out[top] === code("#")) {
      const isHex = out[top + 1] === code("x");
      const first = top + (isHex ? 2 : 1);
      let last = first;
      while (last - first < entityLengthMax && digit(out[last]) < (isHex ? 16 : 10)) last += 1;
      const value = Number.parseInt(latin(first, last), isHex ? 16 : 10);
      if (!(value <= 0x10ffff)) return false;
      if (out[last] === code(";")) last += 1;
      replace(last - top, utf8(value), from, code("&"));
      return true;
    }
    const end = out.subarray(top, top + entityLengthMax).indexOf(code(";"));
    const name = end < 1 ? "" : latin(top, top + end);
    const meaning = Object.hasOwn(entities, name) ? entities[name] : undefined;
    if (meaning === undefined) return false;
    replace(end + 1, [code(meaning)], from, code("&"));
    return true;
  }

  /** Puts `values` where the next `count` bytes stood. */
  function replace(count: number, values: readonly number[], from: number, as: number): void {
    const to = places?.ends[top + count - 1] ?? from + 1;
    top += count;
    // Several bytes of one character share its place, and need no more room than the escape had.
    for (let at = values.length - 1; at >= 0; at--) put(values[at] ?? 0, from, to, as);
  }

  function hex(from: number, digits: number): number {
    let value = 0;
    for (let at = from; at < from + digits; at++) {
      const one = digit(out[at]);
      if (one > 15 || at >= size) return -1;
      value = value * 16 + one;
    }
    return value;
  }

  function latin(from: number, to: number): string {
    let text = "";
    for (let at = from; at < to; at++) text += String.fromCharCode(out[at] ?? 0);
    return text;
  }
}

/** Leaves out tags and comments of a decoded view, whatever their attributes hold; null when it has none. */
export function viewWithoutTags({ bytes, locate }: TextView): TextView | null {
  const parts: { readonly from: number; readonly to: number; readonly at: number }[] = [];
  let kept = 0;
  let size = 0;
  let close = -1; // the first ">" from the current tag on
  for (let open = bytes.indexOf(code("<")); open >= 0; open = bytes.indexOf(code("<"), Math.max(kept, open + 1))) {
    if (close < open) close = bytes.indexOf(code(">"), open);
    if (close < 0) break;
    const end = endOfTag(bytes, open, close);
    if (end < 0) continue;
    keep(open);
    kept = end;
  }
  if (kept === 0) return null;
  keep(bytes.length);
  const left = new Uint8Array(size);
  for (const { from, to, at } of parts) left.set(bytes.subarray(from, to), at);
  return {
    bytes: left,
    locate() {
      const { startOf, endOf } = locate();
      return { startOf: (at) => startOf(sourceOf(at)), endOf: (at) => endOf(sourceOf(at)) };
    },
  };

  function keep(to: number): void {
    if (to === kept) return;
    parts.push({ from: kept, to, at: size });
    size += to - kept;
  }

  function sourceOf(at: number): number {
    let [low, high] = [0, parts.length - 1]; // the last part that begins at `at` or before
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((parts[middle]?.at ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    const part = parts[low];
    return part ? part.from + at - part.at : at;
  }
}

/** Where the tag at `open` ends, exclusive; -1 when it is none. White space is gone, and "-" is folded to "+". */
function endOfTag(bytes: Uint8Array, open: number, close: number): number {
  const first = bytes[open + 1] ?? 0;
  const isTag = (first >= 0x61 && first <= 0x7a) || first === code("/") || first === code("!") || first === code("?");
  if (!isTag || close - open > tagLengthMax) return -1;
  if (first === code("!") && bytes[open + 2] === code("+") && bytes[open + 3] === code("+")) {
    let end = close;
    while (end >= 0 && !(bytes[end - 1] === code("+") && bytes[end - 2] === code("+")))
      end = end - open > tagLengthMax ? -1 : bytes.indexOf(code(">"), end + 1);
    return end < 0 ? close + 1 : end + 1;
  }
  const limit = Math.min(bytes.length, open + tagLengthMax);
  for (let at = open + 1; at < limit; at++) {
    if (bytes[at] === code(">")) return at + 1;
    const quote = bytes[at + 1] ?? 0;
    if (bytes[at] !== code("=") || (quote !== code('"') && quote !== code("'"))) continue;
    let end = at + 2;
    while (end < limit && bytes[end] !== quote) end += 1;
    if (end === limit) break;
    at = end;
  }
  return close + 1;
}

function code(character: string): number {
  return character.charCodeAt(0);
}

function digit(byte: number | undefined): number {
  if (byte === undefined) return 99;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : 99;
}

function isSpacing(second: number, third: number): boolean {
  if (second === 0x81) return third === 0x9f || third === 0xa0; // medium space, word joiner
  return third <= 0x8f || third === 0xa8 || third === 0xa9 || third === 0xaf; // U+2000 to U+200F and line ends
}

function utf8(value: number): number[] {
  return [...Buffer.from(value >= 0xd800 && value <= 0xdfff ? "\ufffd" : String.fromCodePoint(value))];
}
