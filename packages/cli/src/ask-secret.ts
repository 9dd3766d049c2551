import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/** Asks on the terminal for a line that is not shown while it is typed. Undefined when nothing was typed. */
export async function askSecret(question: string): Promise<string | undefined> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  process.stderr.write(question); // only now: what is typed before the interface is there would be shown
  const aborted = new AbortController();
  lines.once("SIGINT", () => aborted.abort(new Error("stopped")));
  lines.once("close", () => aborted.abort(new Error("stopped")));
  try {
    return (await lines.question("", { signal: aborted.signal })).trim() || undefined;
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
