import { Readable } from "node:stream";
import { isTerminal, streamTaskEvents, type TaskStatus } from "@stablehand/contract";
import type { TaskEvent } from "@stablehand/core/store/task-events";
import { handlerFor } from "../handler.ts";
import { findOwnTask } from "../own-task.ts";

/** Tells one of the caller's own tasks as server-sent events, from its beginning or after `Last-Event-ID`. */
export const handleStreamTaskEvents = handlerFor(
  streamTaskEvents,
  async ({ caller, headers, params, setHeader }, context) => {
    const { eventCount, status, ...task } = await findOwnTask(context, caller, params.taskId);
    const after = Math.min(headers["last-event-id"] ?? 0, eventCount);
    // 204 tells a browser's EventSource not to come again.
    if (isTerminal(status) && after === eventCount) return null;
    const events = context.events.follow(task, after);
    setHeader("cache-control", "no-store");
    setHeader("x-accel-buffering", "no"); // nginx would hold the events back
    return Readable.from(toEventStream(events));
  },
);

async function* toEventStream(events: AsyncIterable<TaskEvent | null>): AsyncGenerator<string> {
  yield ": following\n\n"; // the headers go out with the first bytes
  for await (const event of events) {
    if (event === null) yield ": still here\n\n";
    else {
      yield format(event);
      if (isLast(event)) return;
    }
  }
}

function format({ n, type, data, at }: TaskEvent): string {
  const line = type === "status" ? JSON.stringify({ ...(JSON.parse(data) as object), at: at.toISOString() }) : data;
  return `id: ${n}\nevent: ${type}\ndata: ${line}\n\n`;
}

function isLast({ type, data }: TaskEvent): boolean {
  return type === "status" && isTerminal((JSON.parse(data) as { status: TaskStatus }).status); // the store wrote it
}
