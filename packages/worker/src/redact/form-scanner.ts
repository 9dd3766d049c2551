import type { SecretForm } from "./secret-forms.ts";
import { foldByte, type TextView } from "./text-views.ts";

/** Where a form stands in the text, in bytes; `to` is exclusive. */
export interface Finding {
  readonly from: number;
  readonly to: number;
  readonly mark: string;
}

/** Looks for all forms at once. */
export type FormScanner = (view: TextView, text: Uint8Array) => Finding[];

const prefix = 4; // bytes; every form is longer
const bits = 17;
const workPerByte = 200;
/** A form's beginning of so many bytes, where a text was cut off, counts as the form: pages' texts are cut before this. */
const pieceBytesMin = 10;
/** What stands behind a cut: nothing, a blank, a quote, a comma, a tag, half an escape, or "…" (its first byte). */
const behindCut = new Set([undefined, 0x09, 0x0a, 0x0d, 0x20, 0x22, 0x25, 0x26, 0x27, 0x2c, 0x3c, 0x5c, 0xe2]);

/**
 * Prepares to look for `forms`, in time that grows with the text and hardly with their number.
 *
 * Every place is compared with those forms only whose first four bytes hash as its own do. A text that is made to be
 * slow, of near-misses without end, is not compared further from some place on: all the rest counts as found.
 */
export function createScanner(forms: readonly SecretForm[]): FormScanner {
  const heads = new Int32Array(1 << bits); // 1 + the index of a form, 0 for none
  const next = new Int32Array(forms.length + 1);
  forms.forEach(({ bytes }, index) => {
    let gram = 0;
    for (let at = 0; at < prefix; at++) gram = (gram << 8) | (bytes[at] ?? 0);
    const slot = hash(gram);
    next[index + 1] = heads[slot] ?? 0;
    heads[slot] = index + 1;
  });

  return ({ bytes, starts, ends }, text) => {
    const found: Finding[] = [];
    const workMax = workPerByte * bytes.length + 1_000_000;
    let work = 0;
    let gram = 0;
    for (let at = 0; at < bytes.length; at++) {
      gram = (gram << 8) | (foldByte[bytes[at] ?? 0] ?? 0);
      let candidate = heads[hash(gram)] ?? 0;
      if (candidate === 0 || at < prefix - 1) continue;
      const begin = at - prefix + 1;
      let best: { readonly length: number; readonly mark: string } | null = null;
      for (; candidate !== 0; candidate = next[candidate] ?? 0) {
        const form = forms[candidate - 1];
        if (!form || (best && form.bytes.length <= best.length)) continue;
        const same = sameBytes(bytes, begin, form.bytes);
        work += same + 1;
        if (same <= (best?.length ?? 0) || (same < form.bytes.length && !isCutOff(begin + same, same))) continue;
        if (form.maySplit || isWhole(begin, begin + same)) best = { length: same, mark: form.mark };
      }
      if (best) add(begin, begin + best.length, best.mark);
      if (work > workMax) {
        add(begin, bytes.length, best?.mark ?? forms[0]?.mark ?? "");
        break;
      }
    }
    return found;

    function add(begin: number, end: number, mark: string): void {
      const from = starts?.[begin] ?? begin;
      const to = ends?.[end - 1] ?? end;
      const last = found.at(-1);
      if (last && from < last.to) {
        const longer = to - from > last.to - last.from ? mark : last.mark;
        found[found.length - 1] = { from: last.from, to: Math.max(to, last.to), mark: longer };
      } else found.push({ from, to, mark });
    }

    function isCutOff(end: number, length: number): boolean {
      return length >= pieceBytesMin && behindCut.has(text[ends?.[end - 1] ?? end]);
    }

    /** Nothing was left out between the first byte and the last. */
    function isWhole(begin: number, end: number): boolean {
      if (!starts || !ends) return true;
      return !text.subarray(starts[begin], ends[end - 1]).some((byte) => byte <= 0x20 || byte === 0x3c);
    }
  };
}

function hash(gram: number): number {
  return Math.imul(gram, 0x9e3779b1) >>> (32 - bits);
}

function sameBytes(bytes: Uint8Array, begin: number, form: Uint8Array): number {
  let same = 0;
  while (same < form.length && (foldByte[bytes[begin + same] ?? 0] ?? 0) === form[same]) same += 1;
  return begin + same > bytes.length ? bytes.length - begin : same;
}
