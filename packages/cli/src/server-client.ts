import { CommandError } from "./command-error.ts";

/** A running server, as a command talks to it. */
export interface ServerClient {
  /** The answer's JSON. Throws CommandError with the server's own sentence when it refuses. */
  call(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: object): Promise<unknown>;
  /** The answer's text, as it comes; for a stream that may go on for long, ended by `signal`. Throws as `call` does. */
  stream(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<AsyncIterable<string>>;
}

const deadlineMs = 30_000;

/** Opens a client for `baseUrl`; every request has a deadline of 30 s. Throws CommandError when that is no URL. */
export function openServerClient(baseUrl: string, apiKey: string): ServerClient {
  if (!URL.canParse(baseUrl) || !/^https?:/.test(baseUrl))
    throw new CommandError(`The base URL is "${baseUrl}": it must look like http://127.0.0.1:8787`);
  const base = baseUrl.replace(/\/+$/, "");
  async function request(path: string, options: RequestInit): Promise<Response> {
    const headers = { authorization: `Bearer ${apiKey}`, ...options.headers };
    const response = await fetch(`${base}${path}`, { ...options, headers }).catch((error: unknown) => {
      throw new CommandError(`No server answers at ${base}. Is it running (npm start)?`, error);
    });
    if (response.ok) return response;
    const answer: unknown = await response.json().catch(() => null);
    const said = (answer as { error?: unknown } | null)?.error; // every error of ours has it
    throw new CommandError(
      typeof said === "string" ? said : `${base} answered ${response.status}, and not as Stablehand does.`,
    );
  }

  return {
    async call(method, path, body) {
      const response = await request(path, {
        method,
        ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(deadlineMs),
      });
      return response.json().catch(() => null);
    },
    async stream(path, headers, signal) {
      const response = await request(path, { headers, signal });
      return decoded(response.body);
    },
  };
}

async function* decoded(body: ReadableStream<Uint8Array> | null): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of body ?? []) yield decoder.decode(chunk, { stream: true });
}
