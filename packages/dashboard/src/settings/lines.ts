/** The lines of a text that are not empty, each once, trimmed. */
export function linesOf(text: string): readonly string[] {
  return [...new Set(text.split("\n").map((line) => line.trim()))].filter(Boolean);
}

/** The first line that `isGood` does not take, as a sentence; null when there is none. */
export function problemOfLines(text: string, isGood: (line: string) => boolean, remedy: string): string | null {
  const wrong = linesOf(text).find((line) => !isGood(line));
  return wrong === undefined ? null : `“${wrong.slice(0, 60)}”: ${remedy}`;
}

/** True for a host's name, or `.example.com` for that and all below it. */
export function isHost(line: string): boolean {
  const name = line.replace(/^\./, "");
  return (
    name.length <= 253 &&
    name.includes(".") &&
    name.split(".").every((part) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(part))
  );
}

/** True for an origin as browsers write it. */
export function isOrigin(line: string): boolean {
  return URL.canParse(line) && new URL(line).origin === line && /^https?:/.test(line);
}
