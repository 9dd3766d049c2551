import { CommandError } from "./command-error.ts";

/** A running server, as a command talks to it. */
export interface ServerClient {
  /** The answer's JSON. Throws CommandError with the server's own sentence when it refuses. */
  call(method: "GET" | "POST", path: string, body?: object): Promise<unknown>;
}

const deadlineMs = 30_000;

/** Opens a client for `baseUrl`; every request has a deadline of 30 s. Throws CommandError when that is no URL. */
export function openServerClient(baseUrl: string, apiKey: string): ServerClient {
  if (!URL.canParse(baseUrl) || !/^https?:/.test(baseUrl))
    throw new CommandError(`The base URL is "${baseUrl}": it must look like http://127.0.0.1:8787`);
  const base = baseUrl.replace(/\/+$/, "");
  return {
    async call(method, path, body) {
      const response = await fetch(`${base}${path}`, {
        method,
        headers: { authorization: `Bearer ${apiKey}`, ...(body && { "content-type": "application/json" }) },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(deadlineMs),
      }).catch((error: unknown) => {
        throw new CommandError(`No server answers at ${base}. Is it running (npm start)?`, error);
      });
      const answer: unknown = await response.json().catch(() => null);
      if (response.ok) return answer;
      const said = (answer as { error?: unknown } | null)?.error; // every error of ours has it
      throw new CommandError(
        typeof said === "string" ? said : `${base} answered ${response.status}, and not as Stablehand does.`,
      );
    },
  };
}
