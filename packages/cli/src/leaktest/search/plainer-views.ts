/** A text as somebody might read it who undoes what it was written with. */
export interface PlainerView {
  /** How it was made, such as `without tags and blanks, base64 decoded`; empty for the text itself. */
  readonly how: string;
  /** Latin-1: one character a byte. */
  readonly text: string;
}

const depthMax = 3;
const charactersMax = 64_000_000; // of all views of one text together

/**
 * The text itself, and every plainer one that up to three of these lead to: escapes undone, tags and blanks left out,
 * base64 decoded, hex decoded, read from the end. None comes twice.
 *
 * Throws when they grow out of bounds, which is no way to say that nothing was found.
 */
export function* plainerViews(text: string): Generator<PlainerView> {
  const seen = new Set<string>();
  let level: PlainerView[] = [{ how: "", text }];
  let characters = 0;
  for (let depth = 0; depth <= depthMax; depth++) {
    const next: PlainerView[] = [];
    for (const view of level) {
      if (view.text.length < 10 || seen.has(view.text)) continue;
      seen.add(view.text);
      characters += view.text.length;
      if (characters > charactersMax) throw new Error("a text has more plainer forms than can be searched");
      yield view;
      if (depth === depthMax) continue;
      for (const [how, make] of ways) {
        const made = make(view.text);
        if (made !== view.text) next.push({ how: view.how === "" ? how : `${view.how}, ${how}`, text: made });
      }
    }
    level = next;
  }
}

const ways: readonly (readonly [how: string, make: (text: string) => string])[] = [
  ["unescaped", undoEscapes],
  ["without tags and blanks", withoutTags],
  ["base64 decoded", decodeBase64],
  ["hex decoded", decodeHex],
  ["from the end", (text) => [...text].reverse().join("")],
];

const entities: Readonly<Record<string, string>> = {
  ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " ", shy: "", zwnj: "", zwj: "" },
};

/** Until nothing is left to undo, or five times. */
function undoEscapes(text: string): string {
  let plainer = text;
  for (let times = 0; times < 5; times++) {
    const before = plainer;
    plainer = before
      .replace(/=\r?\n/g, "")
      .replace(/[%=]([0-9a-f]{2})/gi, (_, digits: string) => byte(digits, 16))
      .replace(/\\+(?:u00|x)([0-9a-f]{2})/gi, (_, digits: string) => byte(digits, 16))
      .replace(/&#x0*([0-9a-f]{1,2});?/gi, (_, digits: string) => byte(digits, 16))
      .replace(/&#0*(\d{1,3});?/g, (_, digits: string) => byte(digits, 10))
      .replace(/&(\w{2,4});/g, (whole, name: string) => entities[name] ?? whole)
      .replace(/\\+([nrtfb"'/])/g, (_, letter: string) => ("nrtfb".includes(letter) ? " " : letter));
    if (plainer === before) break;
  }
  return plainer;
}

/** The last are UTF-8's blanks that nobody sees, byte by byte. */
function withoutTags(text: string): string {
  return text
    .replace(/<[^<>]{0,4000}>/g, "")
    .replace(/\s|\0|\xc2[\xa0\xad]|\xe2\x80[\x80-\x8f\xa8-\xaf]|\xe2\x81[\x9f-\xaf]|\xe3\x80\x80|\xef\xbb\xbf/g, "");
}

/** Every run of base64's letters, begun at each of its first four. */
function decodeBase64(text: string): string {
  const runs = text.match(/[A-Za-z0-9+/_-]{14,}/g) ?? [];
  const decoded = runs.flatMap((run) => [0, 1, 2, 3].map((from) => Buffer.from(run.slice(from), "base64")));
  return decoded.map((bytes) => bytes.toString("latin1")).join("\n");
}

function decodeHex(text: string): string {
  const runs = text.match(/[0-9a-f]{20,}/gi) ?? [];
  const decoded = runs.flatMap((run) => [0, 1].map((from) => Buffer.from(run.slice(from), "hex")));
  return decoded.map((bytes) => bytes.toString("latin1")).join("\n");
}

function byte(digits: string, base: number): string {
  return String.fromCharCode(Number.parseInt(digits, base) & 255);
}
