import { setTimeout as pause } from "node:timers/promises";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { AnySchema } from "@modelcontextprotocol/sdk/server/zod-compat.js";
import { extractorNames, isTerminal, platforms, type Task, taskModes } from "@stablehand/contract";
import { z } from "zod";

/**
 * Makes one request of the API, as whoever asks, and gives the answer's JSON.
 *
 * Rejects with a sentence that its caller may read when the API refuses: who may do what is decided there, and only there.
 */
export type CallApi = (method: "GET" | "POST", path: string, body?: object) => Promise<unknown>;

const endUserId = z.string().describe("Your id of the user on whose behalf this is done.");
const taskId = z.string().describe("As run_task and the other tools gave it.");
/** `true` says of itself that anything may stand there; `{}`, which is what zod makes of it, is taken for a mistake. */
const jsonSchema = z
  .record(z.string(), z.unknown())
  .meta({ description: "A JSON Schema for structured_content.", additionalProperties: true });
/** Less than the 60 s after which clients give up. */
const waitSecondsMax = 50;
const waitSeconds = z
  .number()
  .int()
  .min(0)
  .max(waitSecondsMax)
  .default(waitSecondsMax)
  .describe("How long to wait for the end; a task that runs longer goes on, and get_task tells how it went.");
const pollMs = 1_000;

/** Offers the tools on `server`. None of them takes or gives a credential's value: values are stored through the API. */
export function offerTools(server: McpServer, call: CallApi): void {
  const offer = <Shape extends z.ZodRawShape>(
    name: string,
    { description, inputSchema, isReading }: { description: string; inputSchema: Shape; isReading: boolean },
    run: (input: z.output<z.ZodObject<Shape>>, signal: AbortSignal) => Promise<unknown>,
  ) => {
    const strict: AnySchema = z.strictObject(inputSchema);
    const config = { description, inputSchema: strict, annotations: { readOnlyHint: isReading } };
    server.registerTool(name, config, async (input: unknown, { signal }) => {
      try {
        return told(await run(input as z.output<z.ZodObject<Shape>>, signal)); // checked by this very schema
      } catch (error) {
        const text = error instanceof Error ? error.message : "It failed.";
        return { isError: true, content: [{ type: "text", text }] };
      }
    });
  };

  offer(
    "run_task",
    {
      description:
        "Let an agent do a task in a real browser that is signed in with the end-user's stored cookies, and give its result.",
      inputSchema: {
        endUserId,
        task: z.string().describe("What is to be done, in words."),
        startUrl: z.string().optional().describe("Where to begin."),
        sessionId: z.string().optional().describe("Go on with this session; omitted, a new one begins."),
        schema: jsonSchema.optional(),
        mode: z.enum(taskModes).optional().describe("read: nothing is changed at any site. act is the default."),
        maxSteps: z.number().int().min(1).optional(),
        waitSeconds,
      },
      isReading: false,
    },
    async ({ waitSeconds: seconds, ...body }, signal) =>
      ended(call, await call("POST", "/v1/tasks", body), seconds, signal),
  );
  offer(
    "get_task",
    { description: "Read a task: its state, its steps and its result.", inputSchema: { taskId }, isReading: true },
    (input) => call("GET", `/v1/tasks/${encodeURIComponent(input.taskId)}`),
  );
  offer(
    "cancel_task",
    { description: "Cancel a task that is not finished.", inputSchema: { taskId }, isReading: false },
    (input) => call("POST", `/v1/tasks/${encodeURIComponent(input.taskId)}/cancel`),
  );
  offer(
    "credential_status",
    {
      description:
        "Say on which platforms an end-user's cookies are stored, how fresh they are and whether they last signed in.",
      inputSchema: { endUserId },
      isReading: true,
    },
    (input) => call("GET", `/v1/end-users/${encodeURIComponent(input.endUserId)}/credentials`),
  );
  offer(
    "check_credentials",
    {
      description: "Check in a real browser whether an end-user's stored cookies still sign in.",
      inputSchema: {
        endUserId,
        platforms: z.array(z.enum(platforms)).optional().describe("Omitted: all."),
        waitSeconds,
      },
      isReading: false,
    },
    async ({ endUserId: id, waitSeconds: seconds, ...body }, signal) =>
      ended(
        call,
        await call("POST", `/v1/end-users/${encodeURIComponent(id)}/credentials/check`, body),
        seconds,
        signal,
      ),
  );
  offer(
    "extract_design",
    {
      description:
        "Read the design of a public page: images, fonts, colors, icons, tokens, logo. No cookies, no model.",
      inputSchema: {
        endUserId,
        url: z.string().describe("The page, http or https."),
        extractors: z.array(z.enum(extractorNames)).optional().describe("Omitted: all."),
        waitSeconds,
      },
      isReading: false,
    },
    async ({ waitSeconds: seconds, ...body }, signal) =>
      ended(call, await call("POST", "/v1/design/extract", body), seconds, signal),
  );
}

function told(answer: unknown) {
  const structuredContent = answer as Record<string, unknown>; // every answer of the API's JSON routes is an object
  return { content: [{ type: "text" as const, text: JSON.stringify(answer) }], structuredContent };
}

/**
 * The task when it has ended, or as it is when the time is over. One that cannot be read now, because of a rate limit say, is
 * asked for again until then: it was accepted.
 */
async function ended(call: CallApi, accepted: unknown, seconds: number, signal: AbortSignal): Promise<unknown> {
  const { taskId } = accepted as { taskId: string }; // what every submission answers
  const deadline = Date.now() + seconds * 1_000;
  for (;;) {
    const isLate = Date.now() >= deadline;
    try {
      const task = (await call("GET", `/v1/tasks/${taskId}`)) as Task; // what this route answers
      if (isLate || isTerminal(task.status)) return task;
    } catch (error) {
      const reason = error instanceof Error ? error.message : "it failed";
      if (isLate) throw new Error(`Task ${taskId} was accepted, but cannot be read now: ${reason}`);
    }
    await pause(Math.max(1, Math.min(pollMs, deadline - Date.now())), undefined, { signal });
  }
}
