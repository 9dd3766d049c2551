/**
 * About how many tokens a model counts for this text, for a thousandth of a tokenizer's cost.
 *
 * Fitted to o200k on the bench's page views, where it is within 10 %: a word is one token and a little for each letter
 * past the seventh, a digit 0.62, any other sign 0.8, and a line break 1. Text of other scripts comes out too high.
 */
export function estimateTokens(text: string): number {
  let sum = 0;
  let letters = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at) | 0x20; // folds the case, and moves no digit or sign onto a letter
    if (code >= 97 && code <= 122) {
      letters += 1;
      if (letters === 1) sum += 1;
      else if (letters > 7) sum += 0.15;
      continue;
    }
    letters = 0;
    if (code >= 48 && code <= 57) sum += 0.62;
    else if (code === 42)
      sum += 1; // a line break, folded
    else if (code !== 32) sum += 0.8;
  }
  return Math.ceil(sum);
}
