import { countTokens } from "gpt-tokenizer/encoding/o200k_base";

/** How many tokens a text has in the o200k vocabulary, the one that everything here is counted in. */
export function tokensOf(text: string): number {
  return countTokens(text, { allowedSpecial: new Set(), disallowedSpecial: new Set() }); // a page's text is only text
}
