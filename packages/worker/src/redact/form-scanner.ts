import type { SecretForm } from "./secret-forms.ts";
import { foldByte } from "./text-views.ts";

/** Where forms stand in the bytes that were looked through; `end` is exclusive. */
export interface FormMatch extends Pick<SecretForm, "mark" | "maySplit"> {
  readonly begin: number;
  readonly end: number;
}

/** Looks for all forms at once. Those that may be split do not overlap each other. */
export type FormScanner = (bytes: Uint8Array) => FormMatch[];

/** The shortest piece of a form that is found, in bytes. */
const pieceLengthMin = 10;

const gramLength = 4; // bytes; every form is longer
const anchorsEvery = 3; // so that each piece of ten bytes holds an anchored window of eight
const windowMax = 8;
const workPerByte = 200;
const workOfMatch = 1_000; // so that what is found stays a fraction of the text

/**
 * Prepares to look for `forms`, in time that grows with the text and hardly with their number.
 *
 * Wu and Manber's way: a window as long as the shortest form, at most eight bytes, moves on by as many bytes as its last
 * four allow, whatever form might stand there; where they allow none, the forms that have these four there are compared,
 * and a form that may come in pieces from there to both sides. A text that is made to be slow, of hits or near-misses
 * without end, is not compared further from some place on: all the rest counts as found.
 */
export function createScanner(forms: readonly SecretForm[]): FormScanner {
  const window = Math.min(windowMax, ...forms.map(({ bytes }) => bytes.length));
  const anchors = forms.flatMap((form) => anchorsOf(form, window).map((offset) => ({ form, offset })));
  const bits = Math.min(20, Math.max(15, Math.ceil(Math.log2(anchors.length * 32))));
  const slotOf = (gram: number) => Math.imul(gram, 0x9e3779b1) >>> (32 - bits);
  const shifts = new Uint8Array(1 << bits).fill(window - gramLength + 1);
  const heads = new Int32Array(1 << bits); // 1 + the index of an anchor, 0 for none
  const next = new Int32Array(anchors.length + 1);
  anchors.forEach(({ form: { bytes }, offset }, index) => {
    let gram = 0;
    for (let at = 0; at < window; at++) {
      gram = (gram << 8) | (bytes[offset + at] ?? 0);
      const slot = slotOf(gram);
      if (at >= gramLength - 1) shifts[slot] = Math.min(shifts[slot] ?? 0, window - 1 - at);
      if (at < window - 1) continue;
      next[index + 1] = heads[slot] ?? 0;
      heads[slot] = index + 1;
    }
  });

  return (bytes) => {
    const found: FormMatch[] = [];
    const workMax = workPerByte * bytes.length + 1_000_000;
    let work = 0;
    let at = window - 1; // the window's last byte
    while (at < bytes.length) {
      const gram =
        ((foldByte[bytes[at - 3] ?? 0] ?? 0) << 24) |
        ((foldByte[bytes[at - 2] ?? 0] ?? 0) << 16) |
        ((foldByte[bytes[at - 1] ?? 0] ?? 0) << 8) |
        (foldByte[bytes[at] ?? 0] ?? 0);
      const slot = slotOf(gram);
      const shift = shifts[slot] ?? 0;
      if (shift > 0) {
        at += shift;
        continue;
      }
      const begin = at - window + 1;
      for (let candidate = heads[slot] ?? 0; candidate !== 0; candidate = next[candidate] ?? 0) {
        const anchor = anchors[candidate - 1];
        if (!anchor) continue;
        const { form, offset } = anchor;
        const after = sameAfter(bytes, begin, form.bytes, offset);
        work += after + 1;
        if (after < window) continue;
        const before = sameBefore(bytes, begin, form.bytes, offset);
        const length = before + after;
        if (length < form.bytes.length && !(form.inPieces && length >= pieceLengthMin)) continue;
        work += workOfMatch;
        add({ begin: begin - before, end: begin + after, mark: form.mark, maySplit: form.maySplit });
      }
      if (work > workMax) {
        add({ begin, end: bytes.length, mark: forms[0]?.mark ?? "", maySplit: true });
        break;
      }
      at += 1;
    }
    return found;

    function add(match: FormMatch): void {
      const last = found.at(-1);
      if (!last?.maySplit || !match.maySplit || match.begin >= last.end) found.push(match);
      else {
        const { mark } = match.end - match.begin > last.end - last.begin ? match : last;
        found[found.length - 1] = {
          ...last,
          begin: Math.min(last.begin, match.begin),
          end: Math.max(last.end, match.end),
          mark,
        };
      }
    }
  };
}

/** Where a form is looked for: at its beginning, and one that may come in pieces all along, up to its end. */
function anchorsOf({ bytes, inPieces }: SecretForm, window: number): number[] {
  if (!inPieces || bytes.length < pieceLengthMin) return [0];
  const last = bytes.length - window;
  return [...Array.from({ length: Math.ceil(last / anchorsEvery) }, (_, at) => at * anchorsEvery), last];
}

/** How many bytes from `begin` on are those of the form from `offset` on. */
function sameAfter(bytes: Uint8Array, begin: number, form: Uint8Array, offset: number): number {
  const length = Math.min(form.length - offset, bytes.length - begin);
  let same = 0;
  while (same < length && foldByte[bytes[begin + same] ?? 0] === form[offset + same]) same += 1;
  return same;
}

/** How many bytes before `begin` are those of the form before `offset`. */
function sameBefore(bytes: Uint8Array, begin: number, form: Uint8Array, offset: number): number {
  const length = Math.min(offset, begin);
  let same = 0;
  while (same < length && foldByte[bytes[begin - same - 1] ?? 0] === form[offset - same - 1]) same += 1;
  return same;
}
