/** The page to extract from did not load. The message says why, in words that the caller may read. */
export class PageUnreachableError extends Error {
  override readonly name = "PageUnreachableError";
}
