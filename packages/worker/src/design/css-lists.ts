/** The parts of a CSS value between the commas that stand in no bracket and no quotes. */
export function partsOf(value: string): string[] {
  return partsBetween(value, ",");
}

/** The words of a CSS value: what stands between spaces outside of brackets and quotes. */
export function wordsOf(value: string): string[] {
  return partsBetween(value, " ");
}

function partsBetween(value: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = "";
  let start = 0;
  for (let at = 0; at < value.length; at += 1) {
    const letter = value[at] ?? "";
    if (quote) quote = letter === quote ? "" : quote;
    else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === "(") depth += 1;
    else if (letter === ")") depth -= 1;
    else if (letter === separator && depth === 0) {
      parts.push(value.slice(start, at).trim());
      start = at + 1;
    }
  }
  return [...parts, value.slice(start).trim()].filter((part) => part !== "");
}
