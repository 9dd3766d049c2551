import type { SessionList, SessionSummary, SubmitTask, Task, TaskAccepted } from "../contract/records.ts";
import { type FollowOptions, followTask, type TaskEvent } from "../follow-task.ts";
import { type ContentOf, readContent, type Schema, toJsonSchema } from "../schema.ts";
import type { CallOptions, Transport } from "../transport.ts";
import { type WaitOptions, waitForTask } from "../wait-for-task.ts";

/** A task to be done; `schema` is a JSON Schema or a Standard Schema, such as one of zod, valibot or arktype. */
export type TaskRequest<S extends Schema | undefined = Schema | undefined> = Omit<SubmitTask, "schema"> & {
  readonly schema?: S;
};

/** A task that has completed; with a schema, `structured_content` has the schema's type. */
export type CompletedTask<S = undefined> = Omit<Task, "status" | "structured_content"> & {
  readonly status: "completed";
} & (S extends undefined ? unknown : { readonly structured_content: ContentOf<S> });

/** What of the sessions is listed. */
export interface ListOptions {
  /** 50 by default, 100 at most. */
  readonly limit?: number | undefined;
  readonly endUserId?: string | undefined;
  /** Those whose latest task is so. A page may then hold fewer than `limit` and yet have a next one. */
  readonly status?: Task["status"] | undefined;
  /** As `status`: those whose latest task is of this kind. */
  readonly kind?: SessionSummary["latestKind"] | undefined;
  /** The page before's `nextCursor`. */
  readonly cursor?: string | undefined;
}

/** Options of a submission, and of the waiting after it: `signal` is for both, `timeoutMs` for the waiting. */
export type RunOptions = WaitOptions & Pick<CallOptions, "retriesMax" | "idempotencyKey">;

/** `client.tasks`. */
export interface Tasks {
  /** Submits a task and waits until it has completed. Throws TaskFailedError, TaskCancelledError and TaskTimeoutError. */
  run<const S extends Schema | undefined = undefined>(
    task: TaskRequest<S>,
    options?: RunOptions,
  ): Promise<CompletedTask<S>>;
  /** Submits a task and does not wait. Repeated attempts of one call submit one task. */
  submit(task: TaskRequest, options?: CallOptions): Promise<TaskAccepted>;
  get(taskId: string, options?: CallOptions): Promise<Task>;
  /** Sessions, the most recently active first. */
  list(which?: ListOptions, options?: CallOptions): Promise<SessionList>;
  /** Ends a task; one that is finished is returned unchanged. */
  cancel(taskId: string, options?: CallOptions): Promise<Task>;
  /** Follows a task to its end, each event once; a connection that breaks is taken up again. */
  events(taskId: string, options?: FollowOptions): AsyncGenerator<TaskEvent, void>;
}

/** Makes `client.tasks`. */
export function tasksOf(transport: Transport): Tasks {
  async function submit({ schema, ...task }: TaskRequest, options?: CallOptions): Promise<TaskAccepted> {
    const body = { ...task, ...(schema && { schema: toJsonSchema(schema) }) };
    return transport.send("submit-task", { body }, options);
  }

  return {
    submit,
    async run<const S extends Schema | undefined>(request: TaskRequest<S>, options: RunOptions = {}) {
      const { signal, retriesMax, idempotencyKey } = options;
      const { taskId } = await submit(request, { signal, retriesMax, idempotencyKey });
      const task = await waitForTask(transport, taskId, options);
      const content = request.schema && { structured_content: await readContent(request.schema, task) };
      return { ...task, ...content } as CompletedTask<S>; // completed, and read by the schema
    },
    get: (taskId, options) => transport.send("get-task", { params: { taskId } }, options),
    list({ limit, ...which } = {}, options) {
      return transport.send("list-sessions", { query: { ...which, limit: limit?.toString() } }, options);
    },
    cancel: (taskId, options) => transport.send("cancel-task", { params: { taskId } }, options),
    events: (taskId, options) => followTask(transport, taskId, options),
  };
}
