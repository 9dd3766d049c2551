import type { Db } from "@stablehand/core/database";
import type { TaskId } from "@stablehand/core/ids";
import type { Logger } from "@stablehand/core/log";
import { findTasksTakenAway, type HeldTask } from "@stablehand/core/store/task-runs";

/** The tasks that this worker runs now, watched for being taken away. */
export interface HeldTasks {
  /** Starts to watch a task; `signal` is aborted once it was cancelled or another attempt has it. */
  hold(task: HeldTask): { readonly signal: AbortSignal; release(): void };
  close(): void;
}

const pollMs = 400; // cancel is to reach a running agent within a second

/** Watches with one statement each 400 ms for all held tasks together, and with none while there are none. */
export function watchHeldTasks(db: Db, log: Logger): HeldTasks {
  const held = new Map<TaskId, { readonly task: HeldTask; readonly takenAway: AbortController }>();
  let timer: NodeJS.Timeout | undefined;

  async function poll(): Promise<void> {
    const watched = [...held.values()];
    try {
      const taken = await findTasksTakenAway(
        db,
        watched.map(({ task }) => task),
      );
      for (const { task, takenAway } of watched)
        if (taken.includes(task.taskId)) takenAway.abort(new Error("the task was taken away"));
    } catch (error) {
      log.warn({ err: error }, "running tasks could not be looked at; trying again");
    }
    timer = held.size > 0 ? setTimeout(poll, pollMs) : undefined;
  }

  return {
    hold(task) {
      const takenAway = new AbortController();
      const entry = { task, takenAway };
      held.set(task.taskId, entry);
      timer ??= setTimeout(poll, pollMs);
      return {
        signal: takenAway.signal,
        release() {
          if (held.get(task.taskId) === entry) held.delete(task.taskId);
        },
      };
    },
    close() {
      clearTimeout(timer);
      held.clear();
    },
  };
}
