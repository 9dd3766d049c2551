import { createHash } from "node:crypto";
import { isCredentialField } from "@stablehand/contract";
import { createScanner, type FormMatch, type FormScanner } from "./form-scanner.ts";
import { formsOf, type SecretForm, secretLengthMin } from "./secret-forms.ts";
import { type Places, type TextView, viewAsIs, viewDecoded, viewWithoutTags } from "./text-views.ts";

/** A value that must not leave; a bare one is a cookie's. `field` is its name on the wire, if it is one of the twelve. */
export type Secret = string | { readonly value: string; readonly field?: string | undefined };

/** The one exit: what leaves for a model, an event, a record or a log goes through it. */
export interface Redactor {
  /**
   * Takes further secrets, such as cookies that a site has renewed. None is ever forgotten, and those after the 500th are
   * not taken: a site that sets cookies without end must not make every text slow.
   */
  add(secrets: readonly Secret[]): void;
  /**
   * The text with `[redacted:twitterCt0]` or `[redacted:cookie]` in every secret's place, and with U+FFFD for what
   * providers and PostgreSQL refuse: NUL, and halves of surrogate pairs.
   */
  text(text: string): string;
  /** A copy in which every string, key and number at any depth is free of secrets. Takes JSON values. */
  deep<Value>(value: Value): Value;
  /** How many secrets were removed; those of a text that comes again, as a conversation does, count once. */
  readonly hits: number;
}

const depthMax = 200;
const secretsMax = 500;
const countedMax = 10_000;
const cookieMark = "[redacted:cookie]";

/**
 * Makes a redactor that knows `secrets`.
 *
 * Removes each in all its `SecretForm`s, in any case, within any nesting of URL-encoding, JSON escapes and HTML entities,
 * and, if it has ten characters or more, also when white space or tags split it. Of the twelve credentials any ten
 * characters in a row are removed too, since whatever shows a text may cut it. Values of less than six characters stay.
 */
export function createRedactor(secrets: readonly Secret[]): Redactor {
  const known = new Set<string>();
  const forms: SecretForm[] = [];
  const counted = new Set<string>();
  let scan: FormScanner | null = null;
  let hits = 0;

  function add(secrets: readonly Secret[]): void {
    const before = forms.length;
    for (const secret of secrets) {
      const { value, field = "" } = typeof secret === "string" ? { value: secret } : secret;
      if (value.length < secretLengthMin || known.has(value) || known.size >= secretsMax) continue;
      known.add(value);
      const isField = isCredentialField(field);
      for (const form of formsOf(value, isField ? `[redacted:${field}]` : cookieMark, isField)) forms.push(form);
    }
    if (forms.length > before) scan = createScanner(forms);
  }

  function text(text: string): string {
    const storable = text.toWellFormed().replaceAll("\0", "\ufffd");
    if (!scan || storable.length < secretLengthMin) return storable;
    const bytes = Buffer.from(storable);
    const found = findAll(scan, bytes);
    if (found.length === 0) return storable;
    count(storable, found.length);
    return withMarks(bytes, found);
  }

  function count(text: string, found: number): void {
    const digest = createHash("sha256").update(text).digest("base64");
    if (counted.has(digest)) return;
    if (counted.size < countedMax) counted.add(digest);
    hits += found;
  }

  function deep(value: unknown, depth: number): unknown {
    if (depth > depthMax) return cookieMark;
    if (typeof value === "string") return text(value);
    if (typeof value === "number") {
      const left = text(String(value));
      return left === String(value) ? value : left;
    }
    if (Array.isArray(value)) return value.map((one) => deep(one, depth + 1));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [text(key), deep(one, depth + 1)]));
  }

  add(secrets);
  return {
    add,
    text,
    // The same shape, with texts for texts: only a number that is a secret changes its type.
    deep: <Value>(value: Value) => deep(value, 0) as Value,
    get hits() {
      return hits;
    },
  };
}

/** Where a secret stands in the text, in bytes; `to` is exclusive. */
interface Finding {
  readonly from: number;
  readonly to: number;
  readonly mark: string;
}

/** In the order of the text, none overlapping another. */
function findAll(scan: FormScanner, text: Uint8Array): Finding[] {
  const decoded = viewDecoded(text);
  const asIs = decoded.bytes.length === text.length ? null : viewAsIs(text);
  const found = [asIs, decoded, viewWithoutTags(decoded)].flatMap((view) => (view ? findIn(scan, view, text) : []));
  const merged: Finding[] = [];
  for (const one of found.sort((a, b) => a.from - b.from || b.to - a.to)) {
    const last = merged.at(-1);
    if (last && one.from < last.to) merged[merged.length - 1] = { ...last, to: Math.max(last.to, one.to) };
    else merged.push(one);
  }
  return merged;
}

function findIn(scan: FormScanner, view: TextView, text: Uint8Array): Finding[] {
  const matches = scan(view.bytes);
  if (matches.length === 0) return [];
  const places = view.locate();
  return matches
    .filter((match) => match.maySplit || !isSplit(match, places, text))
    .map(({ begin, end, mark }) => ({ from: places.startOf(begin), to: places.endOf(end - 1), mark }));
}

/** White space or a tag was left out between the first byte and the last. */
function isSplit({ begin, end }: FormMatch, { startOf, endOf }: Places, text: Uint8Array): boolean {
  for (let at = begin; at < end - 1; at++)
    for (let between = endOf(at); between < startOf(at + 1); between++) {
      const byte = text[between] ?? 0;
      if (byte <= 0x20 || byte === 0x3c) return true;
    }
  return false;
}

function withMarks(bytes: Buffer, found: readonly Finding[]): string {
  let left = "";
  let at = 0;
  for (const { from, to, mark } of found) {
    left += bytes.toString("utf8", at, from) + mark;
    at = to;
  }
  return left + bytes.toString("utf8", at);
}
