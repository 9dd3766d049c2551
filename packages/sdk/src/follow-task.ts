import type { StepSummary, Task } from "./contract/records.ts";
import { delay } from "./delay.ts";
import { ApiError, ConnectionError } from "./errors.ts";
import { readEventStream } from "./event-stream.ts";
import type { Transport } from "./transport.ts";

/** What happened to a task. `id` goes into `lastEventId` to go on after it. */
export type TaskEvent =
  | { readonly id: string; readonly type: "step"; readonly data: StepSummary }
  | {
      readonly id: string;
      readonly type: "status";
      readonly data: Pick<Task, "status" | "error" | "errorCode"> & { readonly at: string };
    };

/** How a task is followed. */
export interface FollowOptions {
  readonly signal?: AbortSignal | undefined;
  /** Begins after this event; from the first one by default. */
  readonly lastEventId?: string | undefined;
}

/** How long to be patient with a stream. */
export interface FollowPatience {
  /** How often in a row a stream may break without having brought anything. */
  readonly breaksMax: number;
  readonly beginsWithinMs: number;
  /** The server says something every 15 s. */
  readonly silenceMsMax: number;
  readonly betweenMs: number;
}

const patienceOfFollowing: FollowPatience = {
  breaksMax: 5,
  beginsWithinMs: 10_000,
  silenceMsMax: 45_000,
  betweenMs: 1_000,
};

/** True when a task in this state will never change again. */
export function isTerminal(status: Task["status"]): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/**
 * Follows a task to its end, each event once; a stream that breaks is taken up where it broke.
 *
 * Throws what the server refuses, and ConnectionError when the stream breaks again and again.
 */
export async function* followTask(
  transport: Transport,
  taskId: string,
  { signal, lastEventId }: FollowOptions = {},
  patience: FollowPatience = patienceOfFollowing,
): AsyncGenerator<TaskEvent, void> {
  let last = lastEventId ?? null;
  for (let breaks = 0; ; await delay(patience.betweenMs, signal)) {
    let cause: unknown;
    const before = last;
    try {
      for await (const event of eventsOf(transport, taskId, last, signal, patience)) {
        if (event === "none to come") return;
        last = event.id;
        yield event;
        if (event.type === "status" && isTerminal(event.data.status)) return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ApiError && error.status < 500 && error.status !== 429) throw error;
      cause = error;
    }
    breaks = last === before ? breaks + 1 : 0;
    if (breaks > patience.breaksMax)
      throw new ConnectionError(`the events of task ${taskId} broke off ${breaks} times`, { cause });
  }
}

/** The events of one connection. */
async function* eventsOf(
  transport: Transport,
  taskId: string,
  lastEventId: string | null,
  signal: AbortSignal | undefined,
  patience: FollowPatience,
): AsyncGenerator<TaskEvent | "none to come", void> {
  const silence = new AbortController();
  const stream = await transport.follow(taskId, lastEventId, {
    signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
    timeoutMs: patience.beginsWithinMs,
    retriesMax: 0,
  });
  if (!stream) {
    yield "none to come";
    return;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listen = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), patience.silenceMsMax);
  };
  try {
    listen();
    for await (const event of readEventStream(stream)) {
      clearTimeout(timer); // whoever reads may take their time
      if (event?.id && (event.event === "step" || event.event === "status"))
        yield { id: event.id, type: event.event, data: JSON.parse(event.data) } as TaskEvent; // as the contract says
      listen();
    }
  } finally {
    clearTimeout(timer);
  }
}
