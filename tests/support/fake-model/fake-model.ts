import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

/** What the fake says to one request. */
export type FakeAnswer =
  /** Words, tool calls or both. An input that is a string is sent as it is, JSON or not. */
  | { readonly text?: string; readonly calls?: readonly FakeCall[]; readonly usage?: FakeUsage | null }
  /** The model declines, in the field that OpenAI has for it. */
  | { readonly refusal: string }
  /** The provider's filter steps in. */
  | { readonly filtered: true }
  /** An error of the server. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** A body of its own. */
  | { readonly body: string }
  /** The headers and half of the body, then the connection is cut. */
  | { readonly cut: true }
  /** Nothing, for ever. */
  | { readonly hang: true };

/** A tool call. */
export interface FakeCall {
  readonly name: string;
  readonly input?: unknown;
  readonly id?: string;
}

/** What a request is said to have cost. */
export interface FakeUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A request that the fake received. */
export interface FakeRequest {
  readonly headers: IncomingHttpHeaders;
  /** The whole body, as it came: what a model would have been told. */
  readonly body: string;
  /** Settles when the other side is gone before it was answered. */
  readonly aborted: Promise<void>;
}

/** An OpenAI-compatible server that plays a script. */
export interface FakeModel {
  /** For `MODEL_BASE_URL`. */
  readonly baseUrl: string;
  readonly requests: readonly FakeRequest[];
  stop(): Promise<void>;
}

const costOfOne: FakeUsage = { inputTokens: 100, outputTokens: 10 };

/**
 * Starts a model whose n-th answer is the script's n-th; a function is asked with the request and its number, from 0.
 *
 * A request too many is answered with status 400. Only whole answers, no streams: the agent asks for nothing else.
 */
export async function startFakeModel(
  script: readonly FakeAnswer[] | ((request: FakeRequest, at: number) => FakeAnswer),
): Promise<FakeModel> {
  const requests: FakeRequest[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const aborted = new Promise<void>((resolve) => response.once("close", () => !response.writableEnded && resolve()));
    const received = { headers: request.headers, body, aborted };
    const at = requests.push(received) - 1;
    if (request.url !== "/v1/chat/completions") return void response.writeHead(404).end();
    send(response, (typeof script === "function" ? script(received, at) : script[at]) ?? { status: 400 });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the fake model has no port");
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    requests,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(response: ServerResponse, answer: FakeAnswer): void {
  if ("hang" in answer) return;
  if ("status" in answer) {
    response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
    response.end(JSON.stringify({ error: { message: "scripted", type: "scripted", param: null, code: null } }));
    return;
  }
  const body = "body" in answer ? answer.body : bodyOf(answer);
  response.writeHead(200, { "content-type": "application/json" });
  if (!("cut" in answer)) return void response.end(body);
  response.write(body.slice(0, body.length / 2), () => response.destroy());
}

function bodyOf(answer: FakeAnswer): string {
  const said = "text" in answer ? answer.text : undefined;
  const calls = "calls" in answer ? (answer.calls ?? []) : [];
  const usage = "usage" in answer && answer.usage !== undefined ? answer.usage : costOfOne;
  const filtered = "filtered" in answer;
  const message = {
    role: "assistant",
    content: said ?? null,
    ...("refusal" in answer ? { refusal: answer.refusal } : {}),
    ...(calls.length > 0 ? { tool_calls: calls.map(callOf) } : {}),
  };
  return JSON.stringify({
    id: "answer",
    object: "chat.completion",
    created: 0,
    model: "fake",
    choices: [
      { index: 0, message, finish_reason: filtered ? "content_filter" : calls.length > 0 ? "tool_calls" : "stop" },
    ],
    ...(usage && {
      usage: {
        prompt_tokens: usage.inputTokens,
        completion_tokens: usage.outputTokens,
        total_tokens: usage.inputTokens + usage.outputTokens,
      },
    }),
  });
}

let calls = 0;

function callOf({ name, input = {}, id = `call-${++calls}` }: FakeCall): object {
  return {
    id,
    type: "function",
    function: { name, arguments: typeof input === "string" ? input : JSON.stringify(input) },
  };
}
