import { setTimeout as pause } from "node:timers/promises";
import { isTerminal, type StepSummary, type Task, taskRecord } from "@stablehand/contract";
import { CommandError } from "./command-error.ts";
import type { ServerClient } from "./server-client.ts";

/** What whoever follows a task is told. */
export interface TaskListener {
  step(step: StepSummary): void;
  status(status: string): void;
}

const longestMs = 12 * 3_600_000;
const pauseMs = 1_000;
const eventCharactersMax = 1_048_576;

/**
 * Follows a task to its end and gives it. A stream that breaks is taken up where it broke.
 *
 * Throws CommandError when the server refuses, is away, or when the task has not ended in 12 h.
 */
export async function followTask(server: ServerClient, taskId: string, listener: TaskListener): Promise<Task> {
  const path = `/v1/tasks/${encodeURIComponent(taskId)}`;
  const deadline = Date.now() + longestMs;
  let last = "";
  while (Date.now() < deadline) {
    const after = last === "" ? {} : { "last-event-id": last };
    try {
      const stream = await server.stream(`${path}/events`, after, AbortSignal.timeout(deadline - Date.now()));
      for await (const { id, event, data } of eventsIn(stream)) {
        last = id;
        if (event === "step") listener.step(JSON.parse(data) as StepSummary); // what the contract says
        if (event === "status") listener.status((JSON.parse(data) as { status: string }).status);
      }
    } catch (error) {
      if (error instanceof CommandError) throw error; // it was refused; what broke is taken up again
    }
    const task = readTask(await server.call("GET", path));
    if (isTerminal(task.status)) return task;
    await pause(pauseMs);
  }
  throw new CommandError(`Task ${taskId} has not ended within 12 hours. Is a worker running?`);
}

/** A task as the server told it. Throws CommandError when it is none. */
export function readTask(answer: unknown): Task {
  const { data, error } = taskRecord.safeParse(answer);
  if (!data)
    throw new CommandError("The server's answer is no task. Is it of another release than this command?", error);
  return data;
}

/** One server-sent event. */
export interface ServerEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** The events of a stream, as far as it goes; comments are left out. */
export async function* eventsIn(stream: AsyncIterable<string>): AsyncGenerator<ServerEvent> {
  let text = "";
  for await (const more of stream) {
    text += more;
    if (text.length > eventCharactersMax) throw new Error("an event is too long");
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? "";
      if (field("data") !== "") yield { id: field("id"), event: field("event"), data: field("data") };
    }
  }
}
