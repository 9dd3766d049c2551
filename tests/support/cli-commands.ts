import { runCli } from "./server.ts";

/**
 * Every command of the CLI, by its path such as "keys create": the words that may follow it, options and commands, as its
 * completion of a shell has them.
 */
export async function readCommands(): Promise<ReadonlyMap<string, readonly string[]>> {
  const { stdout } = await runCli(["completion", "bash"], {});
  const cases = stdout.matchAll(/^ {4}"([^"]+)"\) words="([^"]*)"/gm);
  return new Map([...cases].map(([, path = "", words = ""]) => [path, words.split(" ")]));
}
