import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/**
 * Calls `onLine` for each line of `stream`, without its line end. Longer lines than `charactersMax` are cut and say so.
 *
 * Holds at most one line of that length in memory, whatever the program prints.
 */
export function forwardLines(stream: Readable, charactersMax: number, onLine: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let line = "";
  let cut = 0;
  const take = (text: string): void => {
    const kept = text.slice(0, charactersMax - line.length);
    line += kept;
    cut += text.length - kept.length;
  };
  const finish = (): void => {
    onLine(cut > 0 ? `${line}… (${cut} more characters)` : line);
    line = "";
    cut = 0;
  };
  stream.on("data", (chunk: Buffer) => {
    const parts = decoder.write(chunk).split("\n");
    const rest = parts.pop() ?? "";
    for (const part of parts) {
      take(part);
      finish();
    }
    take(rest);
  });
  stream.on("end", () => {
    take(decoder.end());
    if (line !== "") finish();
  });
  // A pipe that breaks with its program; the exit tells the story.
  stream.on("error", () => {});
}
