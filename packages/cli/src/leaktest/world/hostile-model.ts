import { createServer, type ServerResponse } from "node:http";
import type { Canaries } from "../canaries.ts";
import type { SinkPart } from "../search/search-sink.ts";
import type { HostileSite } from "./hostile-site.ts";
import { listen, readBody } from "./listen.ts";
import { type ModelAnswer, playName, plays } from "./plays.ts";

/** A model that works for the enemy: it knows every value, also those that sites renewed, and tries to make the worker say them. */
export interface HostileModel {
  /** For `MODEL_BASE_URL`. */
  readonly baseUrl: string;
  /** All that it was sent, head and body. */
  requests(): SinkPart[];
  /** Resolves when a task of this play was first asked about; rejects after `timeoutMs`. */
  asked(play: string, timeoutMs: number): Promise<void>;
  stop(): Promise<void>;
}

const triedMs = 8_000;

/** Starts a server that speaks OpenAI's chat completions, on loopback. */
export async function startHostileModel(
  canaries: Canaries,
  { sent, tried }: Pick<HostileSite, "sent" | "tried">,
): Promise<HostileModel> {
  const received: SinkPart[] = [];
  const steps = new Map<string, number>();
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  const whenAsked = (play: string) => {
    const wait = waiting.get(play) ?? Promise.withResolvers<void>();
    waiting.set(play, wait);
    return wait;
  };
  const scriptNow = () => plays({ ...canaries, values: { ...canaries.values, ...Object.fromEntries(sent) } });

  const server = createServer(async (request, response) => {
    const body = await readBody(request).catch(() => "");
    const [, play = ""] = playName.exec(body) ?? [];
    const step = steps.get(play) ?? 0;
    steps.set(play, step + 1);
    const head = `${request.method} ${request.url}\n${request.rawHeaders.join("\n")}\n\n`;
    received.push({ where: `task ${play}, request ${step + 1}`, bytes: Buffer.from(head + body) });
    whenAsked(play).resolve();
    const before = scriptNow()[play]?.[step - 1];
    if (before && "waitFor" in before && before.waitFor) await tried(before.waitFor, triedMs);
    const answers = scriptNow()[play] ?? [];
    // Asked once more, as after a connection that broke, it stays with its last answer.
    send(response, answers[step] ?? answers.at(-1) ?? { status: 404, message: "no such play" }, body);
  });
  const port = await listen(server);
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests: () => received,
    async asked(play, timeoutMs) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`the task "${play}" did not get to its model`)), timeoutMs);
      });
      await Promise.race([whenAsked(play).promise, late]).finally(() => clearTimeout(timer));
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

let callNumber = 0;

function send(response: ServerResponse, answer: ModelAnswer, asked: string): void {
  if ("hang" in answer) return;
  response.writeHead("status" in answer ? answer.status : 200, { "content-type": "application/json" });
  if ("status" in answer)
    return void response.end(
      JSON.stringify({ error: { message: answer.message, type: "refused", param: null, code: null } }),
    );
  const input = typeof answer.input === "function" ? answer.input(asked) : answer.input;
  const message = {
    role: "assistant",
    content: answer.text ?? null,
    ...(answer.call !== undefined && {
      tool_calls: [
        {
          id: `call-${++callNumber}`,
          type: "function",
          function: { name: answer.call, arguments: typeof input === "string" ? input : JSON.stringify(input) },
        },
      ],
    }),
  };
  response.end(
    JSON.stringify({
      id: "answer",
      object: "chat.completion",
      created: 0,
      model: "leaktest",
      choices: [{ index: 0, message, finish_reason: answer.call === undefined ? "stop" : "tool_calls" }],
      usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
    }),
  );
}
