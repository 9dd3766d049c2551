import type { SecretForm } from "./secret-forms.ts";
import { foldByte } from "./text-views.ts";

/** Where forms stand in the bytes that were looked through; `end` is exclusive. */
export interface FormMatch extends Pick<SecretForm, "mark" | "maySplit"> {
  readonly begin: number;
  readonly end: number;
}

/** Looks for all forms at once. In the order of their beginnings; those that may be split do not overlap each other. */
export type FormScanner = (bytes: Uint8Array) => FormMatch[];

const gramLength = 4; // bytes; every form is longer
const windowMax = 8;
const workPerByte = 200;
const workOfMatch = 1_000; // so that what is found stays a fraction of the text

/**
 * Prepares to look for `forms`, in time that grows with the text and hardly with their number.
 *
 * Wu and Manber's way: a window as long as the shortest form, at most eight bytes, moves on by as many bytes as its last
 * four allow, whatever form might stand there; where they allow none, the forms with these four there are compared. A text
 * that is made to be slow, of hits or near-misses without end, is not compared further from some place on: all the rest
 * counts as found.
 */
export function createScanner(forms: readonly SecretForm[]): FormScanner {
  const window = Math.min(windowMax, ...forms.map(({ bytes }) => bytes.length));
  const bits = Math.min(20, Math.max(15, Math.ceil(Math.log2(forms.length * 32))));
  const slotOf = (gram: number) => Math.imul(gram, 0x9e3779b1) >>> (32 - bits);
  const shifts = new Uint8Array(1 << bits).fill(window - gramLength + 1);
  const heads = new Int32Array(1 << bits); // 1 + the index of a form, 0 for none
  const next = new Int32Array(forms.length + 1);
  forms.forEach(({ bytes }, index) => {
    let gram = 0;
    for (let at = 0; at < window; at++) {
      gram = (gram << 8) | (bytes[at] ?? 0);
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
        const form = forms[candidate - 1];
        if (!form) continue;
        const same = sameBytes(bytes, begin, form.bytes);
        work += same + 1;
        if (same < form.bytes.length) continue;
        work += workOfMatch;
        add({ begin, end: begin + same, mark: form.mark, maySplit: form.maySplit });
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
        found[found.length - 1] = { ...last, end: Math.max(last.end, match.end), mark };
      }
    }
  };
}

function sameBytes(bytes: Uint8Array, begin: number, form: Uint8Array): number {
  const length = Math.min(form.length, bytes.length - begin);
  let same = 0;
  while (same < length && foldByte[bytes[begin + same] ?? 0] === form[same]) same += 1;
  return same;
}
