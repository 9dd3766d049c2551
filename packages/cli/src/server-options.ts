import type { Command } from "commander";
import { CommandError } from "./command-error.ts";
import { openServerClient, type ServerClient } from "./server-client.ts";

/** Which server a command asks, and as whom. */
export interface ServerOptions {
  readonly baseUrl?: string;
  readonly apiKey?: string;
}

/** Gives `command` the options that name a running server. */
export function serverOptions(command: Command): Command {
  return command
    .option("--base-url <url>", "the server; STABLEHAND_BASE_URL, or http://127.0.0.1:8787")
    .option("--api-key <key>", "better in STABLEHAND_API_KEY, where other users do not see it");
}

/** The server that options and environment name. Throws CommandError without an API key. */
export function serverOf({ baseUrl, apiKey }: ServerOptions): ServerClient {
  const { env } = process;
  const key = apiKey ?? env.STABLEHAND_API_KEY;
  if (!key) throw new CommandError("There is no API key: set STABLEHAND_API_KEY to one that `npm start` printed.");
  return openServerClient(baseUrl || env.STABLEHAND_BASE_URL || "http://127.0.0.1:8787", key);
}
